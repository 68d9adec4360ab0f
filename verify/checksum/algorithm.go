package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha512"
	"hash"

	"github.com/cespare/xxhash/v2"
	"github.com/zeebo/xxh3"
)

// facts are what is to be known of an algorithm.
type facts struct {
	algorithm Algorithm
	size      int              // of the digest, in bytes
	cost      int              // of hashing, in picoseconds a byte, about
	new       func() hash.Hash // its Sum is the digest, most significant byte first
	kernel    *kernel          // nil where several streams at once take as long as one by one
}

// table has all algorithms.
var table = [...]facts{
	{MD5, 16, 1300, func() hash.Hash { return md5.New() }, md5Lanes()},
	{SHA1, 20, 520, func() hash.Hash { return sha1.New() }, nil},
	{XXH32, 4, 160, func() hash.Hash { return newXXH32() }, nil},
	{XXH64, 8, 80, func() hash.Hash { return xxhash.New() }, nil},
	{XXH3, 8, 40, func() hash.Hash { return xxh3.New() }, nil},
	{XXH128, 16, 40, func() hash.Hash { return &hash128{xxh3.New()} }, nil},
	{C4, 64, 1650, func() hash.Hash { return sha512.New() }, sha512Lanes()},
}

// place is the algorithm's index in table, -1 where it is not known.
func place(a Algorithm) int {
	for i := range table {
		if table[i].algorithm == a {
			return i
		}
	}
	return -1
}

// size is the length of the algorithm's digest in bytes, 0 where it is not known.
func size(a Algorithm) int {
	if i := place(a); i >= 0 {
		return table[i].size
	}
	return 0
}

// New returns a hash of the algorithm, nil where it is not known. Its Sum is the raw
// digest, most significant byte first; for C4 that is SHA-512's.
func New(a Algorithm) hash.Hash {
	if i := place(a); i >= 0 {
		return table[i].new()
	}
	return nil
}

// Lanes is how many streams one core hashes at once in little more than the time that one
// alone takes, where several goroutines use one Reader; 1 where there is nothing to gain.
func (a Algorithm) Lanes() int {
	if i := place(a); i >= 0 && table[i].kernel != nil {
		return laneCount
	}
	return 1
}

// hash128 makes a hash.Hash of XXH3's 128-bit form.
type hash128 struct{ *xxh3.Hasher }

func (h *hash128) Size() int { return 16 }

func (h *hash128) Sum(b []byte) []byte {
	sum := h.Sum128().Bytes()
	return append(b, sum[:]...)
}
