package fs

import (
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// A walk over a folder is work for two: while the kernel takes over what it was told of
// some hundred names, the names after them are looked up.

// aheadFor is how long a look ahead is believed. It is well below tellAgain: of a change
// after the look the kernel is told again when it has the answer.
const aheadFor = tellAgain / 5

// How many names are looked up ahead: as many as were told of last, within these bounds.
const (
	leastAhead = 128
	mostAhead  = 1024
)

// lookup looks up a name in a folder.
type lookup func(name string, at *found) fuse.Status

// ahead looks up names of a listing before they are asked for. It is guarded by its
// folder's lock.
type ahead struct {
	told    int // how many names the last answer had
	sights  sights
	spare   []looked
	running sync.WaitGroup
}

// sights are what was found at successive places of a listing.
type sights struct {
	from  int
	names []listed
	found []looked
	began time.Time
}

type looked struct {
	at   found
	code fuse.Status
}

// lookAhead takes what was looked up ahead, and begins to look up what a listing will
// be asked for next, after its answer at a place. The caller holds h.mu.
func (f *fileSystem) lookAhead(h *openFolder, place int) sights {
	a := &h.ahead
	a.running.Wait()
	known := a.sights
	a.sights, a.spare = sights{found: a.spare[:0]}, known.found
	n := min(max(a.told, leastAhead), mostAhead)
	if from := place + n; h.node.kind == driveFolder && from < len(h.names) {
		look, done := f.lookIn(nil, h.node)
		a.begin(look, done, from, h.names[from:min(from+n, len(h.names))])
	}
	return known
}

// begin looks up names, the first of which has the place from, and calls done.
func (a *ahead) begin(look lookup, done func(), from int, names []listed) {
	list := a.sights.found
	if cap(list) < len(names) {
		list = make([]looked, len(names), len(names)+len(names)/4)
	}
	list = list[:len(names)]
	a.sights = sights{from, names, list, time.Now()}
	a.running.Go(func() {
		defer done()
		for i := range names {
			list[i] = looked{}
			list[i].code = look(names[i].name, &list[i].at)
		}
	})
}

// forget lets go of what was looked up: the listing is another one now.
func (a *ahead) forget() {
	a.running.Wait()
	a.told, a.sights = 0, sights{}
}

// orElse looks up the name at a place of the listing, where that was not done already, or
// too long ago.
func (l sights) orElse(place *int, look lookup) lookup {
	if time.Since(l.began) > aheadFor {
		return look
	}
	return func(name string, at *found) fuse.Status {
		i := *place - l.from
		if i < 0 || i >= len(l.found) || l.names[i].name != name {
			return look(name, at)
		}
		*at = l.found[i].at
		return l.found[i].code
	}
}
