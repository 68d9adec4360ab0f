#include "textflag.h"

// MD5 (RFC 1321) of eight streams at once: lane i of each register is stream i's.
// Y0 to Y3 are the state; R8 to R13, SI and DI point to the streams, BX is how far they
// have been read; AX points to the stored state, DX to the constants. The words of a
// block of all streams are on the stack, the first word of all eight, then the second, ...

// LOAD reads eight words of each stream and stores them word by word.
#define LOAD(from, to) \
	VMOVDQU    from(R8)(BX*1), Y0   \
	VMOVDQU    from(R9)(BX*1), Y1   \
	VMOVDQU    from(R10)(BX*1), Y2  \
	VMOVDQU    from(R11)(BX*1), Y3  \
	VMOVDQU    from(R12)(BX*1), Y4  \
	VMOVDQU    from(R13)(BX*1), Y5  \
	VMOVDQU    from(SI)(BX*1), Y6   \
	VMOVDQU    from(DI)(BX*1), Y7   \
	VPUNPCKLDQ Y1, Y0, Y8           \
	VPUNPCKHDQ Y1, Y0, Y9           \
	VPUNPCKLDQ Y3, Y2, Y10          \
	VPUNPCKHDQ Y3, Y2, Y11          \
	VPUNPCKLDQ Y5, Y4, Y12          \
	VPUNPCKHDQ Y5, Y4, Y13          \
	VPUNPCKLDQ Y7, Y6, Y14          \
	VPUNPCKHDQ Y7, Y6, Y15          \
	VPUNPCKLQDQ Y10, Y8, Y0         \
	VPUNPCKHQDQ Y10, Y8, Y1         \
	VPUNPCKLQDQ Y11, Y9, Y2         \
	VPUNPCKHQDQ Y11, Y9, Y3         \
	VPUNPCKLQDQ Y14, Y12, Y4        \
	VPUNPCKHQDQ Y14, Y12, Y5        \
	VPUNPCKLQDQ Y15, Y13, Y6        \
	VPUNPCKHQDQ Y15, Y13, Y7        \
	VPERM2I128 $0x20, Y4, Y0, Y8    \
	VPERM2I128 $0x20, Y5, Y1, Y9    \
	VPERM2I128 $0x20, Y6, Y2, Y10   \
	VPERM2I128 $0x20, Y7, Y3, Y11   \
	VPERM2I128 $0x31, Y4, Y0, Y12   \
	VPERM2I128 $0x31, Y5, Y1, Y13   \
	VPERM2I128 $0x31, Y6, Y2, Y14   \
	VPERM2I128 $0x31, Y7, Y3, Y15   \
	VMOVDQU    Y8, (to+0)(SP)       \
	VMOVDQU    Y9, (to+32)(SP)      \
	VMOVDQU    Y10, (to+64)(SP)     \
	VMOVDQU    Y11, (to+96)(SP)     \
	VMOVDQU    Y12, (to+128)(SP)    \
	VMOVDQU    Y13, (to+160)(SP)    \
	VMOVDQU    Y14, (to+192)(SP)    \
	VMOVDQU    Y15, (to+224)(SP)

// ADD begins a step: constant and word are added while the function waits for b.
#define ADD(a, word, constant) \
	VPBROADCASTD (constant*4)(DX), Y4 \
	VPADDD       (word*32)(SP), Y4, Y4 \
	VPADDD       Y4, a, a

// TURN ends a step: a, to which all has been added, is turned left, and b is added.
#define TURN(a, b, left, right) \
	VPSLLD $left, a, Y4  \
	VPSRLD $right, a, a  \
	VPOR   Y4, a, a      \
	VPADDD b, a, a

// The steps of the four rounds; Y15 has all bits set.
#define STEP_F(a, b, c, d, word, constant, left, right) \
	ADD(a, word, constant) \
	VPXOR  c, d, Y5   \
	VPAND  b, Y5, Y5  \
	VPXOR  d, Y5, Y5  \
	VPADDD Y5, a, a   \
	TURN(a, b, left, right)

