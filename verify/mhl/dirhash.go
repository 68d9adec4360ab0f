package mhl

import (
	"bytes"
	"fmt"
	"hash"
	"slices"

	"footagefs/verify/checksum"
)

// FolderSums are a folder's directory hashes in one algorithm.
type FolderSums struct {
	Content   checksum.Sum // of what is in it: moves with the bytes of files
	Structure checksum.Sum // of names too
}

// FolderHash collects what is in a folder, to compute its directory hashes.
type FolderHash struct {
	algorithm          checksum.Algorithm
	hash               hash.Hash
	contents, children [][]byte // raw digests
}

// NewFolderHash starts an empty folder; the algorithm must be known.
func NewFolderHash(a checksum.Algorithm) *FolderHash {
	return &FolderHash{algorithm: a, hash: checksum.New(a)}
}

// AddFile adds a file by the digest of its bytes.
func (h *FolderHash) AddFile(name, digest string) error {
	sum := checksum.Sum{Algorithm: h.algorithm, Digest: digest}
	return h.add(name, sum, sum)
}

// AddFolder adds a folder by its own directory hashes.
func (h *FolderHash) AddFolder(name string, sums FolderSums) error {
	return h.add(name, sums.Content, sums.Structure)
}

func (h *FolderHash) add(name string, content, structure checksum.Sum) error {
	c, err := content.Bytes()
	if err != nil {
		return fmt.Errorf("adding %s to a directory hash: %w", name, err)
	}
	s, err := structure.Bytes()
	if err != nil {
		return fmt.Errorf("adding %s to a directory hash: %w", name, err)
	}
	h.contents = append(h.contents, c)
	h.children = append(h.children, h.digest([]byte(name), s))
	return nil
}

// digest is the raw digest of parts put together.
func (h *FolderHash) digest(parts ...[]byte) []byte {
	h.hash.Reset()
	for _, part := range parts {
		h.hash.Write(part) // never fails
	}
	return h.hash.Sum(nil)
}

// Sums computes the directory hashes of all that was added, in whatever order. The format
// wants digests sorted by their text; hex and C4 have digits in ascending order and a
// fixed length, so that raw digests sort the same.
func (h *FolderHash) Sums() FolderSums {
	slices.SortFunc(h.contents, bytes.Compare)
	slices.SortFunc(h.children, bytes.Compare)
	return FolderSums{
		Content:   checksum.FromBytes(h.algorithm, h.digest(h.contents...)),
		Structure: checksum.FromBytes(h.algorithm, h.digest(h.children...)),
	}
}
