package fs

import (
	"errors"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// openFolder is a folder that somebody lists. The names are those at the start of the
// listing (or of the last rewind), so that offsets mean the same until its end.
type openFolder struct {
	node *node

	mu    sync.Mutex // one request at a time, as the kernel does it; held over I/O
	names []listed   // nil before the first
	ahead ahead
}

// listed is a name in a listing; its offset is its place in it, from 1.
type listed struct {
	name  string
	mode  uint32 // the type only
	inode uint64 // 0: a look tells
}

// OpenDir opens a folder. On a drive that is away that fails at once: no listing at all
// is better than an empty one.
func (f *fileSystem) OpenDir(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if f.refuses(&in.Caller) {
		return fuse.EACCES
	}
	n := f.table.get(in.NodeId)
	switch {
	case n == nil:
		return fuse.Status(syscall.ESTALE)
	case !n.kind.isFolder():
		return fuse.ENOTDIR
	case n.kind == driveFolder:
		d := f.views.get().drive(n.drive)
		if d.away() {
			return fuse.EIO
		}
		if f.patience(d) == longWhile {
			out.OpenFlags = fuse.FOPEN_CACHE_DIR | fuse.FOPEN_KEEP_CACHE
		}
	}
	out.Fh = f.folders.add(&openFolder{node: n})
	return fuse.OK
}

// ReleaseDir ends a listing.
func (f *fileSystem) ReleaseDir(in *fuse.ReleaseIn) { f.folders.remove(in.Fh) }

// ReadDir lists names.
func (f *fileSystem) ReadDir(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	return f.readDir(cancel, in, out, false)
}

// ReadDirPlus lists names with what a look-up of each would answer, so that ls -l and
// find need not ask for every name.
func (f *fileSystem) ReadDirPlus(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	return f.readDir(cancel, in, out, true)
}

func (f *fileSystem) readDir(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList, plus bool) fuse.Status {
	h := f.folders.get(in.Fh)
	if h == nil {
		return fuse.EBADF
	}
	f.cat.Used()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil || in.Offset == 0 {
		list, err := f.list(h.node)
		if err != nil {
			return f.fail("listing a folder", h.node.path, err)
		}
		h.names = list
		h.ahead.forget()
	}
	look, done := f.lookIn(cancel, h.node)
	defer done()
	first := int(min(in.Offset, uint64(len(h.names))))
	i, emit := first, f.emitName
	if plus {
		emit, look = f.emitFound, f.lookAhead(h, first).orElse(&i, look)
	}
	for i < len(h.names) && emit(look, &h.names[i], uint64(i+1), out) {
		i++
	}
	h.ahead.told = i - first
	return fuse.OK
}

// lookIn looks up names in a folder. A drive's is opened once for all of them, and no
// longer than for one request: an open folder keeps a drive from being unmounted.
func (f *fileSystem) lookIn(cancel <-chan struct{}, n *node) (look lookup, done func()) {
	if n.kind != driveFolder {
		return func(name string, at *found) fuse.Status { return f.lookup(cancel, n, name, at) }, func() {}
	}
	v := f.views.get()
	l := looker{view: v, d: v.drive(n.drive)}
	done = func() {}
	if l.d.handle != nil {
		if dir, err := l.d.handle.OpenDir(n.path); err == nil {
			l.dir, done = dir, func() { dir.Close() }
		}
	}
	return func(name string, at *found) fuse.Status {
		at.node.parent = n.id
		return f.lookupDrive(l, n, name, at)
	}, done
}

// list is every name in a folder, "." and ".." first.
func (f *fileSystem) list(n *node) ([]listed, error) {
	up := n.inode
	if parent := f.table.get(n.up()); parent != nil {
		up = parent.inode
	}
	names := []listed{{".", fuse.S_IFDIR, n.inode}, {"..", fuse.S_IFDIR, up}}
	if n.kind == driveFolder {
		return f.listDrive(n, names)
	}
	dir := f.views.get().layout.Folders[n.path]
	if dir == nil {
		return nil, syscall.ENOENT
	}
	for i := range dir.Items {
		names = append(names, listed{name: dir.Items[i].Name, mode: modeOf(dir.Items[i].Kind)})
	}
	return names, nil
}

func modeOf(k tree.Kind) uint32 {
	switch k {
	case tree.LinkItem:
		return fuse.S_IFLNK
	case tree.ReportItem, tree.EmptyItem:
		return fuse.S_IFREG
	}
	return fuse.S_IFDIR
}

// listDrive lists a folder of a drive: what is shown of it, and a link for every roll
// that lies in it. A folder of another file system is shown empty.
func (f *fileSystem) listDrive(n *node, names []listed) ([]listed, error) {
	v := f.views.get()
	d := v.drive(n.drive)
	if d.handle == nil {
		return nil, drive.ErrGone
	}
	entries, err := d.handle.ReadDir(n.path)
	if errors.Is(err, drive.ErrForeign) {
		return names, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range entries {
		e := &entries[i]
		if !shown(e.Kind) && e.Kind != drive.Unknown {
			continue
		}
		name := listed{name: e.Name, mode: fuse.S_IFDIR}
		switch e.Kind {
		case drive.Regular:
			name.mode = fuse.S_IFREG
		case drive.Unknown: // it is there, as a native listing shows
			name.mode = 0
		}
		if library, ok := v.layout.RollIn(n.drive, n.path, e.Name); ok && n.roll == 0 {
			if library == "" {
				continue
			}
			name.mode = fuse.S_IFLNK
		} else if d.strong {
			name.inode = d.inodeOf(n.roll, tree.Join(n.path, e.Name), &drive.Info{Kind: e.Kind, Inode: e.Inode})
		}
		names = append(names, name)
	}
	return names, nil
}

// emitName adds a name with its inode number, which must be the one that stat will tell.
// It is false where the answer has no room left.
func (f *fileSystem) emitName(look lookup, e *listed, off uint64, out *fuse.DirEntryList) bool {
	entry := fuse.DirEntry{Name: e.name, Mode: e.mode, Ino: e.inode, Off: off}
	if e.inode == 0 {
		var at found
		if code := look(e.name, &at); code == fuse.OK {
			entry.Ino = at.attr.Ino
		}
	}
	return out.AddDirEntry(entry)
}

// emitFound adds a name with all that is known of it. A name that is gone since the
// listing began is left out; one that cannot be looked at is listed without attributes.
func (f *fileSystem) emitFound(look lookup, e *listed, off uint64, out *fuse.DirEntryList) bool {
	entry := fuse.DirEntry{Name: e.name, Mode: e.mode, Ino: e.inode, Off: off}
	if e.name == "." || e.name == ".." {
		return out.AddDirLookupEntry(entry) != nil
	}
	var at found
	code := look(e.name, &at)
	switch code {
	case fuse.ENOENT:
		return true
	case fuse.OK:
		entry.Ino, entry.Mode = at.attr.Ino, at.attr.Mode
	}
	to := out.AddDirLookupEntry(entry)
	if to != nil && code == fuse.OK {
		f.enter(&at, to)
	}
	return to != nil
}

// FsyncDir has nothing to do.
func (f *fileSystem) FsyncDir(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status { return fuse.OK }
