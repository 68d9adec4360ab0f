package drive

import (
	"errors"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// origin is what a file was opened from, and what is held until it is closed: the clone,
// or, where there is none, the drive alone (an open file of its own mount keeps umount
// from succeeding by itself).
type origin struct {
	drive *Drive
	clone *clone
}

// end lets go of it.
func (o origin) end() {
	if o.clone != nil {
		o.clone.give()
	} else {
		o.drive.done()
	}
}

// beginning is an origin with the root to open from, which begun closes.
type beginning struct {
	origin
	root int
}

// begin has files opened: beneath root until begun is called, and from the folders that
// were opened beneath it until end.
func (d *Drive) begin() (beginning, error) {
	if d.cloned {
		c, err := d.takeClone()
		if err != nil {
			return beginning{}, err
		}
		return beginning{origin{d, c}, c.root}, nil
	}
	root, err := d.reach()
	return beginning{origin{drive: d}, root}, err
}

func (b beginning) begun() {
	if b.clone == nil {
		closeFD(b.root)
	}
}

// openToRead opens beneath the folder at, which is of this origin, without moving access
// times where that can be had.
func (o origin) openToRead(at int, path string, flags int) (int, error) {
	if o.clone != nil {
		return openBeneath(at, path, flags)
	}
	return o.drive.openQuietly(at, path, flags)
}

// File is a regular file opened for reading: a bare descriptor, which its owner must close,
// once. An os.File costs two allocations and four calls of the kernel more (it asks for the
// descriptor's kind, and must not be told that it never blocks), which is about what a
// small file takes to be read.
type File struct {
	fd   int
	from origin
}

// noFile is what there is with an error.
var noFile = File{fd: -1}

// Fd is the descriptor, open until Close.
func (f File) Fd() int { return f.fd }

// Close closes the descriptor.
func (f File) Close() {
	closeFD(f.fd)
	f.from.end()
}

// Again is the file, open, with another descriptor, which is to be closed as well.
func (f File) Again() (File, error) {
	fd, err := unix.FcntlInt(uintptr(f.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return noFile, err
	}
	return File{fd, f.from.again()}, nil
}

// Look is the look at the open file, comparable with those of Stat.
func (f File) Look() (Info, error) { return statFD(f.fd) }

// Read reads on from where the last Read ended.
func (f File) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(f.fd, b)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// OpenFile opens a regular file for reading and returns the look taken by its descriptor.
// Anything else is refused with ErrNotRegular before it is opened. A file on which another
// process holds a write lease answers EAGAIN.
func (d *Drive) OpenFile(path string) (File, Info, error) {
	f, info, err := d.openFile(path)
	if err != nil {
		return noFile, Info{}, d.explain("open", path, err)
	}
	return f, info, nil
}

func (d *Drive) openFile(path string) (File, Info, error) {
	from, err := d.begin()
	if err != nil {
		return noFile, Info{}, err
	}
	defer from.begun()
	info, err := d.statFrom(from.root, path)
	if err == nil {
		err = mustBeRegular(info)
	}
	var fd int
	if err == nil {
		fd, info, err = from.openRegular(path)
	}
	if err != nil {
		from.end()
		return noFile, Info{}, err
	}
	return File{fd, from.origin}, info, nil
}

func mustBeRegular(info Info) error {
	switch info.Kind {
	case Foreign:
		return ErrForeign
	case Regular:
		return nil
	}
	return ErrNotRegular
}

// openRegular opens what was seen to be a file, and may be something else by now.
func (b beginning) openRegular(path string) (int, Info, error) {
	fd, err := b.open(b.root, path)
	if err != nil {
		return -1, Info{}, err
	}
	info, err := statFD(fd)
	if err == nil && info.Kind != Regular {
		err = ErrNotRegular
	}
	if err != nil {
		closeFD(fd)
		return -1, Info{}, err
	}
	return fd, info, nil
}

// open opens a file beneath the folder at.
func (o origin) open(at int, path string) (int, error) {
	fd, err := o.openToRead(at, path, readFlags)
	if errors.Is(err, syscall.ELOOP) {
		err = ErrNotRegular // a link, put there since the look
	}
	if err != nil {
		return -1, err
	}
	// Local file systems read regular files as if O_NONBLOCK were not set; what a driver of
	// its own does with it is not known.
	if !o.drive.fsys.Local {
		if err := setBlocking(fd); err != nil {
			closeFD(fd)
			return -1, err
		}
	}
	return fd, nil
}

// OpenFile opens a regular file of the folder for reading, and returns the look at its name
// before. Anything else is refused as the drive's OpenFile does. That what was opened is
// what was looked at is to be seen by another look, at the open file.
func (f *Dir) OpenFile(name string) (File, Info, error) {
	fd, info, err := f.openFile(name)
	if err != nil {
		return noFile, Info{}, f.drive.explain("open", Join(f.path, name), err)
	}
	return fd, info, nil
}

func (f *Dir) openFile(name string) (File, Info, error) {
	info, err := f.stat(name)
	if err == nil {
		err = mustBeRegular(info)
	}
	if err != nil {
		return noFile, Info{}, err
	}
	if !f.use() {
		return noFile, Info{}, ErrGone
	}
	defer f.done()
	fd, err := f.from.open(f.fd, name)
	if err != nil {
		return noFile, Info{}, err
	}
	return File{fd, f.from.again()}, info, nil
}

// again is the origin for another file, while this one holds it.
func (o origin) again() origin {
	if o.clone != nil {
		o.clone.again()
	} else {
		o.drive.held.again()
	}
	return o
}
