package structure

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
)

func defaultProfile(t testing.TB) *profile.Profile {
	t.Helper()
	p, err := profile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// entries makes a listing of names: one that ends in a slash is a folder, in @ a link, in !
// a FIFO, in % a folder of another file system.
func entries(names ...string) []drive.Entry {
	kinds := map[byte]drive.Kind{'/': drive.Folder, '@': drive.Symlink, '!': drive.Special, '%': drive.Foreign}
	var list []drive.Entry
	for _, name := range names {
		e := drive.Entry{Name: name, Kind: drive.Regular}
		if kind, ok := kinds[name[len(name)-1]]; ok {
			e = drive.Entry{Name: name[:len(name)-1], Kind: kind}
		}
		list = append(list, e)
	}
	return list
}

func TestLevel(t *testing.T) {
	p := rules{defaultProfile(t)}
	tests := []struct {
		name   string
		holds  string // separated by spaces
		sealed string // its sub-folders with a manifest
		want   bool
	}{
		{"ALEXA35", "A001R1AB/ A002R1AB/", "", true},
		{"ALEXA35", "A001R1AB/", "", true},
		{"ALEXA35", "AB001/ a0012_x/", "", true},
		{"ALEXA35", "A001R1AB/ readme.txt .DS_Store ._x.mxf", "", true},
		{"ALEXA35", "A001R1AB/ .Trashes/ ascmhl2.txt", "", true},
		{"ALEXA35", "A001R1AB/ Notes/", "", false},
		{"ALEXA35", "A001R1AB/ Notes/", "A001R1AB", true},
		{"ALEXA35", "Roll_one/ Roll_two/", "Roll_two", true},
		{"ALEXA35", "Roll_one/ Roll_two/", "", false},
		{"ALEXA35", "A001R1AB/ clip.mxf", "", false},
		{"ALEXA35", "A001R1AB/ clip.mxf", "A001R1AB", true},
		{"ALEXA35", "A001R1AB/ own.mhl", "A001R1AB", false},
		{"ALEXA35", "A001R1AB/ OWN.MHL", "A001R1AB", false},
		{"ALEXA35", "A001R1AB/ ._own.mhl", "", true},
		{"ALEXA35", "A001R1AB/ own.mhl@", "", true},
		{"ALEXA35", "A001R1AB/ ascmhl/", "A001R1AB", false},
		{"ALEXA35", "A001R1AB/ ascmhl@", "", true},
		{"ALEXA35", "A001R1AB%", "", true},
		{"ALEXA35", "A001R1AB@", "", false},
		{"ALEXA35", "", "", false},
		{"ALEXA35", ".Trashes/ lost+found/", "", false},
		{"C300", "A001C300/", "", true}, // named like a reel itself, but so is its sub-folder
		{"C300", "Clips2/", "Clips2", false},
		{"FS700", "A001X/ B002X/", "", true},
		// Card folders make their parent a roll, whatever else is there.
		{"A001R1AB", "Clips/ X/", "X", false},
		{"CARD", "clips/ A001/", "A001", false},
		{"CARD", "XDROOT/", "", false}, {"CARD", "M4ROOT/", "", false}, {"CARD", "BPAV/", "", false},
		{"CARD", "contents/", "", false}, {"CARD", "XFVC/", "", false}, {"CARD", "DCIM/", "", false},
		{"CARD", "Misc/", "", false}, {"CARD", "PRIVATE/", "", false}, {"CARD", "AVCHD/", "", false}, {"CARD", "BDMV/", "", false},
		{"CARD", "A001_C001_0510Q4.RDC/", "", false}, {"CARD", "A001_C001_0510Q4.rdc/", "", false},
		{"A001R1AB", "a001r1ab/", "", false},
		{"B001_0510FT", "B001_0510FT.RDM/", "", false},
		{"B001_0510FT", "b001_0510ft.rdm/ A001/", "A001", false},
		{"CARD", "A001_0510FT.RDM/", "", true}, // not of this name: a reel below a level
		{"A001R1AB", "A001C003_230510_R1AB/ A001C004_230510_R1AB/", "", false},
		{"A001R1AB", "a001c003/ Z/", "Z", false},
		{"A001R1AB", "B001C003/ B001C004/", "", true},
		{"A001R1AB", "ALL/", "ALL", false},        // the only one, no reel, below a reel
		{"A001R1AB", "ALL/ .Trashes/", "", false}, // litter does not count
		{"A001R1AB", "ALL/ MORE/", "ALL", true},   // two: one sealed
		{"A001R1AB", "ALL/ MORE/", "", false},     // two: none sealed
		{"ROLL_ONE", "ALL/", "ALL", true},         // its parent is not named like a reel
		{"ROLL_ONE", "ALL/", "", false},
		{"A0012R", "A0012C001/ X/", "X", false}, // four digits
		{"\xff", "\xff/ A001/", "A001", false},
	}
	for _, tt := range tests {
		sealed := func(sub string) bool { return sub == tt.sealed }
		if got := p.level(tt.name, entries(strings.Fields(tt.holds)...), sealed); got != tt.want {
			t.Errorf("level(%q, %q) with %q sealed: got %v, want %v", tt.name, tt.holds, tt.sealed, got, tt.want)
		}
	}
}

// Names decide before sub-folders are looked at.
func TestLevelAsksOnlyWhereNamesDoNotDecide(t *testing.T) {
	p := rules{defaultProfile(t)}
	asked := 0
	sealed := func(string) bool { asked++; return true }
	for _, holds := range []string{"A001/ A002/", "DCIM/ X/", "own.mhl X/", ""} {
		p.level("CARD", entries(strings.Fields(holds)...), sealed)
	}
	if asked != 0 {
		t.Errorf("asked %d times, want 0", asked)
	}
	if p.level("CARD", entries("X/", "Y/", "Z/"), sealed); asked != 1 {
		t.Errorf("asked %d times, want once: the first is sealed", asked)
	}
}

func TestRoleOf(t *testing.T) {
	p := rules{defaultProfile(t)}
	const day = "/mnt/S/20230510_EP103_Day05_MU"
	tests := []struct {
		dir  string
		want roleKind
	}{
		{"/", roleFree}, {"/mnt", roleFree}, {"/mnt/SHUTTLE01", roleFree}, {"/mnt/20230510", roleDay},
		{"/mnt/20230510/SHUTTLE01", roleFree}, {"/mnt/20230601/20230510_EP103", roleDay}, {"/mnt/230510_Day05", roleFree},
		{day, roleDay}, {day + "/Proxies", roleFree}, {day + "/A001R1AB", roleFree},
		{day + "/camera_media", roleMisspelt}, {day + "/Audio", roleMisspelt}, {day + "/Audio/S001", roleFree},
		{day + "/Camera_Media", roleAsset}, {day + "/Sound_Media", roleAsset}, {"/mnt/S/Camera_Media", roleFree}, {"/mnt/Camera_Media/A001", roleFree},
		{day + "/Camera_Media/ALEXA35", roleInAsset}, {day + "/Sound_Media/S005", roleInAsset},
		{day + "/Camera_Media/ALEXA35/A001R1AB", roleBelowLevel}, {day + "/Camera_Media/C300/A001C300", roleBelowLevel},
		{day + "/Camera_Media/A001R1AB/Clips", roleInRoll}, {day + "/Camera_Media/A001R1AB/A001C001_x", roleInRoll},
		{day + "/Camera_Media/B001_0510FT/B001_0510FT.RDM", roleInRoll}, {day + "/Camera_Media/CARD/DCIM", roleInRoll},
		{day + "/Camera_Media/ALEXA35/A001R1AB/Clips", roleInRoll}, {day + "/Sound_Media/S005/20230510", roleInRoll},
		{day + "/Sound_Media/S005/20230510/Camera_Media/A001", roleInRoll}, {day + "/Camera_Media/ascmhl", roleInRoll},
		{day + "/Camera_Media/ALEXA35/ascmhl", roleInRoll}, {day + "/Camera_Media/.Trashes/A001", roleInRoll},
		{"/mnt/20230510/x/20230511/Camera_Media/A001", roleInAsset},
	}
	for _, tt := range tests {
		got := p.roleOf(tt.dir)
		if got.kind != tt.want {
			t.Errorf("%s: got role %d, want %d", tt.dir, got.kind, tt.want)
		}
		if tt.want == roleInAsset && (got.asset == nil || got.day.Date == "") {
			t.Errorf("%s: got %+v, want its asset type and date", tt.dir, got)
		}
	}
}

// A scan goes by the profile that it was given.
func TestScanByAnotherProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ours.toml")
	if err := os.WriteFile(file, []byte("[[asset_type]]\nfolder = \"OCF\"\nroll_type = \"camera\"\n[[asset_type]]\nfolder = \"SOUND\"\nroll_type = \"sound\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/OCF/ALEXA35/A001/x.mxf", "20230510/SOUND/S001/x.wav", "20230510/Camera_Media/A002/x.mxf", "20230510/ocf/")
	s := scannerOf(t, dir)
	s.profile = rules{p}
	want := []string{
		"day 20230510", "camera 20230510 20230510/OCF/ALEXA35", "sound 20230510 20230510/SOUND/S001", "bad-media-folder 20230510/ocf",
	}
	if diff := cmp.Diff(want, lines(scanned(t, s))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
