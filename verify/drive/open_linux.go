package drive

import "golang.org/x/sys/unix"

// Flags of opening: a folder on the way, a folder to list, a file to read.
const (
	folderOnly = unix.O_PATH | unix.O_NOFOLLOW | unix.O_DIRECTORY
	listFlags  = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_DIRECTORY
	// A FIFO put in a file's place after the look must not block.
	readFlags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY
)

// beneath is what openat2 holds every path to.
const beneath = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV

// openPart opens a path that the kernel takes at once.
func openPart(at int, path string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: beneath}
	for {
		fd, err := unix.Openat2(at, path, &how)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ENOSYS, err == unix.EPERM && flags&unix.O_NOATIME == 0:
			// An old kernel; or a sandbox around us, which refuses what it does not know.
			return openByWalk(at, path, flags)
		}
		return fd, err
	}
}

func closeFD(fd int) { _ = unix.Close(fd) }
