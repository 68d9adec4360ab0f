package seal

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNew renames within a folder, never over what is there.
func renameNew(dir int, from, to string) error {
	err := unix.RenameatxNp(dir, from, dir, to, unix.RENAME_EXCL)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return renameLooking(dir, from, to)
	}
	return err
}
