package checksum

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
)

// The constants of XXH32 (xxHash specification, seed 0).
const (
	prime1 uint32 = 2654435761
	prime2 uint32 = 2246822519
	prime3 uint32 = 3266489917
	prime4 uint32 = 668265263
	prime5 uint32 = 374761393
)

// xxh32 is XXH32 with seed 0 as a hash.Hash.
type xxh32 struct {
	lanes [4]uint32
	total uint64
	rest  [16]byte
	n     int
}

func newXXH32() *xxh32 {
	h := new(xxh32)
	h.Reset()
	return h
}

func (h *xxh32) Reset() {
	p1 := prime1
	*h = xxh32{lanes: [4]uint32{p1 + prime2, prime2, 0, -p1}}
}

func (h *xxh32) Size() int      { return 4 }
func (h *xxh32) BlockSize() int { return 16 }

func (h *xxh32) Write(b []byte) (int, error) {
	written := len(b)
	h.total += uint64(written)
	if h.n > 0 {
		k := copy(h.rest[h.n:], b)
		h.n += k
		b = b[k:]
		if h.n < 16 {
			return written, nil
		}
		h.blocks(h.rest[:])
		h.n = 0
	}
	whole := len(b) &^ 15
	h.blocks(b[:whole])
	h.n = copy(h.rest[:], b[whole:])
	return written, nil
}

func (h *xxh32) blocks(b []byte) {
	v := h.lanes
	for ; len(b) >= 16; b = b[16:] {
		v[0] = round32(v[0], binary.LittleEndian.Uint32(b))
		v[1] = round32(v[1], binary.LittleEndian.Uint32(b[4:]))
		v[2] = round32(v[2], binary.LittleEndian.Uint32(b[8:]))
		v[3] = round32(v[3], binary.LittleEndian.Uint32(b[12:]))
	}
	h.lanes = v
}

func round32(acc, in uint32) uint32 { return bits.RotateLeft32(acc+in*prime2, 13) * prime1 }

func (h *xxh32) Sum(b []byte) []byte { return binary.BigEndian.AppendUint32(b, h.sum()) }

func (h *xxh32) sum() uint32 {
	acc := prime5
	if h.total >= 16 {
		v := h.lanes
		acc = bits.RotateLeft32(v[0], 1) + bits.RotateLeft32(v[1], 7) + bits.RotateLeft32(v[2], 12) + bits.RotateLeft32(v[3], 18)
	}
	acc += uint32(h.total)
	rest := h.rest[:h.n]
	for ; len(rest) >= 4; rest = rest[4:] {
		acc = bits.RotateLeft32(acc+binary.LittleEndian.Uint32(rest)*prime3, 17) * prime4
	}
	for _, c := range rest {
		acc = bits.RotateLeft32(acc+uint32(c)*prime5, 11) * prime1
	}
	acc = (acc ^ acc>>15) * prime2
	acc = (acc ^ acc>>13) * prime3
	return acc ^ acc>>16
}

// FromDecimal reads XXH32 as MHL 1.x writes it: a decimal number of up to ten digits,
// padded with zeros or not.
func FromDecimal(text string) (Sum, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || len(text) > 10 {
		return Sum{}, fmt.Errorf("%q is no decimal xxh32", text)
	}
	return Sum{XXH32, fmt.Sprintf("%08x", n)}, nil
}

// Decimal writes XXH32 as MHL 1.x does: ten decimal digits.
func (s Sum) Decimal() (string, error) {
	b, err := s.Bytes()
	if err != nil || s.Algorithm != XXH32 {
		return "", fmt.Errorf("%s is no xxh32", s)
	}
	return fmt.Sprintf("%010d", binary.BigEndian.Uint32(b)), nil
}
