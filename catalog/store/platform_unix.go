//go:build linux || darwin

package store

import (
	"errors"
	"os"
	"syscall"
)

// oNoFollow keeps a file from being opened through a symbolic link in its place.
const oNoFollow = syscall.O_NOFOLLOW

// lockFile waits until no other process has the file at path locked, and locks it. A file
// that is not there needs no lock.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|oNoFollow, 0)
	if errors.Is(err, os.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func isReadOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }

// mayEnter is nil where files in a folder can be opened by this user.
func mayEnter(dir string) error {
	const search = 1
	return syscall.Access(dir, search)
}

func ownedByRoot(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid == 0
}

// ofOurGroup is true of what belongs to the group that is often the user's alone.
func ofOurGroup(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Gid) == os.Getegid()
}

func ownedByUs(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
