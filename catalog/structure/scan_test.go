package structure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// lay makes a drive: a path that ends in a slash is a folder, in @ a link to nowhere, in !
// a FIFO; all others are empty files.
func lay(t testing.TB, dir string, paths ...string) {
	t.Helper()
	for _, path := range paths {
		full := dir + "/" + strings.TrimRight(path, "@!")
		err := os.MkdirAll(filepath.Dir(full), 0o755)
		switch {
		case err != nil:
		case strings.HasSuffix(path, "/"):
			err = os.MkdirAll(full, 0o755)
		case strings.HasSuffix(path, "@"):
			err = os.Symlink("nowhere", full)
		case strings.HasSuffix(path, "!"):
			err = unix.Mkfifo(full, 0o644)
		default:
			err = os.WriteFile(full, nil, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// scannerOf opens a folder as a drive.
func scannerOf(t testing.TB, dir string) *Scanner {
	t.Helper()
	d, err := drive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s := New(d, defaultProfile(t))
	s.listRoots = true // what a weak file system has always; tests of the other way say so
	return s
}

func scanned(t testing.TB, s *Scanner) *Structure {
	t.Helper()
	st, err := s.Scan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// lines shows a structure, a line a thing: days, rolls, findings.
func lines(st *Structure) []string {
	var list []string
	for _, d := range st.Days {
		kind := "day"
		if d.Bad {
			kind = "bad"
		}
		list = append(list, kind+" "+d.Path)
	}
	for _, r := range st.Rolls {
		list = append(list, fmt.Sprintf("%s %s %s", r.Type, r.Date, r.Path))
	}
	for _, f := range st.Findings {
		list = append(list, string(f.Code)+" "+f.Path)
	}
	return list
}

const aDay = "20230510_EP103_Day05_MU"

// trees are drives and what is found on them.
var trees = map[string]struct{ paths, want []string }{
	"nothing at all": {nil, []string{"no-rolls ."}},
	"a day": {
		[]string{aDay + "/Camera_Media/A001R1AB/x.mxf", aDay + "/Sound_Media/S005/", aDay + "/Reports/x.pdf"},
		[]string{"day " + aDay, "camera 20230510 " + aDay + "/Camera_Media/A001R1AB", "sound 20230510 " + aDay + "/Sound_Media/S005"},
	},
	"folders above the days are free": {
		[]string{"My Show/Season 1/20230510/Camera_Media/A001/x.mxf", "Other/20230511_x/Sound_Media/S 1/x.wav"},
		[]string{
			"day My Show/Season 1/20230510", "day Other/20230511_x",
			"camera 20230510 My Show/Season 1/20230510/Camera_Media/A001", "sound 20230511 Other/20230511_x/Sound_Media/S 1",
			"illegal-name Other/20230511_x/Sound_Media/S 1",
		},
	},
	"days and rolls inside are none": {
		[]string{"20230510/20230511/Camera_Media/A001/x", "20230510/Sound_Media/S005/20230512/Camera_Media/A002/x"},
		[]string{"day 20230510", "sound 20230510 20230510/Sound_Media/S005"},
	},
	"levels": {
		[]string{
			"20230510/Camera_Media/ALEXA35/A001R1AB/x.mxf", "20230510/Camera_Media/ALEXA35/readme.txt", "20230510/Camera_Media/ALEXA35/.DS_Store",
			"20230510/Camera_Media/Phone One/CARD 1/a.mhl", "20230510/Camera_Media/Phone One/CARD2/x.mov", "20230510/Camera_Media/DJI/DCIM/x.mp4",
			"20230510/Camera_Media/clip.mov", "20230510/Camera_Media/._clip.mov", "20230510/Camera_Media/ascmhl/x.mhl", "20230510/Camera_Media/all.mhl",
			"20230510/Sound_Media/MIX/S001/x.mhl", "20230510/Sound_Media/ASCMHL/x",
		},
		[]string{
			"day 20230510",
			"camera 20230510 20230510/Camera_Media/ALEXA35/A001R1AB", "camera 20230510 20230510/Camera_Media/DJI",
			"camera 20230510 20230510/Camera_Media/Phone One/CARD 1", "camera 20230510 20230510/Camera_Media/Phone One/CARD2",
			"sound 20230510 20230510/Sound_Media/MIX",
			"stray-file 20230510/Camera_Media/ALEXA35/readme.txt", "illegal-name 20230510/Camera_Media/Phone One",
			"illegal-name 20230510/Camera_Media/Phone One/CARD 1", "stray-file 20230510/Camera_Media/clip.mov",
		},
	},
	"bad dates": {
		[]string{
			"230510_Day05/Camera_Media/A001/x.mxf", "20230231_MU/camera media/A001/a.mhl", "2023-05-10/a/b/c/x.mxf", "2023-05-11/a/b/c/d/x.mxf",
			"20230510Day05/A001/ascmhl/", "My Show/Sound_Media/", "20230512 x/.Trashes/x.mxf", "20230513 x/._x.mxf", "20230514 x/x.txt",
			"Deep/20231301/x.WAV", "240101@",
		},
		[]string{
			"bad 2023-05-10", "bad 20230231_MU", "bad 20230510Day05", "bad 230510_Day05", "bad Deep/20231301", "bad My Show",
			"no-rolls .", "bad-date-folder 2023-05-10", "bad-date-folder 20230231_MU", "bad-date-folder 20230510Day05",
			"bad-date-folder 230510_Day05", "symlink 240101", "bad-date-folder Deep/20231301", "bad-date-folder My Show",
		},
	},
	"what lies in bad folders has no findings": {
		[]string{
			"230510/Camera_Media/A 1/a.mhl", "230510/x@", "230510/20230510/Camera_Media/A001/x.mxf",
			"20230510/camera_media/A 1/x.mhl", "20230510/camera_media/x@", "STRAY/x.mhl", "STRAY/y@", "STRAY/20230511/x.mxf",
		},
		[]string{"day 20230510", "bad 230510", "no-rolls .", "bad-media-folder 20230510/camera_media", "bad-date-folder 230510", "stray-folder STRAY"},
	},
	"a month above its days is free": {
		[]string{"202305/20230510/Camera_Media/A001/x.mxf", "2023-05-00/20230511/Camera_Media/A002/x.mxf"},
		[]string{
			"day 2023-05-00/20230511", "day 202305/20230510",
			"camera 20230511 2023-05-00/20230511/Camera_Media/A002", "camera 20230510 202305/20230510/Camera_Media/A001",
		},
	},
	"an asset type at the root hides no days": {
		[]string{"Camera_Media/A001/a.mhl", "20230510/Camera_Media/A 2/x.mxf", "LOOSE/x.mhl", "Sound media/S001/x.mhl"},
		[]string{
			"bad .", "day 20230510", "camera 20230510 20230510/Camera_Media/A 2",
			"bad-date-folder .", "illegal-name 20230510/Camera_Media/A 2",
		},
	},
	"strays": {
		[]string{
			"LOOSE/x.mhl", "Unsorted/D008/ascmhl/", "ascmhl/0001.mhl", "20230510/A001/a.MHL", "20230510/A002/._a.mhl", "20230510/Stills/a.mhl",
			"whole.mhl", "20230510/day.mhl", "20230510/ascmhl/x.mhl", "NOT/x.mhl@", "20230510/Sound_Media/S001/x",
		},
		[]string{
			"day 20230510", "sound 20230510 20230510/Sound_Media/S001", "stray-folder 20230510/A001",
			"stray-folder LOOSE", "symlink NOT/x.mhl", "stray-folder Unsorted/D008",
		},
	},
	"a manifest of a whole show makes it no stray": {
		[]string{"SHOW/ascmhl/", "SHOW/S1/20230510/Camera_Media/A001/x.mxf", "SHOW2/x.mhl", "SHOW2/230510/Sound_Media/S001/x.wav"},
		[]string{
			"day SHOW/S1/20230510", "bad SHOW2/230510", "camera 20230510 SHOW/S1/20230510/Camera_Media/A001", "bad-date-folder SHOW2/230510",
		},
	},
	"bad asset types": {
		[]string{
			"20230510/Camera_Media/A001/x", "20230510/CAMERAMEDIA/", "20230510/Camera Media/", "20230510/camera-media/x", "20230510/Audio/",
			"20230510/Video/", "20230510/Camera_Rolls/", "20230510/Sound_Roll/", "20230510/Extras/A001/a.mhl", "20230510/More/a/b/a.mhl",
			"20230510/Deeper/a/b/c/a.mhl", "20230510/More2/a/ascmhl/", "20230510/Proxies/a/a.mhl", "20230510/VFX Stills/a/a.mhl", "20230510/Editorial/a/a.mhl",
			"20230510/Other/x.mxf", "20230510/Other/y@", "20230510/Reports@", "20230510/pipe!",
		},
		[]string{
			"day 20230510", "camera 20230510 20230510/Camera_Media/A001",
			"bad-media-folder 20230510/Audio", "bad-media-folder 20230510/CAMERAMEDIA", "bad-media-folder 20230510/Camera Media",
			"bad-media-folder 20230510/Camera_Rolls", "bad-media-folder 20230510/Editorial", "bad-media-folder 20230510/Extras",
			"bad-media-folder 20230510/More", "bad-media-folder 20230510/More2", "symlink 20230510/Reports",
			"bad-media-folder 20230510/Sound_Roll", "bad-media-folder 20230510/Video",
			"bad-media-folder 20230510/camera-media", "special-file 20230510/pipe",
		},
	},
	"links and the like": {
		[]string{
			"link@", "Show/link@", "20230510/link@", "20230510/Camera_Media/link@", "20230510/Camera_Media/fifo!", "20230510/Camera_Media/ALEXA/A001/in@",
			"20230510/Camera_Media/ALEXA/link@", "20230510/Reports/link@", "20230512@", ".Trashes/x@", ".DS_Store@", "20230511/Sound_Media@",
		},
		[]string{
			"day 20230510", "day 20230511", "camera 20230510 20230510/Camera_Media/ALEXA/A001",
			"symlink .DS_Store", "symlink 20230510/Camera_Media/ALEXA/link", "special-file 20230510/Camera_Media/fifo",
			"symlink 20230510/Camera_Media/link", "symlink 20230510/link", "symlink 20230511/Sound_Media", "symlink 20230512", "symlink Show/link", "symlink link",
		},
	},
	"illegal names": {
		[]string{"20230510_a b/Camera_Media/A\n1/x.mxf", "20230510_a b/Sound_Media/\xff/x.wav", "20230510_a b/Reports @/x", "A b/x"},
		[]string{
			"day 20230510_a b", "camera 20230510 20230510_a b/Camera_Media/A\n1", "sound 20230510 20230510_a b/Sound_Media/\xff",
			"illegal-name 20230510_a b", "illegal-name 20230510_a b/Camera_Media/A\n1", "illegal-name 20230510_a b/Sound_Media/\xff",
		},
	},
}

func TestScan(t *testing.T) {
	for name, tt := range trees {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() + "/SHUTTLE01"
			lay(t, dir, append(tt.paths, "/")...)
			s := scannerOf(t, dir)
			got := lines(scanned(t, s))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(got, lines(scanned(t, s))); diff != "" {
				t.Errorf("again -first +second:\n%s", diff)
			}
			s = scannerOf(t, dir)
			s.strong, s.listRoots = true, false
			if diff := cmp.Diff(got, lines(scanned(t, s))); diff != "" {
				t.Errorf("without listing roots -with +without:\n%s", diff)
			}
		})
	}
}

// A drive may be a part of the structure itself.
func TestScanOpenedInside(t *testing.T) {
	const day = "S/20230510_EP103_Day05_MU"
	whole := t.TempDir()
	lay(t, whole,
		day+"/Camera_Media/ALEXA35/A001R1AB/x.mxf", day+"/Camera_Media/ALEXA35/notes.txt", day+"/Camera_Media/B001/Clips/x.mxf",
		day+"/Camera_Media/Odd/CARD/a.mhl", day+"/Camera_Media/Odd/CARD2/x.mov", day+"/Camera_Media/x@", day+"/Sound_Media/S 5/20230511/x.wav",
		day+"/Proxies/A001/x.mhl", day+"/camera_media/A009/a.mhl", "S/230512_Day06/Camera_Media/A001/x.mxf", "2023-05-10 S/"+day+"/Camera_Media/A001/x",
	)
	tests := []struct {
		open string
		want []string
	}{
		{day, []string{
			"day .", "camera 20230510 Camera_Media/ALEXA35/A001R1AB", "camera 20230510 Camera_Media/B001",
			"camera 20230510 Camera_Media/Odd/CARD", "camera 20230510 Camera_Media/Odd/CARD2", "sound 20230510 Sound_Media/S 5",
			"stray-file Camera_Media/ALEXA35/notes.txt", "symlink Camera_Media/x", "illegal-name Sound_Media/S 5", "bad-media-folder camera_media",
		}},
		{day + "/Camera_Media", []string{
			"day .", "camera 20230510 ALEXA35/A001R1AB", "camera 20230510 B001", "camera 20230510 Odd/CARD", "camera 20230510 Odd/CARD2",
			"stray-file ALEXA35/notes.txt", "symlink x",
		}},
		{day + "/Camera_Media/ALEXA35", []string{"day .", "camera 20230510 A001R1AB", "stray-file notes.txt"}},
		{day + "/Camera_Media/ALEXA35/A001R1AB", []string{"day .", "camera 20230510 ."}},
		{day + "/Camera_Media/B001", []string{"day .", "camera 20230510 ."}},
		{day + "/Camera_Media/B001/Clips", []string{"no-rolls ."}},
		{day + "/Camera_Media/Odd", []string{"day .", "camera 20230510 CARD", "camera 20230510 CARD2"}},
		{day + "/Camera_Media/Odd/CARD", []string{"day .", "camera 20230510 ."}},
		{day + "/Camera_Media/Odd/CARD2", []string{"no-rolls ."}}, // its name says nothing, and CARD is not looked at
		{day + "/Sound_Media", []string{"day .", "sound 20230510 S 5", "illegal-name S 5"}},
		{day + "/Sound_Media/S 5", []string{"day .", "sound 20230510 .", "illegal-name ."}},
		{day + "/Sound_Media/S 5/20230511", []string{"no-rolls ."}},
		{day + "/camera_media", []string{"bad-media-folder .", "no-rolls ."}},
		{"S/230512_Day06", []string{"bad .", "bad-date-folder .", "no-rolls ."}},
		{"2023-05-10 S", []string{
			"day S/20230510_EP103_Day05_MU", "camera 20230510 S/20230510_EP103_Day05_MU/Camera_Media/A001",
		}},
	}
	for _, tt := range tests {
		st := scanned(t, scannerOf(t, whole+"/"+tt.open))
		if diff := cmp.Diff(tt.want, lines(st)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.open, diff)
		}
		for _, r := range st.Rolls {
			if r.DayName != "20230510_EP103_Day05_MU" || r.Episode != "EP103" || r.Day != "Day05" || r.Unit != "MU" || r.Inode == 0 {
				t.Errorf("%s: got %+v, want the fields of the day folder", tt.open, r)
			}
			if r.Path == "." && r.Name != filepath.Base(tt.open) {
				t.Errorf("%s: got the name %q", tt.open, r.Name)
			}
		}
	}
}

// Findings say what to do, with the name that is right where it can be told.
func TestMessages(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir,
		"230510_Day05/Camera_Media/A001/x.mxf", "230511_Day06/Camera_Media/A001/x.mxf", "20230511_Day06/", "20230230_x/x.mxf",
		"20230512Day07/x.mxf", "Show/Sound_Media/", "20230513/Camera_Media/A @1/x", "20230513/camera_media/", "20230513/Audio/",
		"LOOSE/x.mhl", "20230513/Camera_Media/x.mxf", "20230513/Extras/a/a.mhl",
	)
	want := map[string]string{
		"230510_Day05":               "230510_Day05: shoot date must be yyyyMMdd; rename it to 20230510_Day05",
		"230511_Day06":               "230511_Day06: shoot date must be yyyyMMdd; rename it so that it begins with the date on which it was shot",
		"20230230_x":                 "20230230_x: shoot date must be yyyyMMdd; rename it so that it begins with the date on which it was shot",
		"20230512Day07":              "20230512Day07: shoot date must be yyyyMMdd, alone or followed by _; rename it to 20230512_Day07",
		"20230513/Camera_Media/A @1": "20230513/Camera_Media/A @1: post may refuse this name (space @); rename the folder with A-Za-z0-9._- only",
		"20230513/Audio":             "20230513/Audio: the folder of sound rolls must be called Sound_Media exactly; rename it",
		"20230513/camera_media":      "20230513/camera_media: camera rolls belong in Camera_Media, spelled exactly so; move what is in it there",
	}
	said := map[string]string{}
	for _, f := range scanned(t, scannerOf(t, dir)).Findings {
		said[f.Path] = f.Message(f.Path)
		if !strings.HasPrefix(f.Message(f.Path), f.Path+": ") || f.Do == "" {
			t.Errorf("%s %s: got %q, want the path, what is wrong and what to do", f.Code, f.Path, f.Message(f.Path))
		}
		if roll := f.Code == "illegal-name"; roll != (f.Roll == "A @1" && f.Type == profile.Camera && f.Date == "20230513") {
			t.Errorf("%s %s: got the roll %q %q %q", f.Code, f.Path, f.Roll, f.Type, f.Date)
		}
	}
	for path, message := range want {
		if said[path] != message {
			t.Errorf("got  %q\nwant %q", said[path], message)
		}
	}
}

func TestSeverities(t *testing.T) {
	warnings := map[finding.Code]bool{"stray-file": true, "illegal-name": true, "symlink": true, "special-file": true}
	for name, tt := range trees {
		dir := t.TempDir() + "/SHUTTLE01"
		lay(t, dir, append(tt.paths, "/")...)
		for _, f := range scanned(t, scannerOf(t, dir)).Findings {
			if (f.Severity == finding.Warning) != warnings[f.Code] {
				t.Errorf("%s: %s has the severity %s", name, f.Code, f.Severity)
			}
		}
	}
}

func TestNamesThatCannotBeLookedAt(t *testing.T) {
	s := scannerOf(t, t.TempDir())
	w := &walk{Scanner: s, ctx: t.Context()}
	w.odd("20230510", &listing{entries: []drive.Entry{{Name: "A", Kind: drive.Unknown}, {Name: "B", Kind: drive.Folder}}})
	if got := lines(&w.out); !slices.Equal(got, []string{"unreadable 20230510/A"}) {
		t.Errorf("got %q", got)
	}
}
