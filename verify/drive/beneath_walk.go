package drive

import (
	"strings"

	"golang.org/x/sys/unix"
)

// openByWalk is openat2 by hand: it opens name by name without following links, and
// refuses to enter another device. It is what there is where the kernel has no openat2.
func openByWalk(at int, path string, flags int) (int, error) {
	device, err := deviceID(at)
	if err != nil {
		return -1, err
	}
	from := at
	for {
		name, rest, more := strings.Cut(path, "/")
		want := flags
		if more {
			want = folderOnly
		}
		fd, err := openName(from, name, want)
		if from != at {
			closeFD(from)
		}
		if err != nil {
			return -1, err
		}
		if dev, err := deviceID(fd); err != nil || dev != device {
			closeFD(fd)
			if err == nil {
				err = unix.EXDEV
			}
			return -1, err
		}
		if !more {
			return fd, nil
		}
		from, path = fd, rest
	}
}

func openName(at int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(at, name, flags|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// deviceID is the device number of what fd is open on.
func deviceID(fd int) (uint64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	return uint64(st.Dev), nil
}
