// Package mhl reads media hash lists of both families, MHL 1.0/1.1 and ASC MHL 2.0,
// and says which recorded path is which file of a roll.
//
// It knows what manifests say and which of them can be trusted. It reads no footage,
// computes no checksum of it, and gives no verdict.
package mhl

import (
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// Format is a family of manifests as reports spell it.
type Format string

const (
	Legacy Format = "mhl1"   // MHL 1.0 and 1.1
	ASC    Format = "ascmhl" // ASC MHL 2.0
)

// Action is what an ASC MHL says a hash was recorded for; legacy hashes are Original.
type Action string

const (
	Original Action = "original"
	Verified Action = "verified"
	Failed   Action = "failed" // never a reference
)

// Hash is one recorded checksum.
type Hash struct {
	checksum.Sum
	Action Action
	// Swapped is true for XXH64 under either of its legacy names: the digest in the
	// other byte order is accepted as well, with a note.
	Swapped bool
}

// Entry is what one manifest says of one path. The dates that it gives the file and its
// checksums prove nothing and are not read.
type Entry struct {
	Path      string   // as listed
	Previous  string   // previousPath, "" where there is none
	Size      int64    // bytes; -1 where none usable is recorded
	Hashes    []Hash   // known algorithms, in the manifest's order
	Unknown   []string // names of hash elements that are not known, or whose text is no digest
	Null      bool     // a legacy null element
	Folder    bool     // a directoryhash
	Content   []checksum.Sum
	Structure []checksum.Sum
}

// Reference is an ASC manifest's reference to a nested history's manifest.
type Reference struct {
	Path string // relative to the scope
	C4   string
}

// Manifest is one manifest file, read whole; immutable.
type Manifest struct {
	Format     Format
	Digest     string // C4 of the file's bytes
	Created    time.Time
	Tool       string // name, and version where one is recorded
	Entries    []Entry
	Ignore     []string       // ignore patterns, in order
	Content    []checksum.Sum // root hash
	Structure  []checksum.Sum
	References []Reference
}

// Error says why a manifest or chain cannot be used. Code is a finding's code. What the
// drive could not read is never an Error: it says nothing about the manifest.
type Error struct {
	Code finding.Code // manifest-malformed, manifest-empty, manifest-unsafe, manifest-version, chain-mismatch
	Msg  string
	Err  error
	// Format and Digest (C4 of the bytes) are set as far as they are known all the same.
	Format Format
	Digest string
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Msg + ": " + e.Err.Error()
	}
	return e.Msg
}

func (e *Error) Unwrap() error { return e.Err }

// Finding is a problem of a manifest, a history or an entry as a value.
type Finding struct {
	finding.Finding      // its path is relative to the roll (Outside: to the drive)
	Outside         bool // it lies above the roll
}

// File is one thing found by walking a roll.
type File struct {
	Path string // relative to the roll
	Kind drive.Kind
	Size int64
}

// Loader returns the parsed manifest at a path relative to the drive. The catalog's
// remembers what it has parsed before. Errors of type *Error are findings.
type Loader func(path string) (*Manifest, error)

// Source is one manifest, or one ASC history with all its generations, read for a roll.
type Source struct {
	Path      string // the manifest, or the ascmhl folder, relative to the roll (outside it: to the drive)
	Scope     string // the folder that its paths are relative to, likewise
	Outside   bool   // it lies above the roll
	Below     bool   // it lies in a sub-folder of a roll that has none at its root
	Format    Format
	Manifests []Generation // oldest first
	Trusted   bool
	Reason    string // why it is not trusted: manifest, chain, version, unreadable
	Err       error  // what the drive answered where the reason is unreadable
	Nested    []*Source
}

// Generation is one manifest in a source.
type Generation struct {
	Number int    // ASC generation, 0 for legacy and stand-alone manifests
	Path   string // relative to the roll (outside it: to the drive)
	*Manifest
}

// ItemKind is how a path of a roll stands to its manifests.
type ItemKind uint8

const (
	Listed       ItemKind = iota + 1 // a trusted manifest lists it, and it is there
	Unlisted                         // it is there, and no manifest lists it
	Ignored                          // litter, or excluded by ignore patterns
	ManifestFile                     // a manifest, its chain, its folder's README
	Missing                          // listed and not there
	Rejected                         // the entry leads out of the roll or to a symbolic link
	Untrusted                        // covered only by a manifest that cannot be used or trusted
	Uncovered                        // no manifest covers the roll
)

// Record is one recorded checksum of an item and the manifest that records it.
type Record struct {
	Hash
	Manifest string // path of the manifest, relative to the roll (outside it: to the drive)
}

// Item is one path of a roll and all that its sources say of it.
type Item struct {
	Path       string // on the drive; as listed where Missing or Rejected
	Kind       ItemKind
	Reason     string   // path, symlink, unknown-hash, no-hash, version, manifest, chain, unreadable
	Size       int64    // recorded size, -1 where none is
	Records    []Record // trusted original and verified hashes, the manifests' order, each once
	Failed     []Record // recorded as failed: bytes that equal one are a mismatch
	SizeOnly   bool     // null entries only
	Manifest   string   // newest trusted manifest that lists it, of the oldest source
	Generation int
	// Contradiction says in one sentence which sources or entries record different
	// checksums or sizes; "" where they agree.
	Contradiction string
	Note          string // how a path or digest was matched, where not exactly
}

// Comparison is a roll's files held against its sources' lists. Nothing was read.
type Comparison struct {
	Items    []Item // sorted by the bytes of their paths
	Findings []Finding
	Listed   int // distinct files that trusted manifests list
	// Covered is false where no source covers the roll; Usable where no source
	// can be used or trusted, or all are empty.
	Covered, Usable bool
	// What reports say of the roll's manifest.
	Manifest   string
	Format     Format
	Generation int
	Created    time.Time
	Tool       string
	Oldest     string // digest of the oldest manifest: what makes copies copies

	// What CheckFolders needs to know besides.
	litter   func(name string) bool
	prefixes map[*Source]string // of sources above the roll: what comes before its files in their paths
}
