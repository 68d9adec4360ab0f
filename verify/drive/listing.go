package drive

import (
	"bytes"
	"errors"
	"slices"
)

// listing holds the names of a folder in one piece of memory: a card may have a folder
// of a million frames, and a string each would cost twice as much.
type listing struct {
	names []byte // each ended by a NUL, as the kernel takes them
	items []item
}

type item struct {
	at, size int // of the name in names
	kind     Kind
	inode    uint64
}

// maxListing bounds the memory of the listings that are kept at once, in bytes: about two
// million names. A folder beyond it cannot be read.
const maxListing = 96 << 20

var errTooMany = errors.New("too many names in a folder")

// emptied is the listing with its memory and no names in it; nil gives one that is new.
func (l *listing) emptied() *listing {
	if l == nil {
		return &listing{}
	}
	l.names, l.items = l.names[:0], l.items[:0]
	return l
}

func (l *listing) add(name []byte, kind Kind, inode uint64) {
	l.items = append(l.items, item{at: len(l.names), size: len(name), kind: kind, inode: inode})
	l.names = append(append(l.names, name...), 0)
}

func (l *listing) name(i int) []byte {
	it := &l.items[i]
	return l.names[it.at : it.at+it.size]
}

// bytes is about what the listing occupies.
func (l *listing) bytes() int { return len(l.names) + 32*len(l.items) }

func (l *listing) sort() {
	names := l.names
	slices.SortFunc(l.items, func(a, b item) int {
		return bytes.Compare(names[a.at:a.at+a.size], names[b.at:b.at+b.size])
	})
}

// entries are the names as strings, with kinds.
func (l *listing) entries() []Entry {
	entries := make([]Entry, len(l.items))
	for i, it := range l.items {
		entries[i] = Entry{Name: string(l.name(i)), Kind: it.kind, Inode: it.inode}
	}
	return entries
}
