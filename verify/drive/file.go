package drive

import (
	"errors"
	"syscall"
)

// File is a regular file opened for reading: a bare descriptor, which its owner must close,
// once. An os.File costs two allocations and four calls of the kernel more (it asks for the
// descriptor's kind, and must not be told that it never blocks), which is about what a
// small file takes to be read.
type File struct{ fd int }

// Fd is the descriptor, open until Close.
func (f File) Fd() int { return f.fd }

// Close closes the descriptor.
func (f File) Close() { closeFD(f.fd) }

// Look is the look at the open file, comparable with those of Stat.
func (f File) Look() (Info, error) { return statFD(f.fd) }

// OpenFile opens a regular file of the folder for reading, and returns the look at its name
// before. Anything else is refused as the drive's OpenFile does. That what was opened is
// what was looked at is to be seen by another look, at the open file.
func (f *Dir) OpenFile(name string) (File, Info, error) {
	fd, info, err := f.openFile(name)
	if err != nil {
		return File{-1}, Info{}, f.drive.explain("open", Join(f.path, name), err)
	}
	return File{fd}, info, nil
}

func (f *Dir) openFile(name string) (int, Info, error) {
	info, err := f.stat(name)
	switch {
	case err != nil:
		return -1, Info{}, err
	case info.Kind == Foreign:
		return -1, Info{}, ErrForeign
	case info.Kind != Regular:
		return -1, Info{}, ErrNotRegular
	}
	if !f.use() {
		return -1, Info{}, ErrGone
	}
	defer f.done()
	fd, err := f.drive.openQuietly(f.fd, name, readFlags)
	if errors.Is(err, syscall.ELOOP) {
		err = ErrNotRegular // a link, put there since the look
	}
	if err != nil {
		return -1, Info{}, err
	}
	// Local file systems read regular files as if O_NONBLOCK were not set; what a driver of
	// its own does with it is not known.
	if !f.drive.fsys.Local {
		if err := setBlocking(fd); err != nil {
			closeFD(fd)
			return -1, Info{}, err
		}
	}
	return fd, info, nil
}
