package drive

import (
	"path"

	"golang.org/x/sys/unix"
)

// isInFileSystem compares the paths that two folders have from their file system's root:
// a mount shows any folder of it anywhere.
func isInFileSystem(dir, top string) bool {
	table := readMounts()
	below, device, ok := fromRoot(dir, table)
	above, other, found := fromRoot(top, table)
	if !ok || !found || device != other {
		return false
	}
	_, within := Relative(above, below)
	return within
}

// fromRoot is a folder's path from the root of its file system, and that one's device; ok
// is false where the mount is not told.
func fromRoot(dir string, table []mount) (from, device string, ok bool) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", "", false
	}
	defer closeFD(fd)
	var d Drive
	d.locate(fd, table)
	if d.mount.ID == 0 {
		return "", "", false
	}
	return path.Join(d.mount.Root, d.below), d.mount.Device, true
}
