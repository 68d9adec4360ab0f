package fs

import (
	"cmp"
	"slices"
	"strings"

	"footagefs/catalog"
)

// The names of our own in the tree.
const (
	libraryName    = "Footage Library"
	cameraName     = "Camera Rolls"
	soundName      = "Sound Rolls"
	drivesName     = "Drives"
	workspacesName = "Workspaces"
	sourceName     = "SOURCE"
	importedName   = "IMPORTED"
	reportName     = "report.csv"
	problemsName   = "problems.csv"
	neverIndexName = ".metadata_never_index"
)

// Layout is what the mounted tree looks like down to the rolls and the drives, where
// the drives themselves take over. It is made of values alone, and never changes.
type Layout struct {
	root    *folder
	folders map[string]*folder                  // by path in the mount
	links   map[catalog.Place]map[string]rollAt // folder on a drive, name in it
	names   map[catalog.DriveID]string          // in Drives
	rolls   map[catalog.RollID]*catalog.Roll
}

// rollAt is where in the library a roll of a drive is found.
type rollAt struct {
	library string // path in the mount; "" where the roll is not shown
	roll    catalog.RollID
}

// folder is a folder that lies on no drive.
type folder struct {
	path   string         // in the mount; "" is the root
	items  []item         // sorted by the bytes of their names
	rolls  []catalog.Roll // a part of the layout's
	speaks speech
	filter catalog.Filter // what a command means by this folder
}

// speech is which attributes a folder of ours has.
type speech uint8

const (
	silent     speech = iota // none
	withStatus               // the worst status of its rolls
	withFiles                // that, and how many files are verified
)

type itemKind uint8

const (
	folderItem itemKind = iota + 1
	reportItem          // report.csv or problems.csv
	emptyItem           // a file without content
	linkItem            // a symbolic link
	rollItem            // a roll's folder: the drive's from here on
	driveItem           // a drive's root, likewise
)

// item is a name in a folder that lies on no drive.
type item struct {
	name   string
	kind   itemKind
	folder *folder        // folderItem
	target string         // linkItem
	report catalog.Report // reportItem
	filter catalog.Filter // reportItem
	place  catalog.Place  // rollItem, driveItem, linkItem: what it stands for on a drive
	roll   catalog.RollID // rollItem
}

