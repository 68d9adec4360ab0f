package fs

import (
	"errors"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// What lies on the drives: the folders and files of rolls, exactly as on the card, and
// below Drives all the rest.

// looker looks at names in one folder of a drive.
type looker struct {
	view *view
	d    *driveView
	dir  *drive.Dir // where many names are looked at, else nil
}

// statName is one look at a name in the folder.
func (f *fileSystem) statName(l looker, path, name string) (drive.Info, error) {
	if l.dir == nil {
		return f.stat(l.d.handle, path)
	}
	info, err := l.dir.Stat(name)
	if err == nil && f.rights != nil {
		showPlain(&info, l.dir.Access(name, &info))
	}
	return info, err
}

// lookupDrive finds a name in a folder of a drive.
func (f *fileSystem) lookupDrive(l looker, parent *node, name string, at *found) fuse.Status {
	f.table.touch(parent)
	if code, decided := f.rollLink(l.view, parent, name, at); decided {
		return code
	}
	path := tree.Join(parent.path, name)
	info, err := f.statName(l, path, name)
	switch {
	case err != nil:
		return f.fail("looking up a file", path, err)
	case !shown(info.Kind):
		return fuse.ENOENT
	}
	f.driveFound(l.d, parent, path, &info, at)
	return fuse.OK
}

// driveFound describes what lies in a folder of a drive at a path.
func (f *fileSystem) driveFound(d *driveView, parent *node, path string, info *drive.Info, at *found) {
	n := &at.node
	n.key = key{kind: driveFolder, drive: parent.drive, roll: parent.roll, path: path}
	if info.Kind == drive.Regular {
		n.kind = driveFile
	}
	n.rel = parent.rel
	if parent.isTop() {
		n.rel = below(parent.path)
	}
	n.inode = d.inodeOf(n.roll, path, info)
	n.id = d.nodeID(n.inode, info)
	at.entry = f.patience(d)
	at.valid = f.patienceWith(d, info)
	f.driveAttr(&at.attr, n.inode, info)
}

// below is where in the paths below a folder the part relative to it begins.
func below(folder string) int {
	if folder == "." {
		return 0
	}
	return len(folder) + 1
}

// topFound describes the folder in which a roll or a drive begins. It stays when the
// drive goes, with nothing known of it.
func (f *fileSystem) topFound(v *view, it *tree.Item, at *found) fuse.Status {
	d := v.drive(it.Place.Drive)
	n := &at.node
	n.key = key{kind: driveFolder, drive: it.Place.Drive, roll: it.Roll, path: it.Place.Path}
	n.rel = len(n.path) + 1
	at.entry, at.valid = shortWhile, shortWhile
	info, err := f.statTop(d, n.path)
	switch {
	case gone(err):
		n.inode = d.inodeOf(n.roll, n.path, &drive.Info{Kind: drive.Folder})
		f.awayFound(v, n, &at.attr)
	case barred(err):
		n.inode = d.inodeOf(n.roll, n.path, &drive.Info{Kind: drive.Folder})
		f.barredAttr(&at.attr, n.inode)
	case err != nil:
		return f.fail("looking at a folder", n.path, err)
	case info.Kind != drive.Folder:
		return fuse.ENOENT
	default:
		n.inode = d.inodeOf(n.roll, n.path, &info)
		at.valid = f.keepOut(v, n, &info, at.valid)
		f.driveAttr(&at.attr, n.inode, &info)
	}
	n.id = n.inode
	return fuse.OK
}

// rollLink describes the link that stands below Drives for a roll; decided is false
// where the name is no roll's.
func (f *fileSystem) rollLink(v *view, parent *node, name string, at *found) (code fuse.Status, decided bool) {
	if parent.roll != 0 {
		return fuse.OK, false
	}
	library, ok := v.layout.RollIn(parent.drive, parent.path, name)
	switch {
	case !ok:
		return fuse.OK, false
	case library == "":
		return fuse.ENOENT, true
	}
	dir := tree.Join(tree.DrivesName+"/"+v.layout.Names[parent.drive], parent.path)
	at.node.key = linkKey(dir+"/"+name, tree.Relative(dir, library))
	at.entry, at.valid = shortWhile, shortWhile
	f.linkAttr(&at.attr, at.node.key)
	at.node.id, at.node.inode = at.attr.Ino, at.attr.Ino
	return fuse.OK, true
}

// gone is true for a drive that is away.
func gone(err error) bool { return errors.Is(err, drive.ErrGone) }

// patienceWith is how long the kernel may believe what it was told of a file or folder. A
// change of a file by another name of it, outside of the drive perhaps, may not be told here.
func (f *fileSystem) patienceWith(d *driveView, info *drive.Info) time.Duration {
	if info.Kind == drive.Regular && info.Nlink > 1 {
		return shortWhile
	}
	return f.patience(d)
}

// barred is true of an error that says that something is there and cannot be looked at: a
// roll in a damaged folder keeps its place and its attributes, which say that it is unreadable.
func barred(err error) bool {
	switch code, _ := errno(err); code {
	case 0, syscall.ENOENT, syscall.ENOTDIR, syscall.EINTR:
		return false
	}
	return !gone(err) && !drive.IsShortage(err)
}

// patience is how long the kernel may believe what it was told of a drive.
func (f *fileSystem) patience(d *driveView) time.Duration {
	if d.watched && f.kernel.canBeTold() {
		return longWhile
	}
	return shortWhile
}
