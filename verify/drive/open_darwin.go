package drive

import "golang.org/x/sys/unix"

// Flags of opening: a folder on the way, a folder to list, a file to read.
const (
	folderOnly = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_DIRECTORY
	listFlags  = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_DIRECTORY
	// A FIFO put in a file's place after the look must not block.
	readFlags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY
)

func openPart(at int, path string, flags int) (int, error) { return openByWalk(at, path, flags) }

func closeFD(fd int) { _ = unix.Close(fd) }
