package fs

import (
	"context"
	"errors"
	iofs "io/fs"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/verify/drive"
)

// errno is what the kernel is told of an error; hid is true where that says less than
// the error did. It never answers ENOSYS: the kernel would not ask again as long as the
// mount lives, and one such answer to a question for an attribute silences them all.
func errno(err error) (code syscall.Errno, hid bool) {
	if err == nil {
		return 0, false // before anything is allocated
	}
	var no syscall.Errno
	switch {
	case errors.Is(err, drive.ErrGone):
		return syscall.EIO, false
	case errors.Is(err, drive.ErrForeign), errors.Is(err, drive.ErrNotRegular):
		return syscall.ENOENT, false // neither is shown
	case errors.Is(err, context.Canceled):
		return syscall.EINTR, false
	case errors.As(err, &no):
		return plain(no)
	case errors.Is(err, iofs.ErrNotExist):
		return syscall.ENOENT, false
	case errors.Is(err, iofs.ErrPermission):
		return syscall.EACCES, false
	}
	return syscall.EIO, true
}

// plain passes on the numbers that a program which reads files knows what to do with,
// and makes EIO of the rest: a network that is down, a device that was pulled out.
func plain(no syscall.Errno) (code syscall.Errno, hid bool) {
	switch no {
	case syscall.ENOENT, syscall.EACCES, syscall.EPERM, syscall.EIO, syscall.EINTR, syscall.ENOTDIR, syscall.EISDIR,
		syscall.ENAMETOOLONG, syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ESTALE, syscall.EROFS, syscall.ERANGE:
		return no, false
	case syscall.ELOOP, syscall.EXDEV: // a link or another file system on the way: not shown
		return syscall.ENOENT, false
	case syscall.Errno(fuse.ENOATTR):
		return no, false
	}
	return syscall.EIO, true
}

// failAt is fail for what a node stands for. One that is not at its path any more is stale:
// the kernel looks the name up again then, and finds what is there by now. A day folder
// that was renamed on the drive is not gone for a moment that way.
func (f *fileSystem) failAt(n *node, doing string, err error) fuse.Status {
	code := f.fail(doing, n.path, err)
	if code == fuse.ENOENT || code == fuse.ENOTDIR {
		return fuse.Status(syscall.ESTALE)
	}
	return code
}

// fail is errno as go-fuse wants it; what it hides goes to the log.
func (f *fileSystem) fail(doing, path string, err error) fuse.Status {
	code, hid := errno(err)
	if hid {
		f.log.Warn(doing, "path", path, "error", err)
	}
	return fuse.Status(code)
}
