package structure

import (
	"path"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// The folders above the day folders: show title, season, and what lies beside them.

// free scans a drive that is nothing of the structure by its name: day folders are looked
// for breadth first, so that those near the root are found whatever else there is.
func (w *walk) free() {
	name := path.Base(w.drive.Dir())
	root, ok := w.list(".")
	if !ok {
		return
	}
	bad, what, do := w.badDate(".", name, root)
	holds := w.profile.holdsAssetType(root.entries) != ""
	if bad && !holds && w.below(".", root, w.dayIn) {
		bad = false // it is a drive with day folders, whatever it is called
	}
	if !bad || holds {
		w.descend(root)
	}
	if bad {
		w.onlyDays()
		w.out.Days = append(w.out.Days, Day{".", name, true})
		w.report(finding.BadDateFolder, ".", what, do)
	}
}

// onlyDays drops the findings about what lies in no day folder: a bad-date folder's content
// has none of its own. Day folders in it are looked at all the same where it is the drive,
// of which one misplaced folder must not hide all the rest.
func (w *walk) onlyDays() {
	kept := w.out.Findings[:0]
	for _, f := range w.out.Findings {
		for _, d := range w.out.Days {
			if _, in := drive.Relative(d.Path, f.Path); in {
				kept = append(kept, f)
				break
			}
		}
	}
	w.out.Findings = kept
}

// freeFolder is a folder above the day folders that is still to be looked at.
type freeFolder struct {
	path, name string
	depth      int
}

// descend looks at all free folders below the drive's root.
func (w *walk) descend(root *listing) {
	queue := w.enter(freeFolder{path: "."}, root, nil)
	for n := 0; len(queue) > 0 && w.err == nil; n++ {
		f := queue[0]
		queue = queue[1:]
		if n == freeFolders {
			w.cut = true
			return
		}
		if l, ok := w.list(f.path); ok && !w.misplaced(f, l) {
			queue = w.enter(f, l, queue)
		}
	}
}

// enter scans the day folders in a free folder, and appends its other folders to the queue.
func (w *walk) enter(f freeFolder, l *listing, queue []freeFolder) []freeFolder {
	w.odd(f.path, l)
	for _, e := range l.entries {
		if e.Kind != drive.Folder || w.profile.passedOver(e.Name) {
			continue
		}
		at := drive.Join(f.path, e.Name)
		if d, ok := w.profile.DayName(e.Name); ok {
			w.dayFolder(at, e.Name, d)
		} else if f.depth < freeDepth && (f.path != "." || !w.likeAsset(e.Name)) {
			queue = append(queue, freeFolder{at, e.Name, f.depth + 1})
		}
	}
	return queue
}

func (w *walk) likeAsset(name string) bool {
	_, ok := w.profile.LikeAssetType(name)
	return ok
}

// misplaced reports a folder that is no day folder and should be one, or that has a manifest
// and is no roll. What lies in it is not looked at.
func (w *walk) misplaced(f freeFolder, l *listing) bool {
	if bad, what, do := w.badDate(f.path, f.name, l); bad {
		w.out.Days = append(w.out.Days, Day{f.path, f.name, true})
		w.report(finding.BadDateFolder, f.path, what, do)
		return true
	}
	// A manifest of a whole show or shuttle lies above its day folders.
	if hasManifest(l.entries) && !w.below(f.path, l, w.assetTypeIn) {
		w.stray(f.path)
		return true
	}
	return false
}

// badDate tells whether a folder that is no day folder is meant to be one, and what is
// wrong with it and to be done.
func (w *walk) badDate(path, name string, l *listing) (bad bool, what, do string) {
	if asset := w.profile.holdsAssetType(l.entries); asset != "" {
		what, do = w.wrongDate(path, name, asset)
		return true, what, do
	}
	if profile.BeginsWithDate(name) && w.below(path, l, w.footageIn) {
		what, do = w.wrongDate(path, name, "")
		return true, what, do
	}
	return false, "", ""
}

// levelsBelow is how deep below a folder manifests, footage and asset type folders speak
// for what it is.
const levelsBelow = 4

// answer is what a question has to say of one folder: found ends the search, skip leaves
// out what is below the folder.
type answer uint8

const (
	goOn answer = iota
	skip
	found
)

// footageIn asks for a manifest or a media file that is in no day folder.
func (w *walk) footageIn(name string, entries []drive.Entry) answer {
	switch {
	case w.dayIn(name, entries) == found:
		return skip
	case hasManifest(entries) || w.profile.hasMedia(entries):
		return found
	}
	return goOn
}

// assetTypeIn asks for an asset type folder.
func (w *walk) assetTypeIn(_ string, entries []drive.Entry) answer {
	if w.profile.holdsAssetType(entries) != "" {
		return found
	}
	return goOn
}

// dayIn asks for a day folder that holds an asset type folder.
func (w *walk) dayIn(name string, entries []drive.Entry) answer {
	if _, ok := w.profile.DayName(name); ok && w.profile.holdsAssetType(entries) != "" {
		return found
	}
	return goOn
}

// below searches a folder and those in it, breadth first, so deep that what lies
// levelsBelow levels below it is met.
func (w *walk) below(path string, l *listing, ask func(name string, entries []drive.Entry) answer) bool {
	return w.search(path, l, levelsBelow, ask)
}

func (w *walk) search(path string, l *listing, levels int, ask func(string, []drive.Entry) answer) bool {
	if ask("", l.entries) == found {
		return true
	}
	type place struct {
		path    string
		entries []drive.Entry
		level   int
	}
	queue := []place{{path, l.entries, 1}}
	for looks := 0; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		for _, name := range w.profile.subFolders(p.entries) {
			if looks++; looks > searchLooks || w.cut || w.err != nil {
				return false
			}
			at := drive.Join(p.path, name)
			entries := w.peek(at)
			switch a := ask(name, entries); {
			case a == found:
				return true
			case a == goOn && p.level+1 < levels:
				queue = append(queue, place{at, entries, p.level + 1})
			}
		}
	}
	return false
}
