package structure

import (
	"errors"
	"strconv"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// A day folder, its asset type folders, levels and rolls.

// day is the day folder that is being scanned.
type day struct {
	profile.DayName
	Day
}

// dayFolder scans a day folder.
func (w *walk) dayFolder(path, name string, dn profile.DayName) {
	d := day{dn, Day{Path: path, Name: name}}
	w.out.Days = append(w.out.Days, d.Day)
	w.legal(path, name, Roll{})
	l, ok := w.list(path)
	if !ok {
		return
	}
	w.odd(path, l)
	for _, e := range l.entries {
		if e.Kind == drive.Folder && !w.profile.passedOver(e.Name) {
			w.inDay(path, e.Name, l, d)
		}
	}
}

// inDay scans a folder directly in a day folder.
func (w *walk) inDay(folder, name string, siblings *listing, d day) {
	path := drive.Join(folder, name)
	if a, ok := w.profile.AssetType(name); ok {
		w.assetFolder(path, a, d)
		return
	}
	if a, ok := w.profile.NearAssetType(name); ok {
		w.misspelt(path, a, siblings.has(a.Folder))
		return
	}
	if w.profile.Free(name) {
		return
	}
	l, ok := w.list(path)
	switch {
	case !ok:
	case hasManifest(l.entries):
		w.stray(path)
	case w.search(path, l, 3, sealedIn):
		w.misfiled(path)
	}
}

// sealedIn asks for a manifest.
func sealedIn(_ string, entries []drive.Entry) answer {
	if hasManifest(entries) {
		return found
	}
	return goOn
}

// has is true where a folder of this name is listed.
func (l *listing) has(name string) bool {
	for _, e := range l.entries {
		if e.Name == name && isFolder(e) {
			return true
		}
	}
	return false
}

// assetFolder scans an asset type folder: rolls, and camera-format levels where there may be some.
func (w *walk) assetFolder(path string, a *profile.AssetType, d day) {
	w.eachRoll(path, func(at, name string) {
		if a.Levels && w.isLevel(at, name) {
			w.level(at, name, a, d)
		} else {
			w.roll(at, name, a, d)
		}
	})
}

// eachRoll calls do for every folder in one in which rolls lie, and reports what lies beside them.
func (w *walk) eachRoll(path string, do func(at, name string)) {
	l, ok := w.list(path)
	if !ok {
		return
	}
	w.odd(path, l)
	w.strayFiles(path, l)
	for _, e := range l.entries {
		if e.Kind == drive.Folder && !w.profile.passedOver(e.Name) {
			do(drive.Join(path, e.Name), e.Name)
		}
	}
}

// isLevel looks whether a folder in an asset type folder is a camera-format level.
func (w *walk) isLevel(path, name string) bool {
	if w.err != nil {
		return false
	}
	if info, err := w.stat(w.ctx, path); w.counts && err == nil && info.Nlink == 2 {
		return false // no folder is in it
	}
	looks := 0
	return w.profile.level(name, w.rootOf(path), func(sub string) bool {
		looks++
		return looks <= searchLooks && w.sealed(drive.Join(path, sub))
	})
}

// rootOf is the listing of a folder that may be a roll: what the drive refuses is reported
// when it is scanned as what it turns out to be.
func (w *walk) rootOf(path string) []drive.Entry {
	l, err := w.look(w.ctx, path)
	if w.isRefusal(err) && !errors.Is(err, drive.ErrForeign) && !isShut(err) {
		w.out.Unread[path] = err
	}
	if l == nil {
		return nil
	}
	return l.entries
}

// level scans a camera-format level: each folder in it is a roll.
func (w *walk) level(path, name string, a *profile.AssetType, d day) {
	w.legal(path, name, Roll{})
	w.eachRoll(path, func(at, name string) { w.roll(at, name, a, d) })
}

// roll notes a roll. One that cannot be read is a roll all the same.
func (w *walk) roll(path, name string, a *profile.AssetType, d day) {
	if w.err != nil {
		return
	}
	r := Roll{
		Name: name, Type: a.RollType, Path: path, DayFolder: d.Path, DayName: d.Name,
		Date: d.Date, Episode: d.Episode, Day: d.DayName.Day, Unit: d.Unit,
	}
	if !w.root(&r) {
		return // it vanished, or is another file system's
	}
	w.out.Rolls = append(w.out.Rolls, r)
	w.legal(path, name, r)
}

// root looks at a roll's root. It is false where no roll is there.
func (w *walk) root(r *Roll) bool {
	if w.strong && !w.listRoots {
		info, err := w.stat(w.ctx, r.Path)
		if err != nil {
			return w.refused(r.Path, err, *r)
		}
		if l := w.seen[r.Path]; l != nil {
			w.trim(r.Path, l)
		}
		r.Inode, r.RootSum = info.Inode, RootSum(info)
		return true
	}
	l, err := w.look(w.ctx, r.Path)
	if unreadable := w.refused(r.Path, err, *r); l == nil {
		return unreadable
	}
	l = w.trim(r.Path, l)
	r.Inode, r.RootSum, r.Root = l.stamp.inode, l.sum, w.bounded(r.Path, l)
	return true
}

// bounded is a roll's root listing; of a drive with more than is remembered only manifests.
func (w *walk) bounded(path string, l *listing) []drive.Entry {
	if w.seen[path] != nil {
		return l.entries
	}
	var manifests []drive.Entry
	for _, e := range l.entries {
		if IsManifest(e) {
			manifests = append(manifests, e)
		}
	}
	return manifests
}

// strayFiles reports the files beside rolls. Manifests may lie there: those above rolls
// have findings of their own.
func (w *walk) strayFiles(path string, l *listing) {
	for _, e := range l.entries {
		if e.Kind == drive.Regular && !IsManifest(e) {
			w.report(finding.StrayFile, drive.Join(path, e.Name), whatStrayFile, "")
		}
	}
	if l.moreFiles > 0 {
		w.report(finding.StrayFile, path, strconv.Itoa(l.moreFiles)+" more files lie beside the rolls in it", "move them out")
	}
}
