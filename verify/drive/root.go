package drive

import "errors"

// reach opens the drive's root for one use, which leave ends.
//
// Between uses nothing of the drive is held open. While a descriptor of the drive's own
// mount is open, its user's umount says that it is busy, as it does for any program; a
// footagefs that only waits must not be such a program. Each use therefore begins at the
// path of the root, and makes sure that it still leads there: an unmounted drive leaves an
// empty folder behind, and another drive may be mounted in its place.
func (d *Drive) reach() (root int, err error) {
	if !d.use() {
		return -1, ErrGone
	}
	if root, err = d.openRoot(); err != nil {
		d.done()
		return -1, err
	}
	return root, nil
}

// leave ends a use that reach began.
func (d *Drive) leave(root int) {
	closeFD(root)
	d.done()
}

// errElsewhere says that a path does not lead to the drive's root (any more).
var errElsewhere = errors.New("the path leads elsewhere")

// openRoot opens the root at its path. Where that leads elsewhere by now, and nothing tells
// of another one, the drive is gone: whoever has mounted it opens it anew.
func (d *Drive) openRoot() (int, error) {
	fd, err := d.openRootAt(*d.at.Load())
	if !errors.Is(err, errElsewhere) {
		return fd, err
	}
	if now, ok := d.movedTo(); ok {
		if fd, err := d.openRootAt(now); err == nil {
			d.at.Store(&now)
			return fd, nil
		}
	}
	d.Release()
	return -1, ErrGone
}

// openAt opens a folder of the drive; its descriptor is the caller's, to be closed soon.
func (d *Drive) openAt(path string, flags int) (int, error) {
	root, err := d.reach()
	if err != nil {
		return -1, err
	}
	defer d.leave(root)
	return openBeneath(root, path, flags)
}
