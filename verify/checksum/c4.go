package checksum

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

// A C4 ID is "c4" and a SHA-512 digest as a number in base 58, most significant digit
// first, padded to 88 digits with the zero digit (SMPTE ST 2114).
const (
	c4Prefix   = "c4"
	c4Digits   = 88
	c4Length   = len(c4Prefix) + c4Digits
	c4Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	// c4Max is the ID of the greatest digest. The digits are in ASCII order, so that IDs
	// compare as their numbers do.
	c4Max = "c467rpwLCuS5DGA8KGZXKsVQ7dnPb9goRLoKfgGbLfQg9WoLUgNY77E2jT11fem3coV9nAkguBACzrU1iyZM4B8roQ"
)

// Ten digits are worked on at once: 58 to the tenth is what fits into 64 bits.
const (
	c4Chunk = 10
	c4Power = 430804206899405824
)

// c4Number is a SHA-512 digest as a number, least significant word first.
type c4Number [8]uint64

// divide divides by c4Power and returns the remainder.
func (n *c4Number) divide() (rest uint64) {
	for i := len(n) - 1; i >= 0; i-- {
		n[i], rest = bits.Div64(rest, n[i], c4Power)
	}
	return rest
}

// multiply multiplies by factor, adds, and drops what overflows.
func (n *c4Number) multiply(factor, add uint64) {
	for i := range n {
		high, low := bits.Mul64(n[i], factor)
		sum, carry := bits.Add64(low, add, 0)
		n[i], add = sum, high+carry
	}
}

// encodeC4 is the ID of a digest of 64 bytes.
func encodeC4(digest []byte) string {
	var n c4Number
	for i := range n {
		n[i] = binary.BigEndian.Uint64(digest[8*(len(n)-1-i):])
	}
	var id [c4Length]byte
	copy(id[:], c4Prefix)
	for end := c4Length; end > len(c4Prefix); end -= c4Chunk {
		rest := n.divide()
		for i := end - 1; i >= max(end-c4Chunk, len(c4Prefix)); i-- {
			id[i] = c4Alphabet[rest%58]
			rest /= 58
		}
	}
	return string(id[:])
}

// isC4 is true of the ID of a digest of 64 bytes.
func isC4(id string) bool {
	return len(id) == c4Length && id <= c4Max && strings.HasPrefix(id, c4Prefix) &&
		strings.Trim(id[len(c4Prefix):], c4Alphabet) == ""
}

func decodeC4(id string) ([]byte, error) {
	if !isC4(id) {
		return nil, fmt.Errorf("%q is no C4 ID", id)
	}
	var n c4Number
	for i := len(c4Prefix); i < c4Length; i += c4Chunk {
		factor, chunk := uint64(1), uint64(0)
		for _, c := range []byte(id[i:min(i+c4Chunk, c4Length)]) {
			factor *= 58
			chunk = chunk*58 + uint64(strings.IndexByte(c4Alphabet, c))
		}
		n.multiply(factor, chunk)
	}
	digest := make([]byte, 0, 64)
	for i := len(n) - 1; i >= 0; i-- {
		digest = binary.BigEndian.AppendUint64(digest, n[i])
	}
	return digest, nil
}
