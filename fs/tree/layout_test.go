package tree

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog"
)

// paths lists the whole tree, a line a name: folders with a slash, links with their
// targets, rolls and drives with what they stand for.
func (l *Layout) paths() []string { return l.root.paths(nil) }

func (f *Folder) paths(list []string) []string {
	for _, it := range f.Items {
		path := Join(f.Path, it.Name)
		switch it.Kind {
		case FolderItem:
			list = it.Folder.paths(append(list, path+"/"))
		case LinkItem:
			list = append(list, path+" -> "+it.Target)
		case RollItem, DriveItem:
			list = append(list, path+" = "+string('0'+rune(it.Place.Drive))+":"+it.Place.Path)
		default:
			list = append(list, path)
		}
	}
	return list
}

// roll makes a roll of a path such as 20230510_Day05/Camera_Media/A001.
func roll(id catalog.RollID, drive catalog.DriveID, path string, status catalog.RollStatus) catalog.Roll {
	parts := strings.Split(path, "/")
	day := parts[0]
	r := catalog.Roll{
		ID: id, Drive: drive, DriveName: driveLabel(drive), Name: parts[len(parts)-1], Type: catalog.Camera, Date: day[:8],
		Path: path, DayFolder: day, DayName: day, Order: int64(id), Status: status, Known: status,
	}
	if strings.Contains(path, "/Sound_Media/") {
		r.Type = catalog.Sound
	}
	return r
}

func driveLabel(id catalog.DriveID) string { return "SHUTTLE0" + string('0'+rune(id)) }

func day(drive catalog.DriveID, name string, imported bool) catalog.DayFolder {
	return catalog.DayFolder{Drive: drive, Path: name, Name: name, Imported: imported}
}

var (
	one = []catalog.Drive{{ID: 1, Name: "SHUTTLE01"}}
	two = []catalog.Drive{{ID: 1, Name: "SHUTTLE01"}, {ID: 2, Name: "SHUTTLE02"}}
)

