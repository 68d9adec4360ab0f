package fs

import (
	"context"
	"log/slog"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/verify/drive"
)

// fileSystem answers the kernel. It works on FUSE's own requests instead of go-fuse's
// node tree: that costs 624 bytes an inode and has one inode's attributes asked of its
// first open file, whichever version of a report that was. What the kernel may be told
// of is in table, and nothing is remembered there but keys.
//
// Locks: table.mu and those of handles are taken for a map's access alone. A report's
// lock is held while it is written. No lock is held over a look at a drive.
type fileSystem struct {
	fuse.RawFileSystem // the rest of the interface, which nobody asks for

	ctx      context.Context // ends with the mount
	cat      *catalog.Catalog
	views    views
	reports  reports
	notes    notes
	sized    sized
	table    *table
	changes  *changes
	files    handles[openFile]
	folders  handles[openFolder]
	mapped   mapped
	hung     hung
	rights   *rights // nil where nobody looks who could be denied anything
	owner    owner
	uid, gid uint32
	onlyRoot bool // allow_root: others are refused
	started  time.Time
	now      func() time.Time
	log      *slog.Logger
	kernel   kernel
}

// found is what a look-up leads to: a node, its attributes, and how long to believe them.
type found struct {
	node  node
	attr  fuse.Attr
	entry time.Duration
	valid time.Duration
}

// Lookup is asked before anything else of a name in a folder.
func (f *fileSystem) Lookup(cancel <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	if f.refuses(&in.Caller) {
		return fuse.EACCES
	}
	parent := f.table.get(in.NodeId)
	if parent == nil {
		return fuse.Status(syscall.ESTALE)
	}
	var at found
	if code := f.lookup(cancel, parent, name, &at); code != fuse.OK {
		return code
	}
	f.enter(&at, out)
	return fuse.OK
}

// lookup finds out what a name in a folder is.
func (f *fileSystem) lookup(cancel <-chan struct{}, parent *node, name string, at *found) fuse.Status {
	at.node.parent = parent.id
	switch parent.kind {
	case ownFolder:
		return f.lookupOwn(cancel, parent, name, at)
	case driveFolder:
		v := f.views.get()
		return f.lookupDrive(looker{view: v, d: v.drive(parent.drive)}, parent, name, at)
	}
	return fuse.ENOTDIR
}

// enter tells the kernel of what was found, which counts as a reference to it.
func (f *fileSystem) enter(at *found, out *fuse.EntryOut) {
	n := f.table.take(&at.node)
	out.NodeId = n.id
	out.Attr = at.attr
	out.Attr.Ino = n.inode
	n.told.set(&out.Attr)
	out.SetEntryTimeout(at.entry)
	out.SetAttrTimeout(at.valid)
}

// Forget gives back references of the kernel.
func (f *fileSystem) Forget(id, lookups uint64) { f.table.forget(id, lookups) }

// GetAttr is stat.
func (f *fileSystem) GetAttr(cancel <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	if f.refuses(&in.Caller) {
		return fuse.EACCES
	}
	n := f.table.get(in.NodeId)
	if n == nil {
		return fuse.Status(syscall.ESTALE)
	}
	switch n.kind {
	case driveFile, driveFolder:
		return f.driveGetAttr(n, &in.Caller, out)
	case ownReport:
		mode := f.reportMode(f.views.get(), n.path, n.report)
		f.ownAttr(&out.Attr, n.inode, fuse.S_IFREG|mode, n.report.size, n.report.changed)
		return fuse.OK
	}
	return f.ownGetAttr(n, out)
}

// driveGetAttr looks at the drive. A name that leads to another file by now is stale:
// the kernel then looks it up again. Who has the old file open is told of the old file.
func (f *fileSystem) driveGetAttr(n *node, asks *fuse.Caller, out *fuse.AttrOut) fuse.Status {
	v := f.views.get()
	d := v.drive(n.drive)
	info, err := f.statNode(d, n)
	if err == nil && shown(info.Kind) && d.inodeOf(n.roll, n.path, &info) == n.inode {
		valid := f.patienceWith(d, &info)
		if n.isTop() {
			valid = f.keepOut(v, n, &info, valid)
		}
		f.driveAttr(&out.Attr, n.inode, &info)
		if valid == 0 && !f.admits(asks, &out.Attr) {
			return fuse.EACCES
		}
		n.told.set(&out.Attr)
		out.SetTimeout(valid)
		return fuse.OK
	}
	if f.openAttr(n, &out.Attr) {
		return fuse.OK
	}
	switch {
	case err == nil:
		return fuse.Status(syscall.ESTALE)
	case gone(err) && n.isTop():
		f.awayFound(v, n, &out.Attr)
		return fuse.OK
	case barred(err) && n.isTop():
		f.barredAttr(&out.Attr, n.inode)
		return fuse.OK
	}
	return f.failAt(n, "looking at a file", err)
}

// statNode is one look at where a node lies.
func (f *fileSystem) statNode(d *driveView, n *node) (drive.Info, error) {
	if n.isTop() {
		return f.statTop(d, n.path)
	}
	return f.stat(d.handle, n.path)
}

// isTop is true for the folder in which a roll or a drive begins: it stays when the drive goes.
func (n *node) isTop() bool {
	return n.kind == driveFolder && (n.path == "." || n.roll != 0 && n.rel > len(n.path))
}

// inRoll is the node's path relative to its roll.
func (n *node) inRoll() string {
	if n.rel >= len(n.path) {
		return "."
	}
	return n.path[n.rel:]
}

// shown is false for what the tree leaves out: links, FIFOs, sockets, devices.
func shown(k drive.Kind) bool { return k == drive.Regular || k == drive.Folder || k == drive.Foreign }

// Access is asked where the kernel does not compare permissions itself: nobody writes, and
// whether somebody reads is decided when the drive is asked to open the file.
func (f *fileSystem) Access(cancel <-chan struct{}, in *fuse.AccessIn) fuse.Status {
	switch {
	case f.refuses(&in.Caller):
		return fuse.EACCES
	case in.Mask&fuse.W_OK != 0:
		return fuse.EROFS
	}
	return fuse.OK
}

// refuses is true for other users under allow_root, which the kernel knows as allow_other.
func (f *fileSystem) refuses(c *fuse.Caller) bool {
	return f.onlyRoot && c.Uid != 0 && c.Uid != f.uid
}

// StatFs is df: the sums of the drives, each file system once. One that is away has no
// room now.
func (f *fileSystem) StatFs(cancel <-chan struct{}, in *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	if f.refuses(&in.Caller) {
		return fuse.EACCES
	}
	counted := make(map[string]bool)
	out.Bsize, out.Frsize, out.NameLen = blockSize, blockSize, 255
	for _, d := range f.views.get().drives {
		if counted[d.fileSystem] {
			continue
		}
		r, ok := f.room(d)
		if !ok {
			continue
		}
		counted[d.fileSystem] = true
		out.Blocks += scale(r.blocks, r.size)
		out.Bfree += scale(r.free, r.size)
		out.Files += r.files
		out.Ffree += r.filesFree
	}
	out.Bavail = out.Bfree
	return fuse.OK
}

// scale counts blocks of another size in ours.
func scale(blocks uint64, size uint32) uint64 {
	if size >= blockSize {
		return blocks * uint64(size/blockSize)
	}
	return blocks / uint64(blockSize/max(size, 1))
}
