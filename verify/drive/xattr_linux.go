package drive

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ListXattr lists the names of a file's or folder's own attributes, prefix included.
// Where the file system keeps none the list is empty.
func (d *Drive) ListXattr(path string) ([]string, error) {
	var names []string
	err := d.atHandle(path, func(handle string) error {
		list, err := growing(func(b []byte) (int, error) { return unix.Listxattr(handle, b) })
		for _, name := range strings.Split(string(list), "\x00") {
			if name != "" {
				names = append(names, name)
			}
		}
		return err
	})
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	return names, d.explain("listxattr", path, err)
}

// GetXattr is the value of a file's or folder's own attribute. ENODATA says that there is
// none of that name, ENOTSUP that the file system keeps none.
func (d *Drive) GetXattr(path, name string) ([]byte, error) {
	var value []byte
	err := d.atHandle(path, func(handle string) (err error) {
		value, err = growing(func(b []byte) (int, error) { return unix.Getxattr(handle, name, b) })
		return err
	})
	return value, d.explain("getxattr", path, err)
}

// atHandle calls fn with a name for what lies at path. It is a descriptor's, opened for its
// path only, so that neither a FIFO nor a device is opened, nor the right to read needed.
func (d *Drive) atHandle(path string, fn func(handle string) error) error {
	if err := checkPath(path); err != nil {
		return err
	}
	if _, ok := d.foreign(path); ok {
		return ErrForeign
	}
	root, err := d.reach()
	if err != nil {
		return err
	}
	defer d.leave(root)
	fd, err := openBeneath(root, path, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	return fn("/proc/self/fd/" + strconv.Itoa(fd))
}
