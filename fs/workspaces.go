package fs

import (
	"cmp"
	"slices"
	"strings"

	"footagefs/catalog"
)

// drives is the folder of the drives as they are. A drive that is itself a roll is a link.
func (l *Layout) drives(drives []catalog.Drive) *folder {
	var items []item
	for _, d := range drives {
		place := catalog.Place{Drive: d.ID, Path: "."}
		it := item{name: l.names[d.ID], kind: driveItem, place: place}
		if at, ok := l.rollIn(d.ID, "", "."); ok {
			if at.library == "" {
				continue
			}
			it.kind, it.target = linkItem, relative(drivesName, at.library)
		}
		items = append(items, it)
	}
	return l.add(&folder{path: drivesName, items: items})
}

// driveNames gives every drive a name in Drives.
func driveNames(drives []catalog.Drive) map[catalog.DriveID]string {
	claims := make([]claim, len(drives))
	for i, d := range drives {
		claims[i] = claim{name: fileName(d.Name)}
	}
	names := make(map[catalog.DriveID]string, len(drives))
	for i, name := range assign(claims) {
		names[drives[i].ID] = name
	}
	return names
}

// workspaces sorts the day folders by whether something is left to do. A day keeps its
// name when it changes sides.
func (l *Layout) workspaces(days []catalog.DayFolder, rolls []catalog.Roll) *folder {
	days = slices.Clone(days)
	first := firstSeen(rolls)
	slices.SortStableFunc(days, func(a, b catalog.DayFolder) int {
		return cmp.Or(first.compare(a, b), cmp.Compare(a.Drive, b.Drive), strings.Compare(a.Path, b.Path))
	})
	claims := make([]claim, len(days))
	for i, d := range days {
		claims[i] = claim{name: d.Name, suffixes: []string{l.names[d.Drive]}, path: d.Path}
	}
	source := &folder{path: workspacesName + "/" + sourceName, filter: catalog.Filter{IDs: []catalog.RollID{noRoll}}}
	imported := &folder{path: workspacesName + "/" + importedName, filter: source.filter}
	for i, name := range assign(claims) {
		side := source
		if days[i].Imported && !days[i].Bad {
			side = imported
		}
		side.addDay(name, catalog.Place{Drive: days[i].Drive, Path: days[i].Path}, l.names[days[i].Drive])
	}
	return l.add(&folder{path: workspacesName, items: []item{
		{name: sourceName, kind: folderItem, folder: l.add(source)},
		{name: importedName, kind: folderItem, folder: l.add(imported)},
	}})
}

func (f *folder) addDay(name string, place catalog.Place, drive string) {
	target := relative(f.path, join(drivesName+"/"+drive, place.Path))
	f.items = append(f.items, item{name: name, kind: linkItem, target: target, place: place})
	f.filter.IDs = nil
	f.filter.Paths = append(f.filter.Paths, place)
}

// seen is when the first roll of each day folder was first seen.
type seen map[catalog.Place]int64

func firstSeen(rolls []catalog.Roll) seen {
	s := make(seen)
	for i := range rolls {
		r := &rolls[i]
		day := catalog.Place{Drive: r.Drive, Path: r.DayFolder}
		if first, ok := s[day]; !ok || r.Order < first {
			s[day] = r.Order
		}
	}
	return s
}

// compare puts the day seen first before the other, and one with rolls before one without.
func (s seen) compare(a, b catalog.DayFolder) int {
	first, okA := s[catalog.Place{Drive: a.Drive, Path: a.Path}]
	second, okB := s[catalog.Place{Drive: b.Drive, Path: b.Path}]
	switch {
	case okA && okB:
		return cmp.Compare(first, second)
	case okA:
		return -1
	case okB:
		return 1
	}
	return 0
}
