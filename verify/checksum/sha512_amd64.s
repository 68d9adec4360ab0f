#include "textflag.h"

// SHA-512 (FIPS 180-4) of eight streams at once: lane i of each register is stream i's.
// Z0 to Z7 are the state, Z8 to Z23 the last sixteen words of the message schedule;
// R8 to R13, SI and DI point to the streams, BX is how far they have been read; AX points
// to the stored state, DX to the constants.

// swap turns the byte order of each word.
DATA swap<>+0(SB)/8, $0x0001020304050607
DATA swap<>+8(SB)/8, $0x08090a0b0c0d0e0f
GLOBL swap<>(SB), RODATA|NOPTR, $16

// LOAD reads eight words of each stream into w0 to w7, word by word. Z0 has the byte order.
#define LOAD(from, w0, w1, w2, w3, w4, w5, w6, w7) \
	VMOVDQU64   from(R8)(BX*1), w0    \
	VMOVDQU64   from(R9)(BX*1), w1    \
	VMOVDQU64   from(R10)(BX*1), w2   \
	VMOVDQU64   from(R11)(BX*1), w3   \
	VMOVDQU64   from(R12)(BX*1), w4   \
	VMOVDQU64   from(R13)(BX*1), w5   \
	VMOVDQU64   from(SI)(BX*1), w6    \
	VMOVDQU64   from(DI)(BX*1), w7    \
	VPUNPCKLQDQ w1, w0, Z24           \
	VPUNPCKHQDQ w1, w0, Z25           \
	VPUNPCKLQDQ w3, w2, Z26           \
	VPUNPCKHQDQ w3, w2, Z27           \
	VPUNPCKLQDQ w5, w4, Z28           \
	VPUNPCKHQDQ w5, w4, Z29           \
	VPUNPCKLQDQ w7, w6, Z30           \
	VPUNPCKHQDQ w7, w6, Z31           \
	VSHUFI64X2  $0x88, Z26, Z24, w0   \
	VSHUFI64X2  $0xdd, Z26, Z24, w1   \
	VSHUFI64X2  $0x88, Z30, Z28, w2   \
	VSHUFI64X2  $0xdd, Z30, Z28, w3   \
	VSHUFI64X2  $0x88, Z27, Z25, w4   \
	VSHUFI64X2  $0xdd, Z27, Z25, w5   \
	VSHUFI64X2  $0x88, Z31, Z29, w6   \
	VSHUFI64X2  $0xdd, Z31, Z29, w7   \
	VSHUFI64X2  $0x88, w2, w0, Z24    \
	VSHUFI64X2  $0x88, w6, w4, Z25    \
	VSHUFI64X2  $0x88, w3, w1, Z26    \
	VSHUFI64X2  $0x88, w7, w5, Z27    \
	VSHUFI64X2  $0xdd, w2, w0, Z28    \
	VSHUFI64X2  $0xdd, w6, w4, Z29    \
	VSHUFI64X2  $0xdd, w3, w1, Z30    \
	VSHUFI64X2  $0xdd, w7, w5, Z31    \
	VPSHUFB     Z0, Z24, w0           \
	VPSHUFB     Z0, Z25, w1           \
	VPSHUFB     Z0, Z26, w2           \
	VPSHUFB     Z0, Z27, w3           \
	VPSHUFB     Z0, Z28, w4           \
	VPSHUFB     Z0, Z29, w5           \
	VPSHUFB     Z0, Z30, w6           \
	VPSHUFB     Z0, Z31, w7

// ROUND leaves in h the next round's a, and in d its e. The bits of a VPTERNLOGQ constant
// are the results for all values of its three operands: 0x96 is the exclusive or, 0xca
// chooses by the first, 0xe8 is the majority.
#define ROUND(a, b, c, d, e, f, g, h, word, constant) \
	VPADDQ.BCST (constant*8)(CX), word, Z24 \
	VPADDQ      Z24, h, h             \
	VPRORQ      $14, e, Z25           \
	VPRORQ      $18, e, Z26           \
	VPRORQ      $41, e, Z27           \
	VPTERNLOGQ  $0x96, Z27, Z26, Z25  \
	VMOVDQA64   e, Z28                \
	VPTERNLOGQ  $0xca, g, f, Z28      \
	VPADDQ      Z28, h, h             \
	VPADDQ      Z25, h, h             \
	VPADDQ      h, d, d               \
	VPRORQ      $28, a, Z29           \
	VPRORQ      $34, a, Z30           \
	VPRORQ      $39, a, Z31           \
	VPTERNLOGQ  $0x96, Z31, Z30, Z29  \
	VMOVDQA64   a, Z28                \
	VPTERNLOGQ  $0xe8, c, b, Z28      \
	VPADDQ      Z29, Z28, Z28         \
	VPADDQ      Z28, h, h

