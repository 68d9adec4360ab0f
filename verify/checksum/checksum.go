// Package checksum computes and spells the checksums that media hash lists record.
//
// It knows algorithms and their canonical text, and how to compute several of
// them in one pass over a reader. It knows nothing of manifests, files or verdicts.
package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/zeebo/xxh3"
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

// Sum is one checksum in canonical text: lower-case hex, most significant byte
// first (XXH32 as 8 digits); C4 as its 90-character ID.
type Sum struct {
	Algorithm Algorithm
	Digest    string
}

// String spells the sum as attributes and reports do: xxh64:0ea03b369a463d9d.
func (s Sum) String() string { return string(s.Algorithm) + ":" + s.Digest }

// sizes are the algorithms' digests in bytes.
var sizes = map[Algorithm]int{MD5: 16, SHA1: 20, XXH32: 4, XXH64: 8, XXH3: 8, XXH128: 16, C4: 64}

// Known is true for the algorithms above.
func (a Algorithm) Known() bool { return sizes[a] > 0 }

// New returns a hash of the algorithm, nil where it is not known. Its Sum is the raw
// digest, most significant byte first; for C4 that is SHA-512's.
func New(a Algorithm) hash.Hash {
	switch a {
	case MD5:
		return md5.New()
	case SHA1:
		return sha1.New()
	case XXH32:
		return newXXH32()
	case XXH64:
		return xxhash.New()
	case XXH3:
		return xxh3.New()
	case XXH128:
		return &hash128{xxh3.New()}
	case C4:
		return sha512.New()
	}
	return nil
}

// hash128 makes a hash.Hash of XXH3's 128-bit form.
type hash128 struct{ *xxh3.Hasher }

func (h *hash128) Size() int { return 16 }

func (h *hash128) Sum(b []byte) []byte {
	sum := h.Sum128().Bytes()
	return append(b, sum[:]...)
}

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
	if err != nil || len(b) != sizes[s.Algorithm] {
		return nil, fmt.Errorf("%q is no %s digest", s.Digest, s.Algorithm)
	}
	return b, nil
}

// Canonical checks a digest's text and spells it canonically: hex in any letter case, a
// C4 ID exactly.
func Canonical(a Algorithm, text string) (Sum, error) {
	s := Sum{a, text}
	if a != C4 {
		s.Digest = strings.ToLower(text)
	}
	if !a.Known() {
		return Sum{}, fmt.Errorf("%q is no known checksum algorithm", string(a))
	}
	if _, err := s.Bytes(); err != nil {
		return Sum{}, err
	}
	return s, nil
}

// Parse reads what String spells.
func Parse(text string) (Sum, error) {
	a, digest, ok := strings.Cut(text, ":")
	if !ok {
		return Sum{}, fmt.Errorf("%q is not algorithm:digest", text)
	}
	return Canonical(Algorithm(a), digest)
}

// Swap reverses the byte order of a hex digest: MHL 1.x wrote XXH64 in either.
func Swap(digest string) string {
	b := make([]byte, 0, len(digest))
	for i := len(digest) - 2; i >= 0; i -= 2 {
		b = append(b, digest[i], digest[i+1])
	}
	return string(b)
}
