package catalog

import (
	"strings"
	"testing"

	"footagefs/verify/drive"
)

func defaultProfile(t testing.TB) *Profile {
	t.Helper()
	p, err := LoadProfile("")
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
	p := defaultProfile(t)
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
	p := defaultProfile(t)
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

func TestAssetTypeNames(t *testing.T) {
	p := defaultProfile(t)
	tests := []struct{ name, like, near string }{ // of folders it is like, or nearly
		{"Camera_Media", "Camera_Media", ""},
		{"Sound_Media", "Sound_Media", ""},
		{"camera_media", "Camera_Media", "Camera_Media"},
		{"CAMERAMEDIA", "Camera_Media", "Camera_Media"},
		{"Camera Media", "Camera_Media", "Camera_Media"},
		{"Camera-Media", "Camera_Media", "Camera_Media"},
		{" camera__media", "Camera_Media", "Camera_Media"},
		{"sound media", "Sound_Media", "Sound_Media"},
		{"Camera", "", "Camera_Media"}, {"video", "", "Camera_Media"},
		{"Camera_Roll", "", "Camera_Media"}, {"CAMERA ROLLS", "", "Camera_Media"}, {"cameraroll", "", "Camera_Media"},
		{"Sound", "", "Sound_Media"}, {"AUDIO", "", "Sound_Media"}, {"Sound-Roll", "", "Sound_Media"}, {"Sound_Rolls", "", "Sound_Media"},
		{"Camera_Reports", "", ""}, {"Camera_Media2", "", ""}, {"Camera.Media", "", ""}, {"Media", "", ""}, {"Cameras", "", ""}, {"", "", ""},
	}
	for _, tt := range tests {
		like, near := "", ""
		if a, ok := p.likeAssetType(tt.name); ok {
			like = a.Folder
		}
		if a, ok := p.nearAssetType(tt.name); ok {
			near = a.Folder
		}
		if like != tt.like || near != tt.near {
			t.Errorf("%q: got like %q, near %q, want %q, %q", tt.name, like, near, tt.like, tt.near)
		}
	}
}

func TestFreeFolders(t *testing.T) {
	p := defaultProfile(t)
	for _, name := range []string{
		"Proxies", "PROXY", "Reports", "Camera_Reports", "Sound_Reports", "camera reports", "Transcodes", "Dailies", "LUTs", "CDL",
		"Stills", "Documents", "Edit", "Metadata", "Proxies_H264", "Day05-Reports", "Editorial.Edit",
	} {
		if !p.isFree(name) {
			t.Errorf("%q is not free", name)
		}
	}
	for _, name := range []string{"Editorial", "Extras", "Reportsx", "CDLs", "Camera", "Sound", "Pro xies", "", "\xff", "Stillsé"} {
		if p.isFree(name) {
			t.Errorf("%q is free", name)
		}
	}
}

func TestLitterAndMedia(t *testing.T) {
	p := defaultProfile(t)
	for _, name := range []string{
		".DS_Store", "._A001C001.mxf", "._", ".Spotlight-V100", ".Trashes", ".fseventsd", ".TemporaryItems", ".DocumentRevisions-V100",
		".apdisk", ".VolumeIcon.icns", "Thumbs.db", "THUMBS.DB", "desktop.ini", "Desktop.ini", "System Volume Information",
		"$RECYCLE.BIN", "$Recycle.Bin", "lost+found", "._\xff",
		".Trash", ".Trash-1000", ".Trash-0", "@eaDir", "@EADIR", "#recycle", "#Recycle", "#snapshot", ".snapshot", ".@__thumb", ".AppleDouble",
		".AppleDB", ".stfolder", ".stversions", "Icon\r", ".fuse_hidden0000000300000001", ".nfs000000000002a", "FOUND.000", "found.017",
	} {
		if !p.Litter(name) || p.MediaFile(name) {
			t.Errorf("%q: litter %v, media %v, want litter", name, p.Litter(name), p.MediaFile(name))
		}
	}
	for _, name := range []string{"A001.mxf", "A001.MXF", "a.b.mov", "x.ARI", "x.r3d", "x.braw", "x.crm", "x.WAV", ".mxf", "\xff.mxf"} {
		if p.Litter(name) || !p.MediaFile(name) {
			t.Errorf("%q: litter %v, media %v, want media", name, p.Litter(name), p.MediaFile(name))
		}
	}
	for _, name := range []string{"DS_Store", ".DS_Store2", "x.txt", "mxf", "x.mxf.txt", "x.", "", "A001.mhl", "_.mxf~",
		"Trash", ".Trash-", ".Trash-A001", "eaDir", "recycle", "snapshot", "Icon", "Icon\n", "FOUND", "FOUND.0", "nfs", "AppleDouble"} {
		if p.Litter(name) || p.MediaFile(name) {
			t.Errorf("%q: litter %v, media %v, want neither", name, p.Litter(name), p.MediaFile(name))
		}
	}
}

func TestIllegalNames(t *testing.T) {
	p := defaultProfile(t)
	tests := []struct{ name, card, structure string }{ // the characters that are refused
		{"A001R1AB", "", ""}, {"20230510_EP103_Day05_MU", "", ""}, {"a-b.c_d", "", ""},
		{"A001 R1AB", "", "space"}, {"a+b=c!", "", "+ = !"}, {"é", "", "é"}, {"e\u0301", "", "U+0301"},
		{"a@b#c@d", "@ #", "@ #"}, {"a'b\"", "' \"", "' \""}, {"back\\slash", "\\", "\\"}, {"a|b~", "| ~", "| ~"}, {"(x)", "( )", "( )"},
		{"new\nline", "U+000A", "U+000A"}, {"del\x7f", "U+007F", "U+007F"}, {"c1\u0085", "U+0085", "U+0085"},
		{"\xff\xfe", "byte 0xFF byte 0xFE", "byte 0xFF byte 0xFE"}, {"bidi\u202e", "", "U+202E"}, {"\ufffd", "", "\ufffd"},
		{"@#$%^&*()", "@ # $ % ^ & * ( …", "@ # $ % ^ & * ( …"},
	}
	for _, tt := range tests {
		card, badCard := p.IllegalCardName(tt.name)
		structure, badStructure := p.IllegalStructureName(tt.name)
		if card != tt.card || badCard != (tt.card != "") || structure != tt.structure || badStructure != (tt.structure != "") {
			t.Errorf("%q: got %q, %q, want %q, %q", tt.name, card, structure, tt.card, tt.structure)
		}
	}
	for _, r := range "@#$%^&*()`;:<>?,[]{}\\'\"|~" {
		if _, bad := p.IllegalCardName("a" + string(r)); !bad {
			t.Errorf("a card's name may have %q", r)
		}
	}
	for _, r := range "!+=-_. éA0" {
		if _, bad := p.IllegalCardName("a" + string(r)); bad {
			t.Errorf("a card's name may not have %q", r)
		}
	}
}

func TestRoleOf(t *testing.T) {
	p := defaultProfile(t)
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
		if tt.want == roleInAsset && (got.asset == nil || got.day.date == "") {
			t.Errorf("%s: got %+v, want its asset type and date", tt.dir, got)
		}
	}
}
