package fs

import (
	"strings"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/fs/tree"
)

// Attributes. Programs ask for many that nobody has: those are answered without any look
// at a drive. A name of ours is never the drive's, whatever lies there: a planted verdict
// would be believed.

// answer is what it takes to answer for attributes. Answers are used again, so that one
// costs no allocation.
type answer struct {
	subject subject
	names   []byte
	value   []byte
}

var answers = sync.Pool{New: func() any { return new(answer) }}

func (a *answer) done() {
	a.subject = subject{}
	answers.Put(a)
}

// GetXAttr answers one attribute.
func (f *fileSystem) GetXAttr(cancel <-chan struct{}, in *fuse.InHeader, name string, dest []byte) (uint32, fuse.Status) {
	a, ours := attributes[name]
	if !ours && !maybeDrives(name) {
		return 0, absent(name)
	}
	if f.refuses(&in.Caller) {
		return 0, fuse.EACCES
	}
	n := f.table.get(in.NodeId)
	if n == nil {
		return 0, fuse.ENOATTR
	}
	if !ours {
		return f.drivesXattr(n, name, dest)
	}
	if a == theMessage && !f.mayHear(n, &in.Caller) {
		return 0, fuse.ENOATTR
	}
	w := answers.Get().(*answer)
	defer w.done()
	if f.sized.take(n, name, &w.value, dest) {
		return give(w.value, dest)
	}
	if code := f.subject(n, a.needs, &w.subject); code != fuse.OK {
		return 0, code
	}
	if w.value = a.of(w.value[:0], &w.subject); len(w.value) == 0 {
		return 0, fuse.ENOATTR
	}
	f.sized.tell(n, name, w.value, dest)
	return give(w.value, dest)
}

// give copies an answer, or says how much room it needs.
func give(value, dest []byte) (uint32, fuse.Status) {
	if len(value) > len(dest) {
		return uint32(len(value)), fuse.ERANGE
	}
	copy(dest, value)
	return uint32(len(value)), fuse.OK
}

// ListXAttr names the attributes that have a value, then those of the drive's own file.
func (f *fileSystem) ListXAttr(cancel <-chan struct{}, in *fuse.InHeader, dest []byte) (uint32, fuse.Status) {
	if f.refuses(&in.Caller) {
		return 0, fuse.EACCES
	}
	n := f.table.get(in.NodeId)
	if n == nil {
		return 0, fuse.OK
	}
	if n.isTop() && f.rights != nil {
		// Names alone the kernel gives to everybody who comes this far.
		var out fuse.AttrOut
		if code := f.driveGetAttr(n, &in.Caller, &out); code != fuse.OK {
			return 0, code
		}
	}
	w := answers.Get().(*answer)
	defer w.done()
	if f.sized.take(n, "", &w.names, dest) {
		return give(w.names, dest)
	}
	if code := f.subject(n, needAll, &w.subject); code != fuse.OK {
		return 0, code
	}
	w.names = w.names[:0]
	for _, a := range inOrder {
		if w.value = a.of(w.value[:0], &w.subject); len(w.value) > 0 {
			w.names = append(append(w.names, a.name...), 0)
		}
	}
	w.names = f.drivesXattrs(n, w.names)
	f.sized.tell(n, "", w.names, dest)
	return give(w.names, dest)
}

// subject collects what attributes speak of, as far as one of them needs it.
func (f *fileSystem) subject(n *node, needs needs, s *subject) fuse.Status {
	v := f.views.get()
	var err error
	switch {
	case n.kind == ownFolder:
		s.ofFolder(v.layout.Folders[n.path])
	case n.roll != 0 && n.isTop():
		s.kind = aRoll
		var known bool
		if s.roll, known = f.cat.Roll(f.ctx, n.roll); !known {
			return fuse.Status(syscall.ESTALE)
		}
	case n.roll != 0 && n.kind == driveFolder:
		s.kind = aFolder
		if needs&needRoll != 0 {
			s.roll = v.layout.Roll(n.roll)
		}
		if needs&needFile != 0 {
			s.file, err = f.cat.Folder(f.ctx, n.roll, n.inRoll())
		}
	case n.roll != 0:
		s.kind = aFile
		if needs&needRoll != 0 {
			s.roll = v.layout.Roll(n.roll)
		}
		if needs&needFile != 0 {
			s.file, err = f.cat.File(f.ctx, n.roll, n.inRoll())
		}
	case n.drive != 0:
		s.kind = aStray
		if needs&needFile != 0 {
			s.file.Message = f.notes.message(v.version, catalog.Place{Drive: n.drive, Path: n.path})
		}
	}
	return f.failAt(n, "asking the catalog", err)
}

func (s *subject) ofFolder(dir *tree.Folder) {
	if dir == nil {
		return
	}
	s.rolls = dir.Rolls
	switch dir.Speaks {
	case tree.WithStatus:
		s.kind = aGroup
	case tree.WithFiles:
		s.kind = aGroup | counted
	}
}

// drivesXattr is an attribute that the drive's own file may carry.
func (f *fileSystem) drivesXattr(n *node, name string, dest []byte) (uint32, fuse.Status) {
	d := f.views.get().drive(n.drive)
	if n.drive == 0 || d.handle == nil || n.kind == ownLink {
		return 0, fuse.ENOATTR
	}
	value, err := d.handle.GetXattr(n.path, name)
	if err != nil {
		return 0, f.xattrError(n, err)
	}
	return give(value, dest)
}

// xattrError tells a file without attributes from a drive that is away.
func (f *fileSystem) xattrError(n *node, err error) fuse.Status {
	if !gone(err) && unsupported(err) {
		return fuse.ENOATTR // before anything is logged: a client may ask as often as it likes
	}
	code := f.failAt(n, "reading an attribute", err)
	if gone(err) || code == fuse.Status(syscall.EIO) {
		return code
	}
	return fuse.ENOATTR
}

// drivesXattrs adds the names that the drive's own file carries and that are not ours.
func (f *fileSystem) drivesXattrs(n *node, names []byte) []byte {
	d := f.views.get().drive(n.drive)
	if n.drive == 0 || d.handle == nil || n.kind == ownLink {
		return names
	}
	theirs, err := d.handle.ListXattr(n.path)
	if err != nil {
		return names
	}
	for _, name := range theirs {
		if _, ours := attributes[name]; !ours && maybeDrives(name) {
			names = append(append(names, name...), 0)
		}
	}
	return names
}

// isOurs is true for every name in our namespace, also those that have no meaning yet.
func isOurs(name string) bool {
	return strings.HasPrefix(name, xattrPrefix+"footagefs.") || name == xattrPrefix+"xdg.tags"
}
