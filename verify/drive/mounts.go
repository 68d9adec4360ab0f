package drive

import (
	"strconv"
	"strings"
)

// Mount is a line of the system's table of mounts: one file system at one place. On macOS
// ID and Parent are 0.
type Mount = mount

// Reached is the mount that a path leads to. Until it is closed, the mount's number can
// be given to no other, and the mount cannot be unmounted but lazily.
type Reached struct {
	Mount Mount
	Point bool // the path is where it is mounted, not a place inside it
	fd    int
}

// Upon is a file system that is mounted over m or in one of its folders, and so would be
// taken away with it. Other mounts of m's own file system are none.
func Upon(table []Mount, m Mount) (Mount, bool) {
	for _, sub := range table {
		if sub.Parent != m.ID || sub.ID == m.ID {
			continue
		}
		if sub.Device != m.Device {
			return sub, true
		}
		if other, ok := Upon(table, sub); ok {
			return other, true
		}
	}
	return Mount{}, false
}

// Owner is the user who mounted a file system of FUSE; ok is false where the table does
// not say.
func (m mount) Owner() (uid int, ok bool) {
	for option := range strings.SplitSeq(m.Super, ",") {
		if id, found := strings.CutPrefix(option, "user_id="); found {
			uid, err := strconv.Atoi(id)
			return uid, err == nil
		}
	}
	return 0, false
}
