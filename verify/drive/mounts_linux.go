package drive

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Mounts is the table of mounts of this process's namespace.
func Mounts() ([]Mount, error) {
	text, err := os.ReadFile(mountTable)
	if err != nil {
		return nil, fmt.Errorf("reading the table of mounts: %w", err)
	}
	return parseMounts(string(text)), nil
}

// Reach tells which mount a path leads to now, whatever other mounts have that path in the
// table. A link at its end is not followed. The process that serves a mount is not asked
// for the mount's own folder, so that one that is dead or does not answer can be told, too.
func Reach(path string) (Reached, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return Reached{}, fmt.Errorf("looking what is mounted at %s: %w", path, err)
	}
	r := Reached{fd: fd}
	table, err := Mounts()
	if err != nil {
		r.Close()
		return Reached{}, err
	}
	m, ok := findMount(table, mountID(fd))
	if !ok {
		r.Close()
		return Reached{}, fmt.Errorf("what is mounted at %s is not in the table of mounts", path)
	}
	at, err := os.Readlink(r.Path())
	r.Mount, r.Point = m, err == nil && at == m.Point
	return r, nil
}

// Path leads to what was reached, whatever is mounted over it or renamed meanwhile.
func (r Reached) Path() string { return "/proc/self/fd/" + strconv.Itoa(r.fd) }

// Dead is true where nobody answers for a mount of FUSE any more. Its folder has to be
// opened: what it looks like the kernel may still remember of a dead one.
func (r Reached) Dead() bool {
	fd, err := unix.Openat(r.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err == nil {
		closeFD(fd)
	}
	return err == unix.ENOTCONN
}

// Close lets go of the mount.
func (r Reached) Close() { closeFD(r.fd) }
