package tree

import (
	"cmp"
	"slices"
	"strings"

	"footagefs/catalog"
)

// drives is the folder of the drives as they are. A drive that is itself a roll is a link.
func (l *Layout) drives(drives []catalog.Drive) *Folder {
	var items []Item
	for _, d := range drives {
		place := catalog.Place{Drive: d.ID, Path: "."}
		it := Item{Name: l.Names[d.ID], Kind: DriveItem, Place: place}
		if library, ok := l.RollIn(d.ID, "", "."); ok {
			if library == "" {
				continue
			}
			it.Kind, it.Target = LinkItem, Relative(DrivesName, library)
		}
		items = append(items, it)
	}
	return l.add(&Folder{Path: DrivesName, Items: items})
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
func (l *Layout) workspaces(days []catalog.DayFolder, rolls []catalog.Roll) *Folder {
	days = slices.Clone(days)
	first := firstSeen(rolls)
	slices.SortStableFunc(days, func(a, b catalog.DayFolder) int {
		return cmp.Or(first.compare(a, b), cmp.Compare(a.Drive, b.Drive), strings.Compare(a.Path, b.Path))
	})
	claims := make([]claim, len(days))
	for i, d := range days {
		claims[i] = claim{name: d.Name, suffixes: []string{l.Names[d.Drive]}, path: d.Path}
	}
	source := &Folder{Path: WorkspacesName + "/" + SourceName, Filter: catalog.Filter{Nothing: true}}
	imported := &Folder{Path: WorkspacesName + "/" + ImportedName, Filter: source.Filter}
	for i, name := range assign(claims) {
		side := source
		if days[i].Imported && !days[i].Bad {
			side = imported
		}
		side.addDay(name, catalog.Place{Drive: days[i].Drive, Path: days[i].Path}, l.Names[days[i].Drive])
	}
	return l.add(&Folder{Path: WorkspacesName, Items: []Item{
		{Name: SourceName, Kind: FolderItem, Folder: l.add(source)},
		{Name: ImportedName, Kind: FolderItem, Folder: l.add(imported)},
	}})
}

func (f *Folder) addDay(name string, place catalog.Place, drive string) {
	target := Relative(f.Path, Join(DrivesName+"/"+drive, place.Path))
	f.Items = append(f.Items, Item{Name: name, Kind: LinkItem, Target: target, Place: place})
	f.Filter.Nothing = false
	f.Filter.Paths = append(f.Filter.Paths, place)
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
