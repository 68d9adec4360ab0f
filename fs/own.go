package fs

import (
	"strings"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/fs/tree"
)

// What lies on no drive: folders, links, reports.

// lookupOwn finds a name in a folder of the layout.
func (f *fileSystem) lookupOwn(cancel <-chan struct{}, parent *node, name string, at *found) fuse.Status {
	v := f.views.get()
	dir := v.layout.Folders[parent.path]
	if dir == nil {
		return fuse.ENOENT
	}
	it, ok := dir.Find(name)
	if !ok {
		return fuse.ENOENT
	}
	return f.ownFound(cancel, v, dir, it, at)
}

// ownFound describes an item of a folder of the layout.
func (f *fileSystem) ownFound(cancel <-chan struct{}, v *view, dir *tree.Folder, it *tree.Item, at *found) fuse.Status {
	path := tree.Join(dir.Path, it.Name)
	at.entry, at.valid = shortWhile, shortWhile
	switch it.Kind {
	case tree.FolderItem:
		at.node.key = key{kind: ownFolder, path: path}
		f.folderAttr(&at.attr, v, it.Folder)
	case tree.EmptyItem:
		at.node.key = key{kind: ownEmpty, path: path}
		f.ownAttr(&at.attr, ownInode(path), fuse.S_IFREG|0o444, 0, f.started)
	case tree.LinkItem:
		at.entry, at.valid = 0, 0 // a day that is done changes sides at once
		at.node.key = linkKey(path, it.Target)
		f.linkAttr(&at.attr, at.node.key)
	case tree.ReportItem:
		return f.reportFound(cancel, v, path, it, at)
	case tree.RollItem, tree.DriveItem:
		return f.topFound(v, it, at)
	}
	at.node.id, at.node.inode = at.attr.Ino, at.attr.Ino
	return fuse.OK
}

func (f *fileSystem) folderAttr(a *fuse.Attr, v *view, dir *tree.Folder) {
	f.ownAttr(a, ownInode(dir.Path), fuse.S_IFDIR|0o555, 0, v.changed[dir.Path])
	a.Nlink = 2 + dir.FolderCount()
	f.hideNames(v, dir, a)
}

// reportFound is the current version of a report, a node of its own. Nothing of it may
// be believed for long: the name stands for the next version at any moment.
func (f *fileSystem) reportFound(cancel <-chan struct{}, v *view, path string, it *tree.Item, at *found) fuse.Status {
	s, err := f.reports.get(&fuse.Context{Cancel: cancel}, v.version, path, it)
	if err != nil {
		return f.fail("writing a report", path, err)
	}
	at.entry, at.valid = 0, 0
	at.node.key = key{kind: ownReport, path: path}
	at.node.id, at.node.inode, at.node.report = s.inode, s.inode, s
	f.ownAttr(&at.attr, s.inode, fuse.S_IFREG|f.reportMode(v, path, s), s.size, s.changed)
	return fuse.OK
}

// ownGetAttr is stat of what lies on no drive, reports aside.
func (f *fileSystem) ownGetAttr(n *node, out *fuse.AttrOut) fuse.Status {
	v := f.views.get()
	switch n.kind {
	case ownFolder:
		dir := v.layout.Folders[n.path]
		if dir == nil {
			return fuse.ENOENT
		}
		f.folderAttr(&out.Attr, v, dir)
		if n.path == "" && f.onlyRoot {
			f.forOwnerAlone(&out.Attr)
			return fuse.OK
		}
		out.SetTimeout(shortWhile)
	case ownEmpty:
		f.ownAttr(&out.Attr, n.inode, fuse.S_IFREG|0o444, 0, f.started)
		out.SetTimeout(shortWhile)
	case ownLink:
		f.linkAttr(&out.Attr, n.key)
	}
	return fuse.OK
}

// A link's node is its path and its target: a link to another place is another node.
func linkKey(path, target string) key { return key{kind: ownLink, path: path + "\x00" + target} }

func (k key) link() (path, target string) {
	path, target, _ = strings.Cut(k.path, "\x00")
	return path, target
}

func (f *fileSystem) linkAttr(a *fuse.Attr, k key) {
	path, target := k.link()
	f.ownAttr(a, linkInode(path, target), fuse.S_IFLNK|0o777, int64(len(target)), f.started)
}

// Readlink is where a link leads.
func (f *fileSystem) Readlink(cancel <-chan struct{}, in *fuse.InHeader) ([]byte, fuse.Status) {
	n := f.table.get(in.NodeId)
	if n == nil || n.kind != ownLink {
		return nil, fuse.EINVAL
	}
	_, target := n.link()
	return []byte(target), fuse.OK
}