// EXTEND makes of the word of sixteen rounds ago the next one.
#define EXTEND(w0, w1, w9, w14) \
	VPRORQ     $1, w1, Z24            \
	VPRORQ     $8, w1, Z25            \
	VPSRLQ     $7, w1, Z26            \
	VPTERNLOGQ $0x96, Z26, Z25, Z24   \
	VPADDQ     w9, w0, w0             \
	VPRORQ     $19, w14, Z27          \
	VPRORQ     $61, w14, Z28          \
	VPSRLQ     $6, w14, Z29           \
	VPTERNLOGQ $0x96, Z29, Z28, Z27   \
	VPADDQ     Z24, w0, w0            \
	VPADDQ     Z27, w0, w0

// func sha512Blocks(state *[8][8]uint64, streams *[8]*byte, blocks int, constants *[80]uint64)
TEXT ·sha512Blocks(SB), NOSPLIT, $0-32
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
	MOVQ constants+24(FP), DX
	XORQ BX, BX

block:
	VBROADCASTI32X4 swap<>(SB), Z0
	LOAD(0, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15)
	LOAD(64, Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23)
	VMOVDQU64 0(AX), Z0
	VMOVDQU64 64(AX), Z1
	VMOVDQU64 128(AX), Z2
	VMOVDQU64 192(AX), Z3
	VMOVDQU64 256(AX), Z4
	VMOVDQU64 320(AX), Z5
	VMOVDQU64 384(AX), Z6
	VMOVDQU64 448(AX), Z7
	MOVQ      DX, CX

	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, 0)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z9, 1)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z10, 2)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z11, 3)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z12, 4)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z13, 5)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z14, 6)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z15, 7)
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z16, 8)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z17, 9)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z18, 10)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z19, 11)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z20, 12)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z21, 13)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z22, 14)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z23, 15)
	LEAQ 640(DX), R14

sixteen:
	ADDQ $128, CX
	CMPQ CX, R14
	JEQ  done

	EXTEND(Z8, Z9, Z17, Z22)
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, 0)
	EXTEND(Z9, Z10, Z18, Z23)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z9, 1)
	EXTEND(Z10, Z11, Z19, Z8)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z10, 2)
	EXTEND(Z11, Z12, Z20, Z9)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z11, 3)
	EXTEND(Z12, Z13, Z21, Z10)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z12, 4)
	EXTEND(Z13, Z14, Z22, Z11)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z13, 5)
	EXTEND(Z14, Z15, Z23, Z12)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z14, 6)
	EXTEND(Z15, Z16, Z8, Z13)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z15, 7)
	EXTEND(Z16, Z17, Z9, Z14)
	ROUND(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z16, 8)
	EXTEND(Z17, Z18, Z10, Z15)
	ROUND(Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z17, 9)
	EXTEND(Z18, Z19, Z11, Z16)
	ROUND(Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z18, 10)
	EXTEND(Z19, Z20, Z12, Z17)
	ROUND(Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z19, 11)
	EXTEND(Z20, Z21, Z13, Z18)
	ROUND(Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z20, 12)
	EXTEND(Z21, Z22, Z14, Z19)
	ROUND(Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z21, 13)
	EXTEND(Z22, Z23, Z15, Z20)
	ROUND(Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z22, 14)
	EXTEND(Z23, Z8, Z16, Z21)
	ROUND(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z23, 15)
	JMP sixteen

done:
	VPADDQ    0(AX), Z0, Z0
	VPADDQ    64(AX), Z1, Z1
	VPADDQ    128(AX), Z2, Z2
	VPADDQ    192(AX), Z3, Z3
	VPADDQ    256(AX), Z4, Z4
	VPADDQ    320(AX), Z5, Z5
	VPADDQ    384(AX), Z6, Z6
	VPADDQ    448(AX), Z7, Z7
	VMOVDQU64 Z0, 0(AX)
	VMOVDQU64 Z1, 64(AX)
	VMOVDQU64 Z2, 128(AX)
	VMOVDQU64 Z3, 192(AX)
	VMOVDQU64 Z4, 256(AX)
	VMOVDQU64 Z5, 320(AX)
	VMOVDQU64 Z6, 384(AX)
	VMOVDQU64 Z7, 448(AX)
	ADDQ      $128, BX
	DECQ      blocks+16(FP)
	JNZ       block
	VZEROUPPER
	RET
