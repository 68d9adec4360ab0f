package fs

import (
	"context"
	"sync"
	"time"

	"footagefs/catalog"
	"footagefs/fs/tree"
)

// Where a watch tells of changes, the kernel keeps names, attributes and listings for
// long, and is told in turn to drop what a change may concern.

const (
	tellSoon  = 20 * time.Millisecond  // changes come in bursts
	tellAgain = 500 * time.Millisecond // an answer from before the change may have been on its way
	lookEach  = time.Second            // for drives that came or went without a word
)

// everything stands for all folders of a drive.
const everything = "."

// places are folders of drives.
type places map[catalog.DriveID]map[string]bool

func (p places) add(d catalog.DriveID, folder string) {
	if p[d] == nil {
		p[d] = make(map[string]bool)
	}
	p[d][folder] = true
}

func (p places) addAll(q places) {
	for d, folders := range q {
		for folder := range folders {
			p.add(d, folder)
		}
	}
}

// changes are the places of which the kernel has to be told.
type changes struct {
	wake chan struct{}

	mu    sync.Mutex
	new   places
	ended bool // nobody tells the kernel any more
}

func newChanges() *changes { return &changes{wake: make(chan struct{}, 1), new: make(places)} }

// add never waits: who calls it watches a drive.
func (c *changes) add(d catalog.DriveID, folder string) {
	c.mu.Lock()
	if !c.ended {
		c.new.add(d, folder)
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end lets later changes go by: who watches a drive may live longer than a mount of it.
func (c *changes) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended, c.new = true, nil
}

func (c *changes) take() places {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.new
	c.new = make(places)
	return taken
}

// tellKernel tells of every change twice: at once, and when no answer from before it can
// be on its way any more, which is tellAgain later at the soonest.
func (f *fileSystem) tellKernel(ctx context.Context) {
	defer f.changes.end()
	due, late := make(places), make(places) // at the next alarm, and at the one after it
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.changes.wake:
			if !sleep(ctx, tellSoon) {
				return
			}
			fresh := f.changes.take()
			f.tell(fresh)
			late.addAll(fresh)
			if again == nil {
				again = time.After(tellAgain)
			}
		case <-again:
			f.tell(due)
			due, late, again = late, make(places), nil
			if len(due) > 0 {
				again = time.After(tellAgain)
			}
		}
	}
}

// tell has the kernel drop what it remembers of these folders and what lies directly in them.
func (f *fileSystem) tell(where places) {
	for d, folders := range where {
		for _, n := range f.table.inFolders(d, folders) {
			f.tellOf(n, folders[n.path] || folders[everything])
		}
	}
}

// tellOf has the kernel ask for a node's attributes again, and drop its listing where that
// changed. A name is dropped where it leads elsewhere by now: that of a folder would give
// its old listing, that of an open file the old file's attributes.
func (f *fileSystem) tellOf(n *node, listing bool) {
	switch n.kind {
	case driveFolder:
		f.kernel.askAgain(n)
		if listing {
			f.kernel.server.InodeNotify(n.id, 0, 0)
		}
		if !f.stillThere(n) {
			f.dropName(n)
		}
	case driveFile:
		f.kernel.askAgain(n)
		if f.table.isOpen(n) && !f.stillThere(n) {
			f.dropName(n)
		}
	}
}

func (f *fileSystem) dropName(n *node) {
	_, name := tree.Split(n.path)
	if !n.isTop() {
		f.kernel.server.EntryNotify(n.up(), name)
	}
}

// stillThere is true where a node's path leads to what it led to, as the node it was.
func (f *fileSystem) stillThere(n *node) bool {
	v := f.views.get()
	dir, name := tree.Split(n.path)
	if _, link := v.layout.RollIn(n.drive, dir, name); link && n.roll == 0 {
		return false
	}
	d := v.drive(n.drive)
	info, err := d.stat(n.path)
	return err == nil && d.inodeOf(n.roll, n.path, &info) == n.inode
}

// followDrives notices drives that come, go, or are no longer watched, and rolls that
// appear: all that was promised to hold for long is then taken back.
func (f *fileSystem) followDrives(ctx context.Context) {
	old := f.views.get()
	for ctx.Err() == nil {
		quiet, cancel := context.WithTimeout(ctx, lookEach)
		f.cat.Wait(quiet, old.version)
		cancel()
		v := f.views.again()
		for id, d := range v.drives {
			was := old.drive(id)
			if was.watched && (!d.watched || d.handle != was.handle || d.away() != was.away()) {
				f.changes.add(id, everything)
			}
		}
		for _, place := range tree.Moved(old.layout, v.layout) {
			f.changes.add(place.Drive, place.Path)
		}
		old = v
		if !sleep(ctx, tellSoon) {
			return
		}
	}
}

// sleep is false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
