package drive

import (
	"sync"
	"time"
)

// Where we may (as root on Linux), files are opened from a private clone of the drive's
// mount, on which the kernel writes nothing; see cloneMount. But while anything of a clone
// is open, the drive's file system lives on after its user's umount, which then succeeds at
// once, before the data is written: whoever pulls the drive now loses it. So a clone never
// exists without a descriptor of the drive's own mount, which makes umount say busy. It is
// opened before the clone is made, and closed after the clone and all that was opened from
// it. Both are there only while files are open.

// clone is such a clone and what goes with it.
type clone struct {
	drive *Drive
	own   int // the root in the drive's own mount
	root  int // the root in the clone

	// Guarded by the mutex of clones.
	users int       // files, and folders for files to be opened from
	since time.Time // when the last of them was closed
}

// clones keeps the drive's clone while there is one.
type clones struct {
	mu     sync.Mutex // never held over a call that may wait for the drive
	now    *clone
	ending bool // end will be called
}

// linger is how long a clone is kept after its last use: closing it takes as long as
// opening a small file does, and small files are opened one right after the other. It is
// less than it takes to start umount.
const linger = 500 * time.Microsecond

// takeClone is the clone to open files from, made where there is none; give ends its use.
func (d *Drive) takeClone() (*clone, error) {
	if c := d.haveClone(); c != nil {
		return c, nil
	}
	own, err := d.reach()
	if err != nil {
		return nil, err
	}
	root, err := cloneMount(own)
	if err != nil {
		d.leave(own)
		return nil, err
	}
	c := &clone{drive: d, own: own, root: root, users: 1}
	k := &d.clones
	k.mu.Lock()
	other := k.now
	if other == nil {
		k.now = c
	} else {
		other.users++ // made meanwhile
	}
	k.mu.Unlock()
	if other != nil {
		c.close()
		return other, nil
	}
	return c, nil
}

// haveClone is the clone where there is one.
func (d *Drive) haveClone() *clone {
	k := &d.clones
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now == nil || d.Gone() {
		return nil
	}
	k.now.users++
	return k.now
}

// again is another use of a clone that is in use.
func (c *clone) again() {
	k := &c.drive.clones
	k.mu.Lock()
	defer k.mu.Unlock()
	c.users++
}

// give ends a use of the clone.
func (c *clone) give() {
	k := &c.drive.clones
	k.mu.Lock()
	defer k.mu.Unlock()
	if c.users--; c.users > 0 {
		return
	}
	c.since = time.Now()
	if !k.ending {
		k.ending = true
		wait := linger
		if c.drive.Gone() {
			wait = 0
		}
		time.AfterFunc(wait, k.end)
	}
}

// end lets go of the clone when it was not used for a while.
func (k *clones) end() {
	k.mu.Lock()
	c := k.now
	if c == nil || c.users > 0 { // give begins anew
		k.ending = false
		k.mu.Unlock()
		return
	}
	if left := linger - time.Since(c.since); left > 0 && !c.drive.Gone() {
		time.AfterFunc(left, k.end)
		k.mu.Unlock()
		return
	}
	k.now, k.ending = nil, false
	k.mu.Unlock()
	c.close()
}

// close lets go of the clone first: until then umount has to say busy.
func (c *clone) close() {
	closeFD(c.root)
	c.drive.leave(c.own)
}
