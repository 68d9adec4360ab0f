package fs

import (
	"context"
	"maps"
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

// folders are folders of one drive, by their paths.
type folders map[string]bool

// changes are the folders of which the kernel has to be told, a mailbox a drive. Each is
// emptied by a goroutine of its own: telling asks the drive, and one that hangs must not
// keep the kernel from hearing of the others.
type changes struct {
	mu    sync.Mutex
	boxes map[catalog.DriveID]*mailbox
	begin func(catalog.DriveID, *mailbox) // empties one that is new; nil until somebody listens
	ended bool                            // nobody tells the kernel any more
}

type mailbox struct {
	wake chan struct{}

	mu  sync.Mutex
	new folders
}

func newChanges() *changes { return &changes{boxes: make(map[catalog.DriveID]*mailbox)} }

// add never waits: who calls it watches a drive.
func (c *changes) add(d catalog.DriveID, folder string) {
	box := c.box(d)
	if box == nil {
		return
	}
	box.mu.Lock()
	box.new[folder] = true
	box.mu.Unlock()
	select {
	case box.wake <- struct{}{}:
	default:
	}
}

// box is a drive's mailbox, nil where nobody tells the kernel any more.
func (c *changes) box(d catalog.DriveID) *mailbox {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil
	}
	box := c.boxes[d]
	if box == nil {
		box = &mailbox{wake: make(chan struct{}, 1), new: make(folders)}
		c.boxes[d] = box
		if c.begin != nil {
			c.begin(d, box)
		}
	}
	return box
}

// listen has begin called for every mailbox there is, and for each that comes.
func (c *changes) listen(begin func(catalog.DriveID, *mailbox)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin = begin
	for d, box := range c.boxes {
		begin(d, box)
	}
}

// end lets later changes go by: who watches a drive may live longer than a mount of it.
func (c *changes) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended, c.boxes = true, nil
}

func (b *mailbox) take() folders {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.new
	b.new = make(folders)
	return taken
}

// tellKernel tells the kernel of all changes until ctx ends.
func (f *fileSystem) tellKernel(ctx context.Context) {
	f.changes.listen(func(d catalog.DriveID, box *mailbox) { go f.tellOfDrive(ctx, d, box) })
	<-ctx.Done()
	f.changes.end()
}

// tellOfDrive tells of every change of a drive twice: at once, and when no answer from
// before it can be on its way any more, which is tellAgain later at the soonest.
func (f *fileSystem) tellOfDrive(ctx context.Context, d catalog.DriveID, box *mailbox) {
	due, late := make(folders), make(folders) // at the next alarm, and at the one after it
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-box.wake:
			if !sleep(ctx, tellSoon) {
				return
			}
			fresh := box.take()
			f.tell(d, fresh)
			maps.Copy(late, fresh)
			if again == nil {
				again = time.After(tellAgain)
			}
		case <-again:
			f.tell(d, due)
			due, late, again = late, make(folders), nil
			if len(due) > 0 {
				again = time.After(tellAgain)
			}
		}
	}
}

// tell has the kernel drop what it remembers of these folders and what lies directly in them.
func (f *fileSystem) tell(d catalog.DriveID, where folders) {
	for _, n := range f.table.inFolders(d, where) {
		f.tellOf(n, where[n.path] || where[everything])
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
