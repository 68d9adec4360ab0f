package drive

import "golang.org/x/sys/unix"

// StatFS is the size of the file system for df: blocks and free blocks of blockSize
// bytes, files and free files.
func (d *Drive) StatFS() (blocks, free, files, filesFree uint64, blockSize uint32, err error) {
	var st unix.Statfs_t
	if err := d.statFS(&st); err != nil {
		return 0, 0, 0, 0, 0, d.explain("statfs", ".", err)
	}
	return st.Blocks, st.Bfree, st.Files, st.Ffree, unit(&st), nil
}

func (d *Drive) statFS(st *unix.Statfs_t) error {
	root, err := d.reach()
	if err != nil {
		return err
	}
	defer d.leave(root)
	for {
		if err := unix.Fstatfs(root, st); err != unix.EINTR {
			return err
		}
	}
}
