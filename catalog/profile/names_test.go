package profile

import "testing"

func defaultProfile(t testing.TB) *Profile {
	t.Helper()
	p, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	return p
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
		if a, ok := p.LikeAssetType(tt.name); ok {
			like = a.Folder
		}
		if a, ok := p.NearAssetType(tt.name); ok {
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
		if !p.Free(name) {
			t.Errorf("%q is not free", name)
		}
	}
	for _, name := range []string{"Editorial", "Extras", "Reportsx", "CDLs", "Camera", "Sound", "Pro xies", "", "\xff", "Stillsé"} {
		if p.Free(name) {
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
