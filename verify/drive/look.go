package drive

import (
	"errors"
	"syscall"
)

// Stat looks at a path without following or opening what lies there.
func (d *Drive) Stat(path string) (Info, error) {
	info, err := d.stat(path)
	return info, d.explain("stat", path, err)
}

func (d *Drive) stat(path string) (Info, error) {
	root, err := d.reach()
	if err != nil {
		return Info{}, err
	}
	defer d.leave(root)
	return d.statFrom(root, path)
}

// statFrom looks at a path beneath the root.
func (d *Drive) statFrom(root int, path string) (Info, error) {
	if err := checkPath(path); err != nil {
		return Info{}, err
	}
	if path == "." {
		return statFD(root)
	}
	if at, ok := d.foreign(path); ok {
		if at == path {
			return foreignInfo, nil
		}
		return Info{}, ErrForeign
	}
	folder, name := Split(path)
	if folder == "." {
		return statAt(root, name)
	}
	fd, err := openBeneath(root, folder, folderOnly)
	if err != nil {
		return Info{}, err
	}
	defer closeFD(fd)
	return statAt(fd, name)
}

// foreignInfo is all that is said of a folder on which another file system is mounted:
// looking at it would ask that file system, which may be a server that is away.
var foreignInfo = Info{Kind: Foreign, Mode: syscall.S_IFDIR | 0o555, Nlink: 2}

// ReadDir lists a folder, sorted by bytes, without "." and "..".
func (d *Drive) ReadDir(path string) ([]Entry, error) {
	entries, err := d.readDir(path)
	return entries, d.explain("list", path, err)
}

func (d *Drive) readDir(path string) ([]Entry, error) {
	root, err := d.reach()
	if err != nil {
		return nil, err
	}
	defer d.leave(root)
	return d.readDirFrom(root, path)
}

func (d *Drive) readDirFrom(root int, path string) ([]Entry, error) {
	fd, err := d.openFolder(root, path)
	if err != nil {
		return nil, err
	}
	defer closeFD(fd)
	return d.entries(fd, path)
}

// entries lists the folder path, which fd is open on.
func (d *Drive) entries(fd int, path string) ([]Entry, error) {
	list, err := readListing(fd, nil)
	if err != nil {
		return nil, err
	}
	if err := d.completeKinds(fd, path, list); err != nil {
		return nil, err
	}
	return list.entries(), nil
}

// completeKinds looks at names that came without a kind, and marks what others are mounted on.
func (d *Drive) completeKinds(fd int, folder string, list *listing) error {
	kept := list.items[:0]
	for i := range list.items {
		it := &list.items[i]
		if d.anyForeign() {
			if _, ok := d.foreign(Join(folder, string(list.name(i)))); ok {
				it.kind = Foreign
			}
		}
		if it.kind == 0 {
			info, err := list.look(fd, i)
			if errors.Is(err, syscall.ENOENT) {
				continue // removed since it was listed
			}
			if err != nil {
				err = d.explain("stat", Join(folder, string(list.name(i))), err)
			}
			switch {
			case errors.Is(err, ErrGone), IsShortage(err):
				return err
			case err == nil:
				it.kind, it.inode = info.Kind, info.Inode
			} // else it stays Unknown: one name that cannot be looked at must not hide the others
		}
		kept = append(kept, *it)
	}
	list.items = kept
	return nil
}

// openFolder opens a folder beneath the root, to be listed.
func (d *Drive) openFolder(root int, path string) (int, error) {
	if err := checkPath(path); err != nil {
		return -1, err
	}
	if _, ok := d.foreign(path); ok {
		return -1, ErrForeign
	}
	return d.openQuietly(root, path, listFlags)
}
