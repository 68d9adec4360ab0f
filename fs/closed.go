package fs

import (
	"slices"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// What the rights on the drives make of what is shown.

// stat is one look at a path of a drive, with a mode that lets nobody in whom an access
// control list shuts out.
func (f *fileSystem) stat(d *drive.Drive, path string) (drive.Info, error) {
	if d == nil {
		return drive.Info{}, drive.ErrGone
	}
	info, err := d.Stat(path)
	if err == nil && f.rights != nil {
		showPlain(&info, d.Access(path, &info))
	}
	return info, err
}

// showPlain puts what mode and list say together in the place of the mode.
func showPlain(info *drive.Info, a drive.Access) {
	info.Mode = info.Mode&^permission | withoutList(a)
}

// keepOut denies at the folder in which a roll or a drive begins what the folders above it
// deny. It returns how long the kernel may believe that: a change above tells nobody of
// this folder, and where anybody is denied anything the kernel is to ask for each of them.
func (f *fileSystem) keepOut(v *view, n *node, info *drive.Info, valid time.Duration) time.Duration {
	if f.rights == nil {
		return valid
	}
	var g gates
	f.rights.of(v, n.drive).pass(&g, n.path)
	if len(g.list) == 0 {
		return min(valid, shortWhile)
	}
	f.narrow(info, &g)
	return 0
}

// narrow leaves of the rights to a folder what the gates before it leave.
func (f *fileSystem) narrow(info *drive.Info, g *gates) {
	mode := uint8(info.Mode)
	own := drive.Access{UID: info.UID, GID: info.GID, Owner: uint8(info.Mode>>6) & 7, Group: mode >> 3 & 7, Other: mode & 7}
	is := express(own, g.list, f.rights.me)
	info.UID, info.GID, info.Mode = is.uid, is.gid, info.Mode&^permission|is.mode
}

// awayFound describes the top folder of a drive, or of a roll, that is away. Whom it was
// closed to it stays closed to: its attributes tell of it all the same.
func (f *fileSystem) awayFound(v *view, n *node, a *fuse.Attr) {
	f.awayAttr(a, n.inode)
	if f.rights == nil {
		return
	}
	var g gates
	c := f.rights.of(v, n.drive)
	c.pass(&g, n.path)
	c.self(&g, n.path, mayLook)
	if len(g.list) == 0 {
		return
	}
	info := drive.Info{Mode: a.Mode & permission, UID: f.uid, GID: f.gid}
	f.narrow(&info, &g)
	a.Uid, a.Gid, a.Mode = info.UID, info.GID, fuse.S_IFDIR|info.Mode
	f.owner.apply(a)
}

// closings are what is closed on each drive, found out once for one answer.
type closings struct {
	rights *rights
	view   *view
	found  map[catalog.DriveID]*closed
}

func (f *fileSystem) closings(v *view) *closings {
	return &closings{f.rights, v, make(map[catalog.DriveID]*closed)}
}

func (cs *closings) of(id catalog.DriveID) *closed {
	c := cs.found[id]
	if c == nil {
		c = cs.rights.of(cs.view, id)
		cs.found[id] = c
	}
	return c
}

// hideNames takes the right to list one of our folders from those who may not know of all
// that is in it. Who knows a name may still use it, as far as it is open to him.
func (f *fileSystem) hideNames(v *view, dir *tree.Folder, a *fuse.Attr) {
	if f.rights == nil {
		return
	}
	var g gates
	cs := f.closings(v)
	for i := range dir.Items {
		cs.before(&dir.Items[i], &g)
	}
	if len(g.list) == 0 {
		return
	}
	is := express(drive.Access{UID: f.uid, GID: f.gid, Owner: mayLook, Group: mayLook, Other: mayLook}, g.list, f.rights.me)
	a.Uid, a.Gid, a.Mode = is.uid, is.gid, fuse.S_IFDIR|is.mode|0o111
	f.owner.apply(a)
}

// before adds the gates before a name in one of our folders. A day's side of the workspaces
// tells of what is in it. A date is known to who knows of one of its rolls' days.
func (cs *closings) before(it *tree.Item, g *gates) {
	switch {
	case it.Kind == tree.RollItem:
		cs.of(it.Place.Drive).list(g, it.Place.Path)
	case it.Kind == tree.LinkItem && it.Place.Path != ".":
		c := cs.of(it.Place.Drive)
		c.list(g, it.Place.Path)
		c.self(g, it.Place.Path, mayLook)
	case it.Kind == tree.FolderItem && it.Folder.Filter.Date != "":
		cs.beforeDate(it.Folder.Rolls, g)
	}
}

func (cs *closings) beforeDate(rolls []catalog.Roll, g *gates) {
	for i := range rolls {
		var day gates
		if cs.of(rolls[i].Drive).list(&day, rolls[i].DayFolder); len(day.list) == 0 {
			return
		}
	}
	if len(rolls) > 0 {
		cs.of(rolls[0].Drive).list(g, rolls[0].DayFolder)
	}
}

// reportMode is who may read a report: the mount's owner alone where it speaks of what is
// closed to some.
func (f *fileSystem) reportMode(v *view, path string, s *snapshot) uint32 {
	if f.rights == nil || f.allOpen(v, path, s) {
		return 0o444
	}
	return 0o400
}

func (f *fileSystem) allOpen(v *view, path string, s *snapshot) bool {
	dir := v.layout.Folders[above(path)]
	if dir == nil {
		return false
	}
	for id, folders := range s.names {
		c := f.rights.ofMore(v, id, folders) // before the rolls are asked for
		for folder := range folders {
			if !c.open(folder) {
				return false
			}
		}
	}
	cs := f.closings(v)
	for i := range dir.Rolls {
		if !cs.openTo(&dir.Rolls[i]) {
			return false
		}
	}
	if s.whole {
		for _, r := range v.layout.Rolls {
			if !cs.openTo(r) {
				return false
			}
		}
	}
	return true
}

// theMessage may tell of a roll what lies anywhere in it.
var theMessage = attributes[xattrPrefix+"footagefs.message"]

// mayHear is true for whom a roll's message may be told, which may be of a file in a folder
// of it that is closed to some: to others than the mount's owner it is what reports are.
func (f *fileSystem) mayHear(n *node, c *fuse.Caller) bool {
	if f.rights == nil || c.Uid == 0 || c.Uid == f.uid || n.roll == 0 || !n.isTop() {
		return true
	}
	v := f.views.get()
	for id, folders := range f.cat.FindingFolders(catalog.Filter{IDs: []catalog.RollID{n.roll}}) {
		is := f.rights.ofMore(v, id, folders)
		for folder := range folders {
			if !is.open(folder) {
				return false
			}
		}
	}
	return true
}

// openTo is true where everybody may know all that is said of a roll.
func (cs *closings) openTo(r *catalog.Roll) bool {
	c := cs.of(r.Drive)
	return c.empty() || c.open(r.Path)
}

// above is the folder of a path in the mount.
func above(path string) string {
	dir, _ := tree.Split(path)
	return dir
}

// forOwnerAlone keeps others from what the kernel remembers of the tree, as it does in a
// mount without allow_other: nothing of allow_root is known to it.
func (f *fileSystem) forOwnerAlone(a *fuse.Attr) {
	a.Uid, a.Gid, a.Mode = f.uid, f.gid, fuse.S_IFDIR|0o500
}

// admits is true for who may anything with a folder: the others may not even look at it.
// The kernel compares permissions all the same; this is for what it asks no permission for.
func (f *fileSystem) admits(c *fuse.Caller, a *fuse.Attr) bool {
	group, other := a.Mode&0o070 != 0, a.Mode&0o007 != 0
	switch {
	case c.Uid == 0, c.Uid == f.uid:
		return true
	case c.Uid == a.Uid:
		return a.Mode&0o700 != 0
	case group == other:
		return group
	case c.Gid == a.Gid:
		return group
	}
	groups, known := groupsOf(c.Pid)
	if !known {
		return true
	}
	if slices.Contains(groups, a.Gid) {
		return group
	}
	return other
}
