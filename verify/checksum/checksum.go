// Package checksum computes and spells the checksums that media hash lists record.
//
// It knows algorithms and their canonical text, and how to compute several of
// them in one pass over a reader. It knows nothing of manifests, files or verdicts.
package checksum

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Algorithm names a checksum algorithm as attributes and reports spell it.
type Algorithm string

// The algorithms of both MHL families.
const (
	MD5    Algorithm = "md5"
	SHA1   Algorithm = "sha1"
	XXH32  Algorithm = "xxh32"
	XXH64  Algorithm = "xxh64"
	XXH3   Algorithm = "xxh3"
	XXH128 Algorithm = "xxh128"
	C4     Algorithm = "c4"
)

// Algorithms are all algorithms, in the order in which help and reports name them.
func Algorithms() []Algorithm {
	return []Algorithm{MD5, SHA1, XXH32, XXH64, XXH3, XXH128, C4}
}

// Sum is one checksum in canonical text: lower-case hex, most significant byte
// first (XXH32 as 8 digits); C4 as its 90-character ID.
type Sum struct {
	Algorithm Algorithm
	Digest    string
}

// Find is the digest of a list's first sum of an algorithm; ok is false where it has none.
func Find(list []Sum, a Algorithm) (digest string, ok bool) {
	for i := range list {
		if list[i].Algorithm == a {
			return list[i].Digest, true
		}
	}
	return "", false
}

// String spells the sum as attributes and reports do: xxh64:0ea03b369a463d9d.
func (s Sum) String() string { return string(s.Algorithm) + ":" + s.Digest }

// AppendSpelled appends a list as attributes and reports spell it, separated by spaces.
func AppendSpelled(b []byte, list []Sum) []byte {
	for i := range list {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(append(append(b, list[i].Algorithm...), ':'), list[i].Digest...)
	}
	return b
}

// Spell is a list as AppendSpelled writes it.
func Spell(list []Sum) string { return string(AppendSpelled(nil, list)) }

// Known is true for the algorithms above.
func (a Algorithm) Known() bool { return size(a) > 0 }

// Of is the checksum of bytes; the algorithm must be known.
func Of(b []byte, a Algorithm) Sum {
	h := New(a)
	h.Write(b)
	return FromBytes(a, h.Sum(nil))
}

// FromBytes spells a raw digest canonically.
func FromBytes(a Algorithm, digest []byte) Sum {
	if a == C4 {
		return Sum{C4, encodeC4(digest)}
	}
	return Sum{a, hex.EncodeToString(digest)}
}

// Bytes is the raw digest of a canonical sum.
func (s Sum) Bytes() ([]byte, error) {
	if s.Algorithm == C4 {
		return decodeC4(s.Digest)
	}
	b, err := hex.DecodeString(s.Digest)
	if err != nil || len(b) != size(s.Algorithm) {
		return nil, fmt.Errorf("%q is no %s digest", s.Digest, s.Algorithm)
	}
	return b, nil
}

// Canonical checks a digest's text and spells it canonically: hex in any letter case, a
// C4 ID exactly.
func Canonical(a Algorithm, text string) (Sum, error) {
	switch n := size(a); {
	case n == 0:
		return Sum{}, fmt.Errorf("%q is no known checksum algorithm", string(a))
	case a == C4 && isC4(text):
		return Sum{a, text}, nil
	case a != C4 && len(text) == 2*n && isHex(text):
		return Sum{a, strings.ToLower(text)}, nil
	}
	return Sum{}, fmt.Errorf("%q is no %s digest", text, a)
}

func isHex(text string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// Swap reverses the byte order of a hex digest: MHL 1.x wrote XXH64 in either.
func Swap(digest string) string {
	b := []byte(digest)
	slices.Reverse(b)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}
