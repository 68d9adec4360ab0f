package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profileFile writes a profile and returns its path.
func profileFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ours.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBuiltInProfiles(t *testing.T) {
	if diff := cmp.Diff([]string{"Netflix Recommended"}, Names()); diff != "" {
		t.Errorf("Names -want +got:\n%s", diff)
	}
	for _, name := range []string{"", "Netflix Recommended", "netflix recommended", "NETFLIX_RECOMMENDED", "netflix-recommended", "netflix", "Netflix"} {
		p, err := Load(name)
		if err != nil || p.Name != "Netflix Recommended" || len(p.AssetTypes) != 2 || p.SeveralManifests() {
			t.Errorf("Load(%q): got %+v, %v", name, p, err)
		}
	}
}

// What `profile` shows is a file that says the same as the profile that it was made from,
// and explains every key.
func TestProfileTextIsAFileToCopy(t *testing.T) {
	text, err := Text("netflix")
	if err != nil {
		t.Fatal(err)
	}
	file := profileFile(t, text)
	again, err := Text(file)
	if err != nil || again != text {
		t.Errorf("Text of the copy: %v, or not the same", err)
	}
	p, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	want := defaultProfile(t)
	p.compiled, want.compiled = compiled{}, compiled{}
	if diff := cmp.Diff(*want, *p, cmp.AllowUnexported(Profile{}, compiled{}, names{}, charset{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	commented, seen := false, map[string]bool{}
	for line := range strings.Lines(text) {
		key, _, isKey := strings.Cut(line, " = ")
		switch {
		case strings.HasPrefix(line, "#"):
			commented = true
		case strings.TrimSpace(line) == "":
			commented = false
		case isKey && !commented && !seen[key]:
			t.Errorf("nothing explains %s", key)
		}
		seen[key] = seen[key] || isKey
	}
}

// What a file leaves out is as in the default profile; a list that it has replaces the other.
func TestProfileFile(t *testing.T) {
	file := profileFile(t, `
[day_folder]
pattern = '(?P<fields>[^ ]+) (?P<date>[0-9.]+)'
date = "dd.MM.yy"
separator = "-"
free = []
[[asset_type]]
folder = "OCF"
roll_type = "camera"
[manifest]
per_roll = "several"
`)
	p, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "ours" || !p.SeveralManifests() || len(p.AssetTypes) != 1 || p.AssetTypes[0].Levels || p.Free("Proxies") {
		t.Errorf("got %+v", p)
	}
	if !p.Litter(".DS_Store") || !p.MediaFile("x.mxf") || p.Reel("A001") == "" {
		t.Error("what is left out is not as in the default profile")
	}
	got, ok := p.DayName("EP103-Day05-x 10.05.23")
	if want := (DayName{"20230510", "EP103", "Day05", ""}); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	for _, name := range []string{"x 31.02.23", "20230510", "x 10.05.2023", "10.05.23"} {
		if d, ok := p.DayName(name); ok {
			t.Errorf("%q: got %+v, want no day folder", name, d)
		}
	}
}

// Errors name the key, and what is allowed there.
func TestUnusableProfiles(t *testing.T) {
	tests := []struct{ text, want string }{
		{`nome = "x"`, "line 1: there is no key nome; allowed here: name, day_folder, asset_type, camera_format_level, manifest, names, files"},
		{"\n[day_folder]\npatern = 'x'", "line 3: there is no key day_folder.patern; allowed here: pattern, date, separator, episode, day, unit, free"},
		{"[[asset_type]]\nfolder = 'x'\nrolltype = 'camera'", "there is no key asset_type.rolltype; allowed here: folder, roll_type, levels, near"},
		{"[day_folders]\npattern = 'x'", "there is no key day_folders"},
		{"name = 5", "line 1: name must be a text in quotes"},
		{"[day_folder]\nunit = 'MU'", "line 2: day_folder.unit must be a list of texts in quotes"},
		{"[[asset_type]]\nlevels = 'no'", "line 2: asset_type.levels must be true or false"},
		{"files = 'x'", "line 1: files must be a table of media, litter"},
		{"name = ", "line 1: "},
		{"[day_folder]\npattern = '(?P<date>'", "day_folder.pattern is no regular expression"},
		{"[day_folder]\npattern = '[0-9]{8}'", "day_folder.pattern must have a group (?P<date>...)"},
		{"[day_folder]\ndate = 'YYYYMMDD'", `day_folder.date is "YYYYMMDD"; allowed are yyyy or yy, MM and dd`},
		{"[day_folder]\ndate = 'yyyyMM'", "day_folder.date is"}, {"[day_folder]\ndate = 'yyyyMMddMM'", "day_folder.date is"},
		{"[day_folder]\ndate = 'yyyy MM dd'", "day_folder.date is"},
		{"[day_folder]\nseparator = '/'", "day_folder.separator is"},
		{"[day_folder]\nepisode = ['EP(']", "day_folder.episode is no regular expression"},
		{"[day_folder]\nday = ['a', ')(']", "day_folder.day is no regular expression"},
		{"[day_folder]\nunit = ['[']", "day_folder.unit is no regular expression"},
		{"[day_folder]\nfree = ['_']", `day_folder.free has "_"`},
		{"asset_type = []", "asset_type must be given at least once"},
		{"[[asset_type]]\nfolder = 'a/b'\nroll_type = 'camera'", `asset_type.folder is "a/b"`},
		{"[[asset_type]]\nroll_type = 'camera'", `asset_type.folder is ""`},
		{"[[asset_type]]\nfolder = 'A'\nroll_type = 'camera'\n[[asset_type]]\nfolder = 'A'\nroll_type = 'sound'", `asset_type.folder is "A"`},
		{"[[asset_type]]\nfolder = 'OCF'\nroll_type = 'Camera'", `asset_type.roll_type is "Camera"; allowed are "camera" and "sound"`},
		{"[[asset_type]]\nfolder = 'OCF'\nroll_type = 'camera'\nnear = ['_']", `asset_type.near has "_"`},
		{"[camera_format_level]\nreel = '('", "camera_format_level.reel is no regular expression"},
		{"[camera_format_level]\nreel = '.*'", `camera_format_level.reel is ".*"`},
		{"[camera_format_level]\ncard_folders = ['[']", `camera_format_level.card_folders has "["`},
		{"[manifest]\nper_roll = 'two'", `manifest.per_roll is "two"; allowed are "one" and "several"`},
		{"[names]\nlegal = 'z-a'", "names.legal is no regular expression"},
		{"[files]\nlitter = ['*']", `files.litter has "*"`}, {"[files]\nmedia = ['*.mxf']", `files.media has "*.mxf"`},
		{"[files]\nlitter = ['']", `files.litter has ""`},
	}
	for _, tt := range tests {
		file := profileFile(t, tt.text)
		_, err := Load(file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

func TestProfilesThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.toml")
	if err := os.WriteFile(large, []byte("#"+strings.Repeat("x", maxProfile)), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Netflix Rekommended": "there is Netflix Recommended", dir: "reading the profile", large: "larger than", " ": "no such file", "_": "no such file",
	} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%q): got %v, want %s", name, err, want)
		}
		if _, err := Text(name); err == nil {
			t.Errorf("Text(%q): got no error", name)
		}
	}
}

func FuzzProfile(f *testing.F) {
	f.Add(netflixProfile)
	f.Add("[day_folder]\npattern = '(?P<date>.*)'\nunit = []")
	f.Add("[[asset_type]]\nfolder = 'x'\nroll_type = 'sound'\n[files]\nlitter = ['?*']")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseProfile("fuzz", text)
		if err != nil {
			return
		}
		for _, name := range []string{"20230510_EP103", "\xff", "", "A001R1AB", "Camera_Media"} {
			p.DayName(name)
			p.Suggest(name, 2030)
			p.CardFolder(name, name)
			p.IllegalStructureName(name)
			p.IllegalCardName(name)
		}
	})
}
