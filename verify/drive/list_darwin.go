package drive

import (
	"os"

	"golang.org/x/sys/unix"
)

// readEntries reads the folder fd; kinds are looked up, one look a name.
func readEntries(fd int) ([]Entry, error) {
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(copied), "")
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(names))
	for _, name := range names {
		info, err := statAt(fd, name)
		if err == unix.ENOENT {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Name: name, Kind: info.Kind, Inode: info.Inode})
	}
	return entries, nil
}
