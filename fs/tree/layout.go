// Package tree decides what the mounted tree looks like down to the rolls and the drives,
// where the drives themselves take over: folders, names, links, and which rolls a path means.
//
// It is made of values: it looks at no drive, and knows no kernel and no front end.
package tree

import (
	"cmp"
	"slices"
	"strings"

	"footagefs/catalog"
)

// The names of our own in the tree.
const (
	LibraryName    = "Footage Library"
	CameraName     = "Camera Rolls"
	SoundName      = "Sound Rolls"
	DrivesName     = "Drives"
	WorkspacesName = "Workspaces"
	SourceName     = "SOURCE"
	ImportedName   = "IMPORTED"
	ReportName     = "report.csv"
	ProblemsName   = "problems.csv"
	NeverIndexName = ".metadata_never_index"
)

// Layout is what the mounted tree looks like down to the rolls and the drives, where
// the drives themselves take over. It is made of values alone, and never changes.
type Layout struct {
	root    *Folder
	Folders map[string]*Folder         // by path in the mount
	Names   map[catalog.DriveID]string // in Drives
	// links are, by a folder on a drive and a name in it, where in the library the roll of
	// that name is found: "" where it is not shown.
	links map[catalog.Place]map[string]string
	Rolls map[catalog.RollID]*catalog.Roll
}

// Folder is a folder that lies on no drive.
type Folder struct {
	Path   string         // in the mount; "" is the root
	Items  []Item         // sorted by the bytes of their names
	Rolls  []catalog.Roll // a part of the layout's
	Speaks Speech
	Filter catalog.Filter // what a command means by this folder
}

// Speech is which attributes a folder of ours has.
type Speech uint8

// What a folder of ours may speak of.
const (
	Silent     Speech = iota // none
	WithStatus               // the worst status of its rolls
	WithFiles                // that, and how many files are verified
)

// Kind is what a name in a folder that lies on no drive stands for.
type Kind uint8

// The kinds of items.
const (
	FolderItem Kind = iota + 1
	ReportItem      // report.csv or problems.csv
	EmptyItem       // a file without content
	LinkItem        // a symbolic link
	RollItem        // a roll's folder: the drive's from here on
	DriveItem       // a drive's root, likewise
)

// Item is a name in a folder that lies on no drive.
type Item struct {
	Name   string
	Kind   Kind
	Folder *Folder        // FolderItem
	Target string         // LinkItem
	Report catalog.Report // ReportItem
	Filter catalog.Filter // ReportItem
	Place  catalog.Place  // RollItem, DriveItem, LinkItem: what it stands for on a drive
	Roll   catalog.RollID // RollItem
}

// New decides the tree. The rolls are sorted as Catalog.Rolls has them, and belong to
// the layout from now on. With verifiedOnly, rolls that are not verified are not in it.
func New(rolls []catalog.Roll, days []catalog.DayFolder, drives []catalog.Drive, verifiedOnly bool) *Layout {
	l := &Layout{
		Folders: make(map[string]*Folder),
		links:   make(map[catalog.Place]map[string]string),
		Names:   driveNames(drives),
		Rolls:   make(map[catalog.RollID]*catalog.Roll, len(rolls)),
	}
	for i := range rolls {
		l.Rolls[rolls[i].ID] = &rolls[i]
	}
	shown := rolls
	if verifiedOnly {
		shown = withStatusVerified(rolls)
		for i := range rolls {
			l.link(&rolls[i], "") // replaced below where it is shown
		}
	}
	library := l.library(shown, verifiedOnly) // first: the links below Drives lead into it
	l.root = l.add(&Folder{Path: "", Speaks: WithStatus, Rolls: shown, Items: []Item{
		{Name: NeverIndexName, Kind: EmptyItem},
		{Name: LibraryName, Kind: FolderItem, Folder: library},
		{Name: DrivesName, Kind: FolderItem, Folder: l.drives(drives)},
		{Name: WorkspacesName, Kind: FolderItem, Folder: l.workspaces(days, rolls)},
	}})
	return l
}

func withStatusVerified(rolls []catalog.Roll) []catalog.Roll {
	var verified []catalog.Roll
	for i := range rolls {
		if rolls[i].Known == catalog.RollVerified { // also before it was looked at again
			verified = append(verified, rolls[i])
		}
	}
	return verified
}

