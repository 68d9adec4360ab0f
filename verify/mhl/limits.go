package mhl

import (
	"fmt"

	"footagefs/verify/finding"
)

// Limits beyond which a manifest or chain is refused as unsafe. The largest honest
// manifest is that of a whole shuttle drive, some hundred thousand files; what these
// limits guard is the memory of whoever reads a hostile one.
const (
	maxBytes   = 512 << 20 // of the file
	maxEntries = 1 << 19   // files and folders of one manifest
	maxKept    = 128 << 20 // bytes of memory that one manifest's entries take
	maxPath    = 32 << 10  // bytes of one path
	maxChain   = 1 << 16   // generations of one history

	maxRollKept  = 192 << 20 // bytes of memory that all manifests of one roll take
	maxRollBytes = 1 << 30   // of all manifest files of one roll
)

// What an entry and a hash take beside their strings, on 64-bit machines.
const (
	entryCost  = 144
	hashCost   = 56
	sumCost    = 32
	stringCost = 16
)

// cost is what the entry takes in memory, in bytes.
func (e *Entry) cost() int {
	n := entryCost + len(e.Path) + len(e.Previous)
	for i := range e.Hashes {
		n += hashCost + len(e.Hashes[i].Digest)
	}
	for _, name := range e.Unknown {
		n += stringCost + len(name)
	}
	for i := range e.Content {
		n += sumCost + len(e.Content[i].Digest)
	}
	for i := range e.Structure {
		n += sumCost + len(e.Structure[i].Digest)
	}
	return n
}

// cost is what the manifest's entries take in memory, in bytes.
func (m *Manifest) cost() int {
	n := 0
	for i := range m.Entries {
		n += m.Entries[i].cost()
	}
	return n
}

func unsafeInput(format string, a ...any) *Error {
	return &Error{Code: finding.ManifestUnsafe, Msg: fmt.Sprintf(format, a...)}
}
