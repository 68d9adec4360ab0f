package drive

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

var (
	errWatchEnded = errors.New("the kernel tells of no more changes")
	errBadEvents  = errors.New("the kernel's news of changes cannot be read")
)

// settle is how long changes are gathered before they are told.
const settle = 100 * time.Millisecond

// Change is what a watch tells of.
type Change struct {
	// Folder (relative to the drive) is one in which an entry was made, removed, renamed,
	// written or given other attributes; "." also stands for changes anywhere, when there
	// were too many to tell. It is "" where only files are told of.
	Folder string
	// Files are the inode numbers, sorted, of files that changed by whatever name, also
	// by one outside of the drive, or by none: a hard link, a server's file handle.
	Files []uint64
}

// Watch calls changed with what changed on the drive, until ctx ends. ready is called once
// with whether the watch covers the whole drive, and whether it tells of files by their
// inode numbers, too.
//
// Reading is no change. Watch returns nil when ctx ended, ErrGone when the drive
// has gone, and another error where it cannot go on covering what it covered.
func (d *Drive) Watch(ctx context.Context, ready func(covers, byFile bool), changed func(Change)) error {
	src, covers := d.openSource()
	ready(covers, covers && src != nil && src.tellsFiles())
	if src == nil {
		return d.waitFor(ctx)
	}
	raw := make(chan []byte)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(raw)
		pump(ctx, src, raw)
	}()
	err := d.watch(ctx, src, raw, changed)
	cancel()
	src.close() // ends the reading, too
	<-ended
	return d.explain("watch", ".", err)
}

// waitFor is a watch that tells nothing.
func (d *Drive) waitFor(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-d.gone:
		return d.explain("watch", ".", ErrGone)
	}
}

// source tells of changes, one way or another.
type source interface {
	// read reads events; it returns an error once close was called.
	read(buf []byte) (int, error)
	// take adds what the events say to the changes.
	take(events []byte, c *changes) error
	// resolve finds the folders that keys of the changes stand for.
	resolve(keys map[string]struct{}) (folders map[string]struct{}, err error)
	// tellsFiles is true where changes of files are told by their inode numbers, too.
	tellsFiles() bool
	close()
}

// gather is how long the kernel may gather events between two readings that found few: one
// for each event would cost a part of a core while others write on the drive's file system.
const gather = 25 * time.Millisecond

// pump passes events on until they end.
func pump(ctx context.Context, src source, raw chan<- []byte) {
	for {
		buf := make([]byte, 16<<10)
		n, err := src.read(buf)
		if err != nil {
			return
		}
		select {
		case raw <- buf[:n]:
		case <-ctx.Done():
			return
		}
		if n < len(buf)/2 {
			select {
			case <-time.After(gather):
			case <-ctx.Done():
				return
			}
		}
	}
}

// watch gathers events and tells of them when the first has settled.
func (d *Drive) watch(ctx context.Context, src source, raw <-chan []byte, changed func(Change)) error {
	var c changes
	timer := time.NewTimer(settle)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.gone:
			return ErrGone
		case <-d.remounted:
			c.everything = true
		case events, ok := <-raw:
			if !ok {
				return errWatchEnded
			}
			if err := src.take(events, &c); err != nil {
				return err
			}
		case <-timer.C:
			c.tell(src, changed)
			c = changes{}
		}
		if !c.empty() && !c.timed {
			timer.Reset(settle)
			c.timed = true
		}
	}
}

// maxChanges is how many folders are told of one by one.
const maxChanges = 4096

// changes are those that have not been told yet.
type changes struct {
	keys       map[string]struct{}
	files      map[uint64]struct{}
	everything bool
	timed      bool // the time to tell them is set
}

func (c *changes) empty() bool { return len(c.keys)+len(c.files) == 0 && !c.everything }

// addFile adds a file by its inode number.
func (c *changes) addFile(inode uint64) {
	if c.files == nil {
		c.files = map[uint64]struct{}{}
	}
	c.files[inode] = struct{}{}
	if len(c.files) > maxChanges {
		c.everything = true
	}
}

func (c *changes) add(key string) {
	if c.keys == nil {
		c.keys = map[string]struct{}{}
	}
	c.keys[key] = struct{}{}
	if len(c.keys) > maxChanges {
		c.everything = true
	}
}

// tell calls changed for each folder, in order, and for the files.
func (c *changes) tell(src source, changed func(Change)) {
	if c.everything {
		changed(Change{Folder: "."})
		return
	}
	if len(c.files) > 0 {
		changed(Change{Files: slices.Sorted(maps.Keys(c.files))})
	}
	folders, err := src.resolve(c.keys)
	if err != nil { // out of descriptors, say: it may have been any folder
		changed(Change{Folder: "."})
		return
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		changed(Change{Folder: folder})
	}
}
