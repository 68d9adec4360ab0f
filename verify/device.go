package verify

import (
	"errors"
	"sync"
	"time"

	"footagefs/verify/drive"
)

// A verdict speaks of the device. What programs wrote to the drive since it was plugged in
// may be in memory only, and may never get to the device: a cable that comes loose, a full
// or failing disk. So what such a program left in memory is not what is read.

// ErrInMemory says that pages of a file which changed since the drive was plugged in are
// kept in memory by a program, and that they cannot be read around.
var ErrInMemory = errors.New("another program keeps it in memory as it was written, and what the device holds cannot be read")

// synced is one writing out of a whole drive: of all files at once it costs the device one
// flush, where each file's own would cost one a file.
type synced struct {
	once sync.Once
	at   time.Time // when it began
}

// flushed has what was written to the drive be on the device, once a run; it is when that
// began. An error is no file's in particular: it shows where the file is read.
func (p *pool) flushed() time.Time {
	p.sync.once.Do(func() {
		p.sync.at = time.Now()
		_ = p.d.Sync()
	})
	return p.sync.at
}

// onDevice prepares the reading of a file that may have changed since the drive was
// plugged in, so that the device is read. It returns how the file is read around pages
// that cannot be dropped; nil where it is read as any other.
func (rd *reader) onDevice(f drive.File, look drive.Info) (*around, error) {
	if !rd.suspect(look) {
		return nil, nil
	}
	since := rd.flushed().Add(-coarseGrain)
	changed := time.Unix(0, max(look.ModTime, look.ChangeTime))
	left, err := settleOnDevice(f.Fd(), changed.After(since))
	fsys := rd.d.FileSystem()
	if err != nil || left == nothingLeft || !fsys.Local { // of a driver or server more cannot be had
		return nil, err
	}
	if readsAround[fsys.Kind] {
		if a, ok := newAround(f.Fd()); ok {
			return a, nil
		}
	}
	if left == maybeLeft { // its pages were dropped, unless somebody maps them
		return nil, nil
	}
	return nil, ErrInMemory
}

// leftInMemory is what memory still holds of a file whose pages were to be dropped.
type leftInMemory int

const (
	nothingLeft leftInMemory = iota
	maybeLeft                // the kernel does not tell, as of files that are not ours to write
	somethingLeft
)

// readsAround are the file systems that read the device where they are asked to. Others
// answer from memory all the same where it suits them: btrfs does, where the device's bytes
// are not those of its own checksums.
var readsAround = map[string]bool{"ext2": true, "ext3": true, "ext4": true, "xfs": true, "f2fs": true, "vfat": true, "exfat": true}
