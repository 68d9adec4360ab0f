package drive

// Dir is a folder of a drive, opened once for many looks at what is in it: a look
// costs one call of the kernel, and it is the same folder's whatever is renamed meanwhile.
// It must be closed, or it keeps the drive busy.
type Dir struct {
	drive *Drive
	path  string
	held  hold
	fd    int
}

// OpenDir opens a folder for what is in it to be looked at by name.
func (d *Drive) OpenDir(path string) (*Dir, error) {
	fd, err := d.openFolder(path)
	if err != nil {
		return nil, d.explain("open", path, err)
	}
	f := &Dir{drive: d, path: path, fd: fd}
	f.held.open()
	return f, nil
}

// Enter opens the folder in which a path lies, for files to be looked at and opened by
// name. Unlike OpenDir it needs no right to list the folder.
func (d *Drive) Enter(path string) (*Dir, error) {
	folder, _ := Split(path)
	fd, err := d.enter(folder)
	if err != nil {
		return nil, d.explain("open", folder, err)
	}
	f := &Dir{drive: d, path: folder, fd: fd}
	f.held.open()
	return f, nil
}

func (d *Drive) enter(folder string) (int, error) {
	if err := checkPath(folder); err != nil {
		return -1, err
	}
	if !d.use() {
		return -1, ErrGone
	}
	defer d.done()
	if _, ok := d.foreign(folder); ok {
		return -1, ErrForeign
	}
	return openBeneath(d.root, folder, folderOnly)
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
		closeFD(f.fd)
	}
	return nil
}

func (f *Dir) use() bool { return !f.drive.Gone() && f.held.take() }

func (f *Dir) done() {
	if f.held.give() {
		closeFD(f.fd)
	}
}
