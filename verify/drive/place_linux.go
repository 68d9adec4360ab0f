package drive

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// place is where the drive is: what of the system stands for it.
type place struct{}

func (d *Drive) open() error {
	fd, err := unix.Open(d.dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	d.root = fd
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return err
	}
	return nil
}

func (d *Drive) letGo() { closeFD(d.root) }

func (d *Drive) here() bool { return true }

func (d *Drive) foreign(path string) (string, bool) { return "", false }

func (d *Drive) openQuietly(path string, flags int) (int, error) {
	return openQuietly(d.root, path, flags)
}

func noMedium(errno syscall.Errno) bool { return errno == syscall.ENOMEDIUM }
