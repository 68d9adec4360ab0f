package drive

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Drive is a folder whose file system is known; everything is opened beneath it. Its methods
// may be called by several goroutines at once, also while another one releases it.
type Drive struct {
	dir  string // absolute, for messages
	name string
	fsys FileSystem
	at   atomic.Pointer[string] // the path of the root, without links in it

	held hold // counts what is open of the drive, and the users of place
	place
	clones clones

	goneOnce sync.Once
	gone     chan struct{}  // closed once the drive is gone
	free     chan struct{}  // closed once, besides, nothing of it is open
	watcher  sync.WaitGroup // the goroutine that waits for the drive to go

	remounted chan struct{} // tells Watch that something was mounted or unmounted below
	listless  atomic.Bool   // its file system keeps no access control lists
}

// Open finds out what drive dir is. As root on Linux files of it are opened from a private,
// read-only, noatime clone of its mount, so that nothing, not even an access time, is
// written to it. Between calls nothing is held that would keep it from being unmounted.
func Open(dir string) (*Drive, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening drive %s: %w", dir, err)
	}
	d := &Drive{dir: abs, gone: make(chan struct{}), free: make(chan struct{}), remounted: make(chan struct{}, 1)}
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("opening drive %s: %w", dir, err)
	}
	d.name = driveName(d.fsys.Label, abs)
	return d, nil
}

// driveName is the label as a file name, else the folder's name.
func driveName(label, dir string) string {
	label = strings.NewReplacer("/", "_", "\x00", "").Replace(label)
	if label != "" && label != "." && label != ".." {
		return label
	}
	if name := filepath.Base(dir); name != "/" {
		return name
	}
	return "root"
}

// closeWait bounds Close. Whoever lets go last of a drive that its user unmounted has the
// kernel write what others left to be written, which on a hung device does not end.
const closeWait = 2 * time.Second

// Close lets go of the drive and ends what watches over it.
func (d *Drive) Close() error {
	d.Release()
	ended := make(chan struct{})
	go func() {
		d.watcher.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(closeWait):
	}
	return nil
}

// Dir is the folder as opened, absolute, for messages only.
func (d *Drive) Dir() string { return d.dir }

// Name is the volume label where the drive is the root of its file system, else its folder's name.
func (d *Drive) Name() string { return d.name }

// FileSystem is the drive's file system as it was when the drive was opened.
func (d *Drive) FileSystem() FileSystem { return d.fsys }

// Gone is true once the drive was unplugged, unmounted or released; calls then answer ErrGone.
func (d *Drive) Gone() bool { return d.held.shut() }

// GoneC is closed once the drive is gone.
func (d *Drive) GoneC() <-chan struct{} { return d.gone }

// Free is closed once the drive is gone and nothing that was opened of it is open any more:
// it can be unmounted then.
func (d *Drive) Free() <-chan struct{} { return d.free }

// Release lets go of the drive at once (idempotent). Files and folders that were opened
// are their owners' to close.
func (d *Drive) Release() {
	d.goneOnce.Do(func() {
		// Who hears that the drive is gone must find it gone.
		unused := d.held.close()
		close(d.gone)
		d.clones.end()
		d.endWatch()
		if unused {
			d.letGo()
		}
	})
}

// use keeps what place has open from being closed until done is called, and the drive
// from being called free.
func (d *Drive) use() bool { return d.held.take() }

// done ends a use; the last one of a released drive lets go of it.
func (d *Drive) done() {
	if d.held.give() {
		d.letGo()
	}
}

func (d *Drive) letGo() {
	d.closePlace()
	close(d.free)
}
