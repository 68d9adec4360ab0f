package drive

import (
	"strings"

	"golang.org/x/sys/unix"
)

// ListXattr lists the names of a regular file's or folder's own attributes.
func (d *Drive) ListXattr(path string) ([]string, error) {
	var names []string
	err := d.opened(path, func(fd int) error {
		list, err := growing(func(b []byte) (int, error) { return unix.Flistxattr(fd, b) })
		for _, name := range strings.Split(string(list), "\x00") {
			if name != "" {
				names = append(names, name)
			}
		}
		return err
	})
	return names, d.explain("listxattr", path, err)
}

// GetXattr is the value of a regular file's or folder's own attribute; ENOATTR says that
// there is none of that name.
func (d *Drive) GetXattr(path, name string) ([]byte, error) {
	var value []byte
	err := d.opened(path, func(fd int) (err error) {
		value, err = growing(func(b []byte) (int, error) { return unix.Fgetxattr(fd, name, b) })
		return err
	})
	return value, d.explain("getxattr", path, err)
}

// opened calls fn with a descriptor of the regular file or folder at path.
func (d *Drive) opened(path string, fn func(fd int) error) error {
	info, err := d.stat(path)
	if err != nil {
		return err
	}
	if info.Kind != Regular && info.Kind != Folder {
		return unix.ENOATTR
	}
	root, err := d.reach()
	if err != nil {
		return err
	}
	defer d.leave(root)
	fd, err := openBeneath(root, path, readFlags)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	return fn(fd)
}
