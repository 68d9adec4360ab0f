package drive

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// OpenWritable opens a folder of the drive for what is to be written in it, relative to
// the descriptor and without following links (openat, renameat). It is the only way
// around the read-only clone, is held beneath the drive's root like all others, and is
// refused where the drive's own path does not lead to the drive any more.
func (d *Drive) OpenWritable(folder string) (*os.File, error) {
	f, err := d.openWritable(folder)
	return f, d.explain("open for writing", folder, err)
}

func (d *Drive) openWritable(folder string) (*os.File, error) {
	if err := checkPath(folder); err != nil {
		return nil, err
	}
	if _, ok := d.foreign(folder); ok {
		return nil, ErrForeign
	}
	root, err := unix.Open(d.dir, folderOnly&^unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer closeFD(root)
	if err := d.sameRoot(root); err != nil {
		return nil, err
	}
	fd, err := openBeneath(root, folder, listFlags)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), folder), nil
}

// sameRoot refuses a folder that is not the drive's root.
func (d *Drive) sameRoot(fd int) error {
	if !d.use() {
		return ErrGone
	}
	defer d.done()
	var here, there unix.Stat_t
	if err := unix.Fstat(d.root, &here); err != nil {
		return err
	}
	if err := unix.Fstat(fd, &there); err != nil {
		return err
	}
	if here.Dev != there.Dev || here.Ino != there.Ino {
		return fmt.Errorf("%s is another folder now: %w", d.dir, unix.ESTALE)
	}
	return nil
}
