package drive

// Dir is a folder of a drive, opened once for many looks at what is in it: a look
// costs one call of the kernel, and it is the same folder's whatever is renamed meanwhile.
// It must be closed, or it keeps the drive busy.
type Dir struct {
	drive *Drive
	path  string
	from  origin // of files that are opened by name
	held  hold
	fd    int
}

// OpenDir opens a folder for what is in it to be looked at by name.
func (d *Drive) OpenDir(path string) (*Dir, error) {
	root, err := d.reach()
	if err == nil {
		defer closeFD(root)
		var fd int
		if fd, err = d.openFolder(root, path); err == nil {
			return newDir(d, path, fd, origin{drive: d}), nil
		}
		d.done()
	}
	return nil, d.explain("open", path, err)
}

// Enter opens the folder in which a path lies, for files to be looked at and opened by
// name. Unlike OpenDir it needs no right to list the folder.
func (d *Drive) Enter(path string) (*Dir, error) {
	folder, _ := Split(path)
	from, err := d.begin()
	if err == nil {
		defer from.begun()
		var fd int
		if fd, err = d.enter(from.root, folder); err == nil {
			return newDir(d, folder, fd, from.origin), nil
		}
		from.end()
	}
	return nil, d.explain("open", folder, err)
}

func (d *Drive) enter(root int, folder string) (int, error) {
	if err := checkPath(folder); err != nil {
		return -1, err
	}
	if _, ok := d.foreign(folder); ok {
		return -1, ErrForeign
	}
	return openBeneath(root, folder, folderOnly)
}

func newDir(d *Drive, path string, fd int, from origin) *Dir {
	f := &Dir{drive: d, path: path, from: from, fd: fd}
	f.held.open()
	return f
}

// Stat looks at a name in the folder, as the drive's Stat does at a path.
func (f *Dir) Stat(name string) (Info, error) {
	info, err := f.stat(name)
	if err != nil {
		return info, f.drive.explain("stat", Join(f.path, name), err)
	}
	return info, nil
}

func (f *Dir) stat(name string) (Info, error) {
	if err := checkEntry(name); err != nil {
		return Info{}, err
	}
	if !f.use() {
		return Info{}, ErrGone
	}
	defer f.done()
	if f.drive.anyForeign() {
		if _, ok := f.drive.foreign(Join(f.path, name)); ok {
			return foreignInfo, nil
		}
	}
	return statAt(f.fd, name)
}

// Close lets go of the folder; further calls answer ErrGone.
func (f *Dir) Close() error {
	if f.held.close() {
		f.letGo()
	}
	return nil
}

func (f *Dir) use() bool { return !f.drive.Gone() && f.held.take() }

func (f *Dir) done() {
	if f.held.give() {
		f.letGo()
	}
}

func (f *Dir) letGo() {
	closeFD(f.fd)
	f.from.end()
}
