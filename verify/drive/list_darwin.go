package drive

import (
	"os"

	"golang.org/x/sys/unix"
)

// readListing reads the folder fd and sorts its names by bytes; kinds are left out.
// The listing is list, made anew, or another one where that is nil.
func readListing(fd int, list *listing) (*listing, error) {
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
	list = list.emptied()
	for _, name := range names {
		list.add([]byte(name), 0, 0)
	}
	if list.bytes() > maxListing {
		return nil, errTooMany
	}
	list.sort()
	return list, nil
}

// look looks at the i-th name in the folder fd.
func (l *listing) look(fd, i, flags int) (Info, error) {
	return statAt(fd, string(l.name(i)), flags)
}
