package catalog

import (
	"context"
	"fmt"
	"path"
	"slices"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// lookAtStructure scans a drive. Rolls that the catalog knows in folders that cannot be
// listed at this moment are among what it finds: they are not gone, and they must not stand
// in the reports with what was once read of them, nor be left out.
func (c *Catalog) lookAtStructure(ctx context.Context, ds *driveState) (*structure, error) {
	var found *structure
	scan := func() (err error) {
		found, err = ds.scanner.scan(ctx)
		return err
	}
	err := withPatience(ctx, scan)
	if drive.IsShortage(err) { // in one folder, maybe, as of a driver that is out of memory
		ds.scanner.waited = true
		err = scan()
		ds.scanner.waited = false
	}
	if err != nil || len(found.unread) == 0 {
		return found, err
	}
	known, err := c.store.Load().rollsBelow(ctx, ds.fsID, ds.fs.Prefix)
	if err != nil {
		c.storeFailed(err)
	}
	c.recall(ds, found, known)
	return found, nil
}

// recall adds the known rolls in folders that could not be read to what a scan found.
func (c *Catalog) recall(ds *driveState, found *structure, known []storedRoll) {
	have := map[string]bool{}
	for i := range found.rolls {
		have[found.rolls[i].Path] = true
	}
	holds := map[string]bool{} // known to hold rolls, whatever else it was taken for before
	for _, k := range known {
		folder, _ := splitPath(k.path)
		holds[folder] = holds[folder] || !k.gone
	}
	levels := map[string]bool{} // found as rolls, since nobody could see what is in them
	for _, k := range known {
		rel, ok := relativeTo(ds.fs.Prefix, k.path)
		if !ok || k.gone || have[rel] || holds[k.path] || !found.unreadAbove(rel) {
			continue
		}
		f, d, ok := rules{c.profile}.rollAt(ds.dir, rel)
		if !ok {
			continue
		}
		switch info, err := ds.handle().Stat(rel); {
		case err == nil && info.Kind == drive.Folder:
			f.RootSum = stampOf(info).sum()
		case err == nil || !saysOfFolder(err):
			continue // it is not there any more
		}
		f.Inode = k.inode
		found.rolls = append(found.rolls, f)
		if !slices.Contains(found.days, d) {
			found.days = append(found.days, d)
		}
		if level, _ := splitPath(rel); have[level] && found.unreadAt(level) {
			levels[level] = true
		}
	}
	found.rolls = slices.DeleteFunc(found.rolls, func(f foundRoll) bool { return levels[f.Path] })
	found.findings = slices.DeleteFunc(found.findings, func(f Finding) bool { return levels[f.Path] })
	for level := range levels {
		if err, own := found.unread[level]; own && !found.unreadAbove(level) {
			f := finding.New(finding.Unreadable, level, fmt.Sprintf(whatUnread, reasonOf(err)))
			f.Do = doLook
			found.findings = append(found.findings, Finding{Finding: f})
		}
	}
	found.sort()
}

// unreadAt is true of a folder that could not be read, and of what lies in one.
func (st *structure) unreadAt(path string) bool {
	_, own := st.unread[path]
	return own || st.unreadAbove(path)
}

// unreadAbove is true where a folder above a path could not be read.
func (st *structure) unreadAbove(path string) bool {
	for path != "." {
		path, _ = splitPath(path)
		if _, ok := st.unread[path]; ok {
			return true
		}
	}
	return false
}

// rollAt is the roll that lies at a path of a drive by the names of the folders above it,
// with its day folder.
func (p rules) rollAt(dir, rel string) (foundRoll, foundDay, bool) {
	if p.LitterPath(rel) {
		return foundRoll{}, foundDay{}, false
	}
	r := p.roleOf(joinPath(dir, rel))
	above := rel
	switch r.kind {
	case roleBelowLevel:
		above = path.Dir(above)
		fallthrough
	case roleInAsset:
		above = path.Dir(path.Dir(above))
	default:
		return foundRoll{}, foundDay{}, false
	}
	d := foundDay{Path: above, Name: r.name}
	return foundRoll{
		Name: path.Base(joinPath(dir, rel)), Type: r.asset.RollType, Path: rel, DayFolder: d.Path, DayName: d.Name,
		Date: r.day.Date, Episode: r.day.Episode, Day: r.day.Day, Unit: r.day.Unit,
	}, d, true
}
