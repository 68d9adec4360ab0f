package checksum

import (
	"fmt"
	"math/big"
	"strings"
)

// A C4 ID is "c4" and a SHA-512 digest as a number in base 58, most significant digit
// first, padded to 88 digits with the zero digit (SMPTE ST 2114).
const (
	c4Prefix   = "c4"
	c4Digits   = 88
	c4Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

var base58 = big.NewInt(58)

func encodeC4(digest []byte) string {
	id := make([]byte, len(c4Prefix)+c4Digits)
	copy(id, c4Prefix)
	n, digit := new(big.Int).SetBytes(digest), new(big.Int)
	for i := len(id) - 1; i >= len(c4Prefix); i-- {
		n.DivMod(n, base58, digit)
		id[i] = c4Alphabet[digit.Int64()]
	}
	return string(id)
}

func decodeC4(id string) ([]byte, error) {
	text, ok := strings.CutPrefix(id, c4Prefix)
	if !ok || len(text) != c4Digits {
		return nil, fmt.Errorf("%q is no C4 ID", id)
	}
	n := new(big.Int)
	for i := range len(text) {
		digit := strings.IndexByte(c4Alphabet, text[i])
		if digit < 0 {
			return nil, fmt.Errorf("%q is no C4 ID", id)
		}
		n.Mul(n, base58)
		n.Add(n, big.NewInt(int64(digit)))
	}
	if n.BitLen() > 512 {
		return nil, fmt.Errorf("%q is no C4 ID", id)
	}
	return n.FillBytes(make([]byte, 64)), nil
}
