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

// OpenDir opens a folder for its entries to be listed and looked at.
func (d *Drive) OpenDir(path string) (*Dir, error) {
	fd, err := d.openFolder(path)
	if err != nil {
		return nil, d.explain("open", path, err)
	}
	f := &Dir{drive: d, path: path, fd: fd}
	f.held.open()
	return f, nil
}

// Entries lists the folder as ReadDir does. It must not be called by two at a time.
func (f *Dir) Entries() ([]Entry, error) {
	if !f.use() {
		return nil, f.drive.explain("list", f.path, ErrGone)
	}
	defer f.done()
	entries, err := f.drive.entries(f.fd, f.path)
	return entries, f.drive.explain("list", f.path, err)
}

// Stat looks at a name in the folder, as the drive's Stat does at a path.
func (f *Dir) Stat(name string) (Info, error) {
	path := join(f.path, name)
	info, err := f.stat(path, name)
	return info, f.drive.explain("stat", path, err)
}

func (f *Dir) stat(path, name string) (Info, error) {
	if err := checkEntry(name); err != nil {
		return Info{}, err
	}
	if !f.use() {
		return Info{}, ErrGone
	}
	defer f.done()
	if _, ok := f.drive.foreign(path); ok {
		return foreignInfo, nil
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
