package drive

import (
	"strings"
	"syscall"
)

// Longest path that is resolved, in bytes, and longest part of it that is handed to the
// kernel at once (PATH_MAX less the terminating NUL).
const (
	maxPath = 128 << 10
	maxPart = 4095
)

// checkPath refuses what is no path beneath the root: no path given by a manifest
// or a directory can be absolute, climb, or hide a NUL.
func checkPath(path string) error {
	if len(path) > maxPath {
		return syscall.ENAMETOOLONG
	}
	if path == "." {
		return nil
	}
	if strings.IndexByte(path, 0) >= 0 {
		return syscall.EINVAL
	}
	for rest, more := path, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if name == "" || name == "." || name == ".." {
			return syscall.EINVAL
		}
	}
	return nil
}

// checkEntry refuses what is no name of one entry in a folder.
func checkEntry(name string) error {
	if name == "." || strings.IndexByte(name, '/') >= 0 {
		return syscall.EINVAL
	}
	return checkPath(name)
}

// openBeneath opens a checked path beneath the folder root: never through a symbolic
// link, never into another file system. Paths longer than the kernel takes are
// resolved in parts.
func openBeneath(root int, path string, flags int) (int, error) {
	at := root
	for len(path) > maxPart {
		cut := strings.LastIndexByte(path[:maxPart], '/')
		if cut < 0 {
			break
		}
		fd, err := openPart(at, path[:cut], folderOnly)
		if at != root {
			closeFD(at)
		}
		if err != nil {
			return -1, err
		}
		at, path = fd, path[cut+1:]
	}
	fd, err := openPart(at, path, flags)
	if at != root {
		closeFD(at)
	}
	return fd, err
}