#define STEP_G(a, b, c, d, word, constant, left, right) \
	ADD(a, word, constant) \
	VPANDN c, d, Y5   \
	VPADDD Y5, a, a   \
	VPAND  b, d, Y6   \
	VPADDD Y6, a, a   \
	TURN(a, b, left, right)

#define STEP_H(a, b, c, d, word, constant, left, right) \
	ADD(a, word, constant) \
	VPXOR  c, d, Y5   \
	VPXOR  b, Y5, Y5  \
	VPADDD Y5, a, a   \
	TURN(a, b, left, right)

#define STEP_I(a, b, c, d, word, constant, left, right) \
	ADD(a, word, constant) \
	VPXOR  d, Y15, Y5 \
	VPOR   b, Y5, Y5  \
	VPXOR  c, Y5, Y5  \
	VPADDD Y5, a, a   \
	TURN(a, b, left, right)

// func md5Blocks(state *[4][8]uint32, streams *[8]*byte, blocks int, constants *[64]uint32)
TEXT ·md5Blocks(SB), NOSPLIT, $512-32
	MOVQ streams+8(FP), AX
	MOVQ 0(AX), R8
	MOVQ 8(AX), R9
	MOVQ 16(AX), R10
	MOVQ 24(AX), R11
	MOVQ 32(AX), R12
	MOVQ 40(AX), R13
	MOVQ 48(AX), SI
	MOVQ 56(AX), DI
	MOVQ state+0(FP), AX
	MOVQ blocks+16(FP), CX
	MOVQ constants+24(FP), DX
	XORQ BX, BX

