package drive

import "os"

// OpenWritable opens a folder of the drive for what is to be written in it, relative to
// the descriptor and without following links (openat, renameat). Like all else it is held
// beneath the drive's root, and refused where the path does not lead to the drive any more.
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
	fd, err := d.openAt(folder, listFlags)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), folder), nil
}