// The parts of the tree that are the same whatever is on the drives.
const (
	emptyTree = `
.metadata_never_index
Drives/
Footage Library/
Footage Library/Camera Rolls/
Footage Library/Camera Rolls/report.csv
Footage Library/Sound Rolls/
Footage Library/Sound Rolls/report.csv
Footage Library/problems.csv
Footage Library/report.csv
Workspaces/
Workspaces/IMPORTED/
Workspaces/SOURCE/`
)

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name         string
		rolls        []catalog.Roll
		days         []catalog.DayFolder
		drives       []catalog.Drive
		verifiedOnly bool
		want         string
	}{
		{name: "nothing", want: emptyTree},
		{
			name:   "the contract's example",
			drives: one,
			rolls: []catalog.Roll{
				roll(1, 1, "20230510_EP103_Day05_MU/Camera_Media/A001R1AB", catalog.RollVerified),
				roll(2, 1, "20230510_EP103_Day05_MU/Sound_Media/S005", catalog.RollVerified),
			},
			days: []catalog.DayFolder{day(1, "20230510_EP103_Day05_MU", true), day(1, "20230511_EP103_Day06_MU", false)},
			want: `
.metadata_never_index
Drives/
Drives/SHUTTLE01 = 1:.
Footage Library/
Footage Library/Camera Rolls/
Footage Library/Camera Rolls/20230510/
Footage Library/Camera Rolls/20230510/A001R1AB = 1:20230510_EP103_Day05_MU/Camera_Media/A001R1AB
Footage Library/Camera Rolls/20230510/report.csv
Footage Library/Camera Rolls/report.csv
Footage Library/Sound Rolls/
Footage Library/Sound Rolls/20230510/
Footage Library/Sound Rolls/20230510/S005 = 1:20230510_EP103_Day05_MU/Sound_Media/S005
Footage Library/Sound Rolls/20230510/report.csv
Footage Library/Sound Rolls/report.csv
Footage Library/problems.csv
Footage Library/report.csv
Workspaces/
Workspaces/IMPORTED/
Workspaces/IMPORTED/20230510_EP103_Day05_MU -> ../../Drives/SHUTTLE01/20230510_EP103_Day05_MU
Workspaces/SOURCE/
Workspaces/SOURCE/20230511_EP103_Day06_MU -> ../../Drives/SHUTTLE01/20230511_EP103_Day06_MU`,
		},
		{
			name:         "verified only",
			drives:       one,
			verifiedOnly: true,
			rolls: []catalog.Roll{
				roll(1, 1, "20230510_A/Camera_Media/A001R1AB", catalog.RollVerified),
				roll(2, 1, "20230510_A/Camera_Media/A002R1AB", catalog.RollWarning),
				roll(3, 1, "20230511_A/Camera_Media/A003R1AB", catalog.RollPending),
			},
			want: `
.metadata_never_index
Drives/
Drives/SHUTTLE01 = 1:.
Footage Library/
Footage Library/Camera Rolls/
Footage Library/Camera Rolls/20230510/
Footage Library/Camera Rolls/20230510/A001R1AB = 1:20230510_A/Camera_Media/A001R1AB
Footage Library/Camera Rolls/20230510/report.csv
Footage Library/Camera Rolls/report.csv
Footage Library/Sound Rolls/
Footage Library/Sound Rolls/report.csv
Footage Library/problems.csv
Footage Library/report.csv
Workspaces/
Workspaces/IMPORTED/
Workspaces/SOURCE/`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := New(c.rolls, c.days, c.drives, c.verifiedOnly)
			want := strings.Split(strings.TrimPrefix(c.want, "\n"), "\n")
			if diff := cmp.Diff(want, l.paths()); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}

// names lists what lies in one folder, reports aside.
func names(l *Layout, path string) []string {
	var list []string
	for _, it := range l.Folders[path].Items {
		if it.Kind != ReportItem && it.Kind != EmptyItem {
			list = append(list, it.Name+" = "+it.Place.Path+"@"+string('0'+rune(it.Place.Drive)))
		}
	}
	return list
}

func TestRollNames(t *testing.T) {
	for _, c := range []struct {
		name  string
		rolls []catalog.Roll
		want  []string
	}{
		{"second unit", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 1, "20230510_SU/Camera_Media/A001", ""),
		}, []string{
			"A001 = 20230510_MU/Camera_Media/A001@1", "A001 (20230510_SU) = 20230510_SU/Camera_Media/A001@1",
		}},
		{"the one seen first has the bare name", []catalog.Roll{
			roll(7, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 1, "20230510_SU/Camera_Media/A001", ""),
		}, []string{
			"A001 = 20230510_SU/Camera_Media/A001@1", "A001 (20230510_MU) = 20230510_MU/Camera_Media/A001@1",
		}},
		{"letter case", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/a001", ""), roll(2, 1, "20230510_MU/Camera_Media/A001", ""),
		}, []string{
			"A001 (20230510_MU) = 20230510_MU/Camera_Media/A001@1", "a001 = 20230510_MU/Camera_Media/a001@1",
		}},
		{"a copy on another drive", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 2, "20230510_MU/Camera_Media/A001", ""),
		}, []string{
			"A001 = 20230510_MU/Camera_Media/A001@1", "A001 (20230510_MU) = 20230510_MU/Camera_Media/A001@2",
		}},
		{"drive, then numbers in byte order of paths", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/V/A001", ""), roll(2, 1, "20230510_MU/Camera_Media/Z/A001", ""),
			roll(3, 1, "20230510_MU/Camera_Media/W/A001", ""), roll(4, 1, "20230510_MU/Camera_Media/Y/A001", ""),
			roll(5, 1, "20230510_MU/Camera_Media/X/A001", ""),
		}, []string{
			"A001 = 20230510_MU/Camera_Media/V/A001@1",
			"A001 (20230510_MU) = 20230510_MU/Camera_Media/Z/A001@1",
			"A001 (20230510_MU) (SHUTTLE01) = 20230510_MU/Camera_Media/W/A001@1",
			"A001 (20230510_MU) (SHUTTLE01) (2) = 20230510_MU/Camera_Media/X/A001@1",
			"A001 (20230510_MU) (SHUTTLE01) (3) = 20230510_MU/Camera_Media/Y/A001@1",
		}},
		{"a bare name goes before a suffixed one", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 1, "20230510_SU/Camera_Media/A001", ""),
			roll(3, 1, "20230510_MU/Camera_Media/A001 (20230510_SU)", ""),
		}, []string{
			"A001 = 20230510_MU/Camera_Media/A001@1",
			"A001 (20230510_SU) = 20230510_MU/Camera_Media/A001 (20230510_SU)@1",
			"A001 (20230510_SU) (SHUTTLE01) = 20230510_SU/Camera_Media/A001@1",
		}},
		{"our own name", []catalog.Roll{roll(1, 1, "20230510_MU/Camera_Media/Report.CSV", "")}, []string{
			"Report.CSV (20230510_MU) = 20230510_MU/Camera_Media/Report.CSV@1",
		}},
		{"bytes that are not UTF-8", []catalog.Roll{
			roll(1, 1, "20230510_MU/Camera_Media/A\xff", ""), roll(2, 1, "20230510_MU/Camera_Media/A\xfe", ""),
		}, []string{
			"A\xfe = 20230510_MU/Camera_Media/A\xfe@1", "A\xff = 20230510_MU/Camera_Media/A\xff@1",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := New(c.rolls, nil, two, false)
			if diff := cmp.Diff(c.want, names(l, "Footage Library/Camera Rolls/20230510")); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDayNames(t *testing.T) {
	days := []catalog.DayFolder{
		day(1, "20230510_MU", false), day(2, "20230510_MU", true),
		{Drive: 1, Path: "230512", Name: "230512", Bad: true, Imported: true},
	}
	rolls := []catalog.Roll{roll(4, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 2, "20230510_MU/Camera_Media/A009", "")}
	l := New(rolls, days, two, false)
	want := []string{"20230510_MU (SHUTTLE01) = 20230510_MU@1", "230512 = 230512@1"}
	if diff := cmp.Diff(want, names(l, "Workspaces/SOURCE")); diff != "" {
		t.Errorf("SOURCE (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"20230510_MU = 20230510_MU@2"}, names(l, "Workspaces/IMPORTED")); diff != "" {
		t.Errorf("IMPORTED (-want +got):\n%s", diff)
	}
}

func TestRollsBelowDrives(t *testing.T) {
	rolls := []catalog.Roll{roll(1, 1, "20230510_MU/Camera_Media/A001", catalog.RollVerified), roll(2, 1, "20230510_SU/Camera_Media/A001", "")}
	for _, c := range []struct {
		verifiedOnly bool
		dir, want    string
	}{
		{false, "20230510_MU/Camera_Media", "Footage Library/Camera Rolls/20230510/A001"},
		{false, "20230510_SU/Camera_Media", "Footage Library/Camera Rolls/20230510/A001 (20230510_SU)"},
		{true, "20230510_MU/Camera_Media", "Footage Library/Camera Rolls/20230510/A001"},
		{true, "20230510_SU/Camera_Media", ""},
	} {
		l := New(rolls, nil, one, c.verifiedOnly)
		library, ok := l.RollIn(1, c.dir, "A001")
		if !ok || library != c.want {
			t.Errorf("%s, verified only %v: got %q (%v), want %q", c.dir, c.verifiedOnly, library, ok, c.want)
		}
	}
}

func TestDriveThatIsARoll(t *testing.T) {
	r := roll(1, 1, "20230510_MU/Camera_Media/A001", "")
	r.Path, r.DayFolder = ".", "."
	l := New([]catalog.Roll{r}, []catalog.DayFolder{{Drive: 1, Path: ".", Name: "20230510_MU"}}, one, false)
	want := `.metadata_never_index
Drives/
Drives/SHUTTLE01 -> ../Footage Library/Camera Rolls/20230510/A001
Footage Library/
Footage Library/Camera Rolls/
Footage Library/Camera Rolls/20230510/
Footage Library/Camera Rolls/20230510/A001 = 1:.
Footage Library/Camera Rolls/20230510/report.csv
Footage Library/Camera Rolls/report.csv
Footage Library/Sound Rolls/
Footage Library/Sound Rolls/report.csv
Footage Library/problems.csv
Footage Library/report.csv
Workspaces/
Workspaces/IMPORTED/
Workspaces/SOURCE/
Workspaces/SOURCE/20230510_MU -> ../../Drives/SHUTTLE01`
	if diff := cmp.Diff(strings.Split(want, "\n"), l.paths()); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

func TestResolve(t *testing.T) {
	rolls := []catalog.Roll{roll(1, 1, "20230510_MU/Camera_Media/A001", ""), roll(2, 1, "20230510_SU/Camera_Media/A001", "")}
	days := []catalog.DayFolder{day(1, "20230510_MU", false), day(1, "20230510_SU", false)}
	l := New(rolls, days, one, false)
	at := func(paths ...string) catalog.Filter {
		var f catalog.Filter
		for _, p := range paths {
			f.Paths = append(f.Paths, catalog.Place{Drive: 1, Path: p})
		}
		return f
	}
	for _, c := range []struct {
		path string
		want catalog.Filter
		ok   bool
	}{
		{"", catalog.Filter{}, true},
		{".", catalog.Filter{}, true},
		{"Footage Library/", catalog.Filter{}, true},
		{"Footage Library/report.csv", catalog.Filter{}, true},
		{"Footage Library/Camera Rolls", catalog.Filter{Type: catalog.Camera}, true},
		{"Footage Library/Camera Rolls/20230510", catalog.Filter{Type: catalog.Camera, Date: "20230510"}, true},
		{"Footage Library/Camera Rolls/20230510/report.csv", catalog.Filter{Type: catalog.Camera, Date: "20230510"}, true},
		{"Footage Library/Camera Rolls/20230510/report.csv/x", catalog.Filter{}, false},
		{"Footage Library/Camera Rolls/20230511", catalog.Filter{}, false},
		{"Footage Library/Camera Rolls/20230510/A001 (20230510_SU)", at("20230510_SU/Camera_Media/A001"), true},
		{"Footage Library/Camera Rolls/20230510/A001/Clip/x.mxf", at("20230510_MU/Camera_Media/A001/Clip/x.mxf"), true},
		{"Drives", catalog.Filter{}, true},
		{"Drives/SHUTTLE01", at("."), true},
		{"Drives/SHUTTLE01/20230510_MU/../20230510_SU", at("20230510_SU"), true},
		{"Drives/SHUTTLE02", catalog.Filter{}, false},
		{"Workspaces/SOURCE", at("20230510_MU", "20230510_SU"), true},
		{"Workspaces/SOURCE/20230510_MU/Camera_Media", at("20230510_MU/Camera_Media"), true},
		{"Workspaces/IMPORTED", catalog.Filter{Nothing: true}, true},
		{"../../etc", catalog.Filter{}, false},
	} {
		got, ok := l.Resolve(c.path)
		if ok != c.ok || (ok && !cmp.Equal(got, c.want)) {
			t.Errorf("Resolve(%q): got %+v, %v, want %+v, %v", c.path, got, ok, c.want, c.ok)
		}
	}
}

func TestFileName(t *testing.T) {
	for label, want := range map[string]string{"SHUTTLE01": "SHUTTLE01", "A/B": "A_B", "": "drive", "..": "drive", "a\x00b": "a_b", "\xff": "\xff"} {
		if got := fileName(label); got != want {
			t.Errorf("fileName(%q): got %q, want %q", label, got, want)
		}
	}
}