// add makes a folder findable by its path.
func (l *Layout) add(f *Folder) *Folder {
	slices.SortFunc(f.Items, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	l.Folders[f.Path] = f
	return f
}

// library is the folder of all rolls. Its reports speak of what is shown; problems.csv
// leaves nothing out, or something would be silently dropped.
func (l *Layout) library(rolls []catalog.Roll, verifiedOnly bool) *Folder {
	return l.add(&Folder{Path: LibraryName, Speaks: WithFiles, Rolls: rolls, Items: []Item{
		{Name: CameraName, Kind: FolderItem, Folder: l.typeFolder(CameraName, catalog.Camera, rolls, verifiedOnly)},
		{Name: SoundName, Kind: FolderItem, Folder: l.typeFolder(SoundName, catalog.Sound, rolls, verifiedOnly)},
		reportOf(catalog.Filter{}, rolls, verifiedOnly),
		{Name: ProblemsName, Kind: ReportItem, Report: catalog.ProblemReport},
	}})
}

// typeFolder is Camera Rolls or Sound Rolls. It exists without rolls, too.
func (l *Layout) typeFolder(name string, kind catalog.RollType, rolls []catalog.Roll, verifiedOnly bool) *Folder {
	_, rolls = leading(rolls, func(r *catalog.Roll) bool { return r.Type < kind })
	mine, _ := leading(rolls, func(r *catalog.Roll) bool { return r.Type == kind })
	path := LibraryName + "/" + name
	filter := catalog.Filter{Type: kind}
	items := []Item{reportOf(filter, mine, verifiedOnly)}
	for rest := mine; len(rest) > 0; {
		var dated []catalog.Roll
		date := rest[0].Date
		dated, rest = leading(rest, func(r *catalog.Roll) bool { return r.Date == date })
		f := l.dateFolder(path+"/"+date, catalog.Filter{Type: kind, Date: date}, dated, verifiedOnly)
		items = append(items, Item{Name: date, Kind: FolderItem, Folder: f})
	}
	return l.add(&Folder{Path: path, Speaks: WithStatus, Rolls: mine, Filter: filter, Items: items})
}

// leading parts the rolls at the beginning that are like this from the rest.
func leading(rolls []catalog.Roll, like func(*catalog.Roll) bool) (first, rest []catalog.Roll) {
	n := 0
	for n < len(rolls) && like(&rolls[n]) {
		n++
	}
	return rolls[:n:n], rolls[n:]
}

// dateFolder is one shoot date with its rolls, every one under a name of its own.
func (l *Layout) dateFolder(path string, filter catalog.Filter, rolls []catalog.Roll, verifiedOnly bool) *Folder {
	order := make([]*catalog.Roll, len(rolls))
	for i := range rolls {
		order[i] = &rolls[i]
	}
	slices.SortStableFunc(order, func(a, b *catalog.Roll) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Path, b.Path), cmp.Compare(a.Drive, b.Drive))
	})
	claims := make([]claim, len(rolls))
	for i, r := range order {
		claims[i] = claim{name: r.Name, suffixes: []string{r.DayName, fileName(r.DriveName)}, path: r.Path}
	}
	items := []Item{reportOf(filter, rolls, verifiedOnly)}
	for i, name := range assign(claims, ReportName) {
		r := order[i]
		l.link(r, path+"/"+name)
		items = append(items, Item{Name: name, Kind: RollItem, Roll: r.ID, Place: catalog.Place{Drive: r.Drive, Path: r.Path}})
	}
	return l.add(&Folder{Path: path, Speaks: WithFiles, Rolls: rolls, Filter: filter, Items: items})
}

// reportOf is a report.csv. The rolls are named one by one only where some are hidden.
func reportOf(filter catalog.Filter, rolls []catalog.Roll, verifiedOnly bool) Item {
	if verifiedOnly {
		filter = filter.Only(rolls)
	}
	return Item{Name: ReportName, Kind: ReportItem, Report: catalog.RollReport, Filter: filter}
}

// link remembers that a folder of a drive is a roll, found in the library.
func (l *Layout) link(r *catalog.Roll, library string) {
	dir, name := Split(r.Path)
	parent := catalog.Place{Drive: r.Drive, Path: dir}
	if l.links[parent] == nil {
		l.links[parent] = make(map[string]string)
	}
	l.links[parent][name] = library
}

// RollIn is where in the library the roll is found that lies in a folder of a drive under a
// name: its path in the mount, "" where it is not shown; ok is false where it is no roll.
func (l *Layout) RollIn(drive catalog.DriveID, dir, name string) (library string, ok bool) {
	library, ok = l.links[catalog.Place{Drive: drive, Path: dir}][name]
	return library, ok
}

// Roll is what was known of a roll when the layout was made.
func (l *Layout) Roll(id catalog.RollID) catalog.Roll {
	if r := l.Rolls[id]; r != nil {
		return *r
	}
	return catalog.Roll{}
}

// Find is the item of a name.
func (f *Folder) Find(name string) (*Item, bool) {
	i, ok := slices.BinarySearchFunc(f.Items, name, func(it Item, name string) int { return strings.Compare(it.Name, name) })
	if !ok {
		return nil, false
	}
	return &f.Items[i], true
}

// FolderCount is how many folders lie directly in f: what its link count says.
func (f *Folder) FolderCount() uint32 {
	var n uint32
	for i := range f.Items {
		switch f.Items[i].Kind {
		case FolderItem, RollItem, DriveItem:
			n++
		}
	}
	return n
}