block:
	LOAD(0, 0)
	LOAD(32, 256)
	VMOVDQU  0(AX), Y0
	VMOVDQU  32(AX), Y1
	VMOVDQU  64(AX), Y2
	VMOVDQU  96(AX), Y3
	VPCMPEQD Y15, Y15, Y15

	STEP_F(Y0, Y1, Y2, Y3, 0, 0, 7, 25)
	STEP_F(Y3, Y0, Y1, Y2, 1, 1, 12, 20)
	STEP_F(Y2, Y3, Y0, Y1, 2, 2, 17, 15)
	STEP_F(Y1, Y2, Y3, Y0, 3, 3, 22, 10)
	STEP_F(Y0, Y1, Y2, Y3, 4, 4, 7, 25)
	STEP_F(Y3, Y0, Y1, Y2, 5, 5, 12, 20)
	STEP_F(Y2, Y3, Y0, Y1, 6, 6, 17, 15)
	STEP_F(Y1, Y2, Y3, Y0, 7, 7, 22, 10)
	STEP_F(Y0, Y1, Y2, Y3, 8, 8, 7, 25)
	STEP_F(Y3, Y0, Y1, Y2, 9, 9, 12, 20)
	STEP_F(Y2, Y3, Y0, Y1, 10, 10, 17, 15)
	STEP_F(Y1, Y2, Y3, Y0, 11, 11, 22, 10)
	STEP_F(Y0, Y1, Y2, Y3, 12, 12, 7, 25)
	STEP_F(Y3, Y0, Y1, Y2, 13, 13, 12, 20)
	STEP_F(Y2, Y3, Y0, Y1, 14, 14, 17, 15)
	STEP_F(Y1, Y2, Y3, Y0, 15, 15, 22, 10)
	STEP_G(Y0, Y1, Y2, Y3, 1, 16, 5, 27)
	STEP_G(Y3, Y0, Y1, Y2, 6, 17, 9, 23)
	STEP_G(Y2, Y3, Y0, Y1, 11, 18, 14, 18)
	STEP_G(Y1, Y2, Y3, Y0, 0, 19, 20, 12)
	STEP_G(Y0, Y1, Y2, Y3, 5, 20, 5, 27)
	STEP_G(Y3, Y0, Y1, Y2, 10, 21, 9, 23)
	STEP_G(Y2, Y3, Y0, Y1, 15, 22, 14, 18)
	STEP_G(Y1, Y2, Y3, Y0, 4, 23, 20, 12)
	STEP_G(Y0, Y1, Y2, Y3, 9, 24, 5, 27)
	STEP_G(Y3, Y0, Y1, Y2, 14, 25, 9, 23)
	STEP_G(Y2, Y3, Y0, Y1, 3, 26, 14, 18)
	STEP_G(Y1, Y2, Y3, Y0, 8, 27, 20, 12)
	STEP_G(Y0, Y1, Y2, Y3, 13, 28, 5, 27)
	STEP_G(Y3, Y0, Y1, Y2, 2, 29, 9, 23)
	STEP_G(Y2, Y3, Y0, Y1, 7, 30, 14, 18)
	STEP_G(Y1, Y2, Y3, Y0, 12, 31, 20, 12)
	STEP_H(Y0, Y1, Y2, Y3, 5, 32, 4, 28)
	STEP_H(Y3, Y0, Y1, Y2, 8, 33, 11, 21)
	STEP_H(Y2, Y3, Y0, Y1, 11, 34, 16, 16)
	STEP_H(Y1, Y2, Y3, Y0, 14, 35, 23, 9)
	STEP_H(Y0, Y1, Y2, Y3, 1, 36, 4, 28)
	STEP_H(Y3, Y0, Y1, Y2, 4, 37, 11, 21)
	STEP_H(Y2, Y3, Y0, Y1, 7, 38, 16, 16)
	STEP_H(Y1, Y2, Y3, Y0, 10, 39, 23, 9)
	STEP_H(Y0, Y1, Y2, Y3, 13, 40, 4, 28)
	STEP_H(Y3, Y0, Y1, Y2, 0, 41, 11, 21)
	STEP_H(Y2, Y3, Y0, Y1, 3, 42, 16, 16)
	STEP_H(Y1, Y2, Y3, Y0, 6, 43, 23, 9)
	STEP_H(Y0, Y1, Y2, Y3, 9, 44, 4, 28)
	STEP_H(Y3, Y0, Y1, Y2, 12, 45, 11, 21)
	STEP_H(Y2, Y3, Y0, Y1, 15, 46, 16, 16)
	STEP_H(Y1, Y2, Y3, Y0, 2, 47, 23, 9)
	STEP_I(Y0, Y1, Y2, Y3, 0, 48, 6, 26)
	STEP_I(Y3, Y0, Y1, Y2, 7, 49, 10, 22)
	STEP_I(Y2, Y3, Y0, Y1, 14, 50, 15, 17)
	STEP_I(Y1, Y2, Y3, Y0, 5, 51, 21, 11)
	STEP_I(Y0, Y1, Y2, Y3, 12, 52, 6, 26)
	STEP_I(Y3, Y0, Y1, Y2, 3, 53, 10, 22)
	STEP_I(Y2, Y3, Y0, Y1, 10, 54, 15, 17)
	STEP_I(Y1, Y2, Y3, Y0, 1, 55, 21, 11)
	STEP_I(Y0, Y1, Y2, Y3, 8, 56, 6, 26)
	STEP_I(Y3, Y0, Y1, Y2, 15, 57, 10, 22)
	STEP_I(Y2, Y3, Y0, Y1, 6, 58, 15, 17)
	STEP_I(Y1, Y2, Y3, Y0, 13, 59, 21, 11)
	STEP_I(Y0, Y1, Y2, Y3, 4, 60, 6, 26)
	STEP_I(Y3, Y0, Y1, Y2, 11, 61, 10, 22)
	STEP_I(Y2, Y3, Y0, Y1, 2, 62, 15, 17)
	STEP_I(Y1, Y2, Y3, Y0, 9, 63, 21, 11)

	VPADDD  0(AX), Y0, Y0
	VPADDD  32(AX), Y1, Y1
	VPADDD  64(AX), Y2, Y2
	VPADDD  96(AX), Y3, Y3
	VMOVDQU Y0, 0(AX)
	VMOVDQU Y1, 32(AX)
	VMOVDQU Y2, 64(AX)
	VMOVDQU Y3, 96(AX)
	ADDQ    $64, BX
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET
