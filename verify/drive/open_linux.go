package drive

import (
	"errors"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Flags of opening: a name only, a folder on the way, a folder to list, a file to read.
const (
	pathOnly   = unix.O_PATH | unix.O_NOFOLLOW
	folderOnly = unix.O_PATH | unix.O_NOFOLLOW | unix.O_DIRECTORY
	listFlags  = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_DIRECTORY
	// A FIFO put in a file's place after the look must not block.
	readFlags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY
	noAtime   = unix.O_NOATIME
)

// beneath is what openat2 holds every path to.
const beneath = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV

// noOpenat2 remembers that the kernel, or a sandbox around us, has no openat2.
var noOpenat2 atomic.Bool

func openPart(at int, path string, flags int) (int, error) {
	if noOpenat2.Load() {
		return openByWalk(at, path, flags)
	}
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: beneath}
	for {
		fd, err := unix.Openat2(at, path, &how)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ENOSYS:
			noOpenat2.Store(true)
			return openByWalk(at, path, flags)
		}
		return fd, err
	}
}

// openQuietly opens for reading without moving the access time where that is allowed.
func openQuietly(root int, path string, flags int) (int, error) {
	fd, err := openBeneath(root, path, flags|noAtime)
	if errors.Is(err, unix.EPERM) {
		return openBeneath(root, path, flags)
	}
	return fd, err
}

func closeFD(fd int) { _ = unix.Close(fd) }
