package fs

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"syscall"
	"testing"

	"footagefs/verify/drive"
)

func TestErrno(t *testing.T) {
	for _, c := range []struct {
		err  error
		want syscall.Errno
		hid  bool
	}{
		{nil, 0, false},
		{drive.ErrGone, syscall.EIO, false},
		{fmt.Errorf("looking at a: %w", drive.ErrGone), syscall.EIO, false},
		{drive.ErrForeign, syscall.ENOENT, false},
		{drive.ErrNotRegular, syscall.ENOENT, false},
		{context.Canceled, syscall.EINTR, false},
		{syscall.ENOENT, syscall.ENOENT, false},
		{&os.PathError{Op: "open", Path: "a", Err: syscall.EACCES}, syscall.EACCES, false},
		{syscall.ELOOP, syscall.ENOENT, false},
		{syscall.EXDEV, syscall.ENOENT, false},
		{syscall.ENODEV, syscall.EIO, true},
		{syscall.ENOTCONN, syscall.EIO, true},
		{syscall.ENOSYS, syscall.EIO, true},
		{syscall.EOPNOTSUPP, syscall.EIO, true},
		{iofs.ErrNotExist, syscall.ENOENT, false},
		{iofs.ErrPermission, syscall.EACCES, false},
		{errors.New("something else"), syscall.EIO, true},
	} {
		got, hid := errno(c.err)
		if got != c.want || hid != c.hid {
			t.Errorf("errno(%v): got %v, hid %v, want %v, hid %v", c.err, got, hid, c.want, c.hid)
		}
	}
}

// Whatever number a drive answers, the kernel never hears ENOSYS.
func TestErrnoNeverSilencesTheKernel(t *testing.T) {
	for no := syscall.Errno(1); no < 200; no++ {
		if got, _ := errno(fmt.Errorf("reading: %w", no)); got == syscall.ENOSYS || got == 0 {
			t.Errorf("errno(%d): got %v", int(no), got)
		}
	}
}