// NewLayout decides the tree. The rolls are sorted as Catalog.Rolls has them, and belong to
// the layout from now on. With verifiedOnly, rolls that are not verified are not in it.
func NewLayout(rolls []catalog.Roll, days []catalog.DayFolder, drives []catalog.Drive, verifiedOnly bool) *Layout {
	l := &Layout{
		folders: make(map[string]*folder),
		links:   make(map[catalog.Place]map[string]rollAt),
		names:   driveNames(drives),
		rolls:   make(map[catalog.RollID]*catalog.Roll, len(rolls)),
	}
	for i := range rolls {
		l.rolls[rolls[i].ID] = &rolls[i]
	}
	shown := rolls
	if verifiedOnly {
		shown = withStatusVerified(rolls)
		for i := range rolls {
			l.link(&rolls[i], "") // replaced below where it is shown
		}
	}
	library := l.library(shown, verifiedOnly) // first: the links below Drives lead into it
	l.root = l.add(&folder{path: "", speaks: withStatus, rolls: shown, items: []item{
		{name: neverIndexName, kind: emptyItem},
		{name: libraryName, kind: folderItem, folder: library},
		{name: drivesName, kind: folderItem, folder: l.drives(drives)},
		{name: workspacesName, kind: folderItem, folder: l.workspaces(days, rolls)},
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
func (l *Layout) add(f *folder) *folder {
	slices.SortFunc(f.items, func(a, b item) int { return strings.Compare(a.name, b.name) })
	l.folders[f.path] = f
	return f
}

// library is the folder of all rolls. Its reports speak of what is shown; problems.csv
// leaves nothing out, or something would be silently dropped.
func (l *Layout) library(rolls []catalog.Roll, verifiedOnly bool) *folder {
	return l.add(&folder{path: libraryName, speaks: withFiles, rolls: rolls, items: []item{
		{name: cameraName, kind: folderItem, folder: l.typeFolder(cameraName, catalog.Camera, rolls, verifiedOnly)},
		{name: soundName, kind: folderItem, folder: l.typeFolder(soundName, catalog.Sound, rolls, verifiedOnly)},
		reportOf(catalog.Filter{}, rolls, verifiedOnly),
		{name: problemsName, kind: reportItem, report: catalog.ProblemReport},
	}})
}

// typeFolder is Camera Rolls or Sound Rolls. It exists without rolls, too.
func (l *Layout) typeFolder(name string, kind catalog.RollType, rolls []catalog.Roll, verifiedOnly bool) *folder {
	_, rolls = leading(rolls, func(r *catalog.Roll) bool { return r.Type < kind })
	mine, _ := leading(rolls, func(r *catalog.Roll) bool { return r.Type == kind })
	path := libraryName + "/" + name
	filter := catalog.Filter{Type: kind}
	items := []item{reportOf(filter, mine, verifiedOnly)}
	for rest := mine; len(rest) > 0; {
		var dated []catalog.Roll
		date := rest[0].Date
		dated, rest = leading(rest, func(r *catalog.Roll) bool { return r.Date == date })
		f := l.dateFolder(path+"/"+date, catalog.Filter{Type: kind, Date: date}, dated, verifiedOnly)
		items = append(items, item{name: date, kind: folderItem, folder: f})
	}
	return l.add(&folder{path: path, speaks: withStatus, rolls: mine, filter: filter, items: items})
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
func (l *Layout) dateFolder(path string, filter catalog.Filter, rolls []catalog.Roll, verifiedOnly bool) *folder {
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
	items := []item{reportOf(filter, rolls, verifiedOnly)}
	for i, name := range assign(claims, reportName) {
		r := order[i]
		l.link(r, path+"/"+name)
		items = append(items, item{name: name, kind: rollItem, roll: r.ID, place: catalog.Place{Drive: r.Drive, Path: r.Path}})
	}
	return l.add(&folder{path: path, speaks: withFiles, rolls: rolls, filter: filter, items: items})
}

// reportOf is a report.csv. The rolls are named one by one only where some are hidden.
func reportOf(filter catalog.Filter, rolls []catalog.Roll, verifiedOnly bool) item {
	if verifiedOnly {
		filter.IDs = []catalog.RollID{noRoll}
		for i := range rolls {
			filter.IDs = append(filter.IDs, rolls[i].ID)
		}
	}
	return item{name: reportName, kind: reportItem, report: catalog.RollReport, filter: filter}
}

// noRoll is no roll's number: an empty list in a filter would select all of them.
const noRoll = catalog.RollID(-1)

// link remembers that a folder of a drive is a roll, found in the library.
func (l *Layout) link(r *catalog.Roll, library string) {
	dir, name := split(r.Path)
	parent := catalog.Place{Drive: r.Drive, Path: dir}
	if l.links[parent] == nil {
		l.links[parent] = make(map[string]rollAt)
	}
	l.links[parent][name] = rollAt{library: library, roll: r.ID}
}

// rollIn is the roll that lies in a folder of a drive under a name.
func (l *Layout) rollIn(drive catalog.DriveID, dir, name string) (rollAt, bool) {
	at, ok := l.links[catalog.Place{Drive: drive, Path: dir}][name]
	return at, ok
}

// roll is what was known of a roll when the layout was made.
func (l *Layout) roll(id catalog.RollID) catalog.Roll {
	if r := l.rolls[id]; r != nil {
		return *r
	}
	return catalog.Roll{}
}

// find is the item of a name.
func (f *folder) find(name string) (*item, bool) {
	i, ok := slices.BinarySearchFunc(f.items, name, func(it item, name string) int { return strings.Compare(it.name, name) })
	if !ok {
		return nil, false
	}
	return &f.items[i], true
}

// folderCount is how many folders lie directly in f: what its link count says.
func (f *folder) folderCount() uint32 {
	var n uint32
	for i := range f.items {
		switch f.items[i].kind {
		case folderItem, rollItem, driveItem:
			n++
		}
	}
	return n
}
