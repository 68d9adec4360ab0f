package drives

import (
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"footagefs/testdata"
)

// Roll is a roll of a drive made here: where it lies, what it is, and the status it
// has once everything was read.
type Roll struct {
	Path   string // relative to the drive
	Type   string // camera or sound
	Date   string // 2023-05-10
	Status string
}

// sampleRoll is how a roll of the sample drive was sealed.
type sampleRoll struct {
	path  string
	shot  string // when its first file was written, UTC
	empty []string
	seal  func(dir string, at time.Time) error
}

var sampleRolls = []sampleRoll{
	{"20230510_EP103_Day05_MU/Camera_Media/A001R1AB", "2023-05-10 08:12", nil, legacy("xxhash64be")},
	{"20230510_EP103_Day05_MU/Camera_Media/B001_0510FT", "2023-05-10 09:40", nil, legacy("md5")},
	{"20230510_EP103_Day05_MU/Sound_Media/S005", "2023-05-10 08:10", []string{"FALSETAKES", "TRASH"}, legacy("xxhash64be")},
	{"20230511_EP103_Day06_MU/Camera_Media/A002R1AB", "2023-05-11 07:58", nil, twoGenerations},
	{"20230511_EP103_Day06_MU/Camera_Media/ALEXALF/C001R2CD", "2023-05-11 08:30", nil, withFolders},
	{"20230511_EP103_Day06_MU/Sound_Media/S006", "2023-05-11 08:05", []string{"TRASH"}, asc("xxh128")},
	{"20230511_EP103_Day06_SU/Camera_Media/B002_0511GH", "2023-05-11 10:20", nil, legacy("xxhash64be", "md5")},
}

// SampleRolls are the sample drive's rolls; every one is verified.
func SampleRolls() []Roll {
	var rolls []Roll
	for _, r := range sampleRolls {
		kind := "camera"
		if strings.Contains(r.path, "/Sound_Media/") {
			kind = "sound"
		}
		rolls = append(rolls, Roll{r.path, kind, r.shot[:10], "verified"})
	}
	return rolls
}

func legacy(elements ...string) func(string, time.Time) error {
	return func(dir string, at time.Time) error {
		_, err := SealLegacy(dir, at, elements...)
		return err
	}
}

// asc seals without directory hashes: one over a folder that Git drops would not hold.
func asc(elements ...string) func(string, time.Time) error {
	return func(dir string, at time.Time) error {
		return SealASC(dir, Generation{At: at, Process: "transfer", Elements: elements})
	}
}

func withFolders(dir string, at time.Time) error {
	return SealASC(dir, Generation{At: at, Process: "transfer", Elements: []string{"xxh128"}, Folders: true})
}

// twoGenerations is a roll that was sealed on set and verified in the evening, with
// another checksum added.
func twoGenerations(dir string, at time.Time) error {
	g := Generation{At: at, Process: "transfer", Elements: []string{"xxh64"}}
	if err := SealASC(dir, g); err != nil {
		return err
	}
	return SealASC(dir, Generation{At: at.Add(5 * time.Hour), Elements: []string{"xxh128", "xxh64"}, Action: "verified"})
}

// Sample writes the sample drive into dir: two days, three cameras, two sound rolls,
// both families of manifests, real media of a few kilobytes. Nothing is wrong with it.
// What is committed as testdata/drive is the same less times and empty folders.
func Sample(dir string) error {
	t := newTree(dir)
	media, err := iofs.Sub(testdata.Drive, "drive")
	t.do(err)
	t.copyMedia(media)
	for _, r := range sampleRolls {
		t.sampleRoll(r)
	}
	return t.settle(day("2023-05-10"))
}

// copyMedia writes every committed file but the manifests.
func (t *tree) copyMedia(media iofs.FS) {
	t.do(iofs.WalkDir(media, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isManifest(name) {
			return err
		}
		data, err := iofs.ReadFile(media, name)
		if err != nil {
			return err
		}
		at := day(name[:4] + "-" + name[4:6] + "-" + name[6:8]).Add(19 * time.Hour)
		t.file(name, data, at)
		return t.err
	}))
}

// isManifest is true for manifests and whatever lies in a history's folder.
func isManifest(name string) bool {
	return path.Ext(name) == ".mhl" || path.Base(path.Dir(name)) == "ascmhl"
}

// sampleRoll gives a roll its empty folders, its times (a file every seven minutes)
// and, an hour after the last, its manifest.
func (t *tree) sampleRoll(r sampleRoll) {
	for _, name := range r.empty {
		t.folder(r.path + "/" + name)
	}
	t.unseal(r.path)
	if t.err != nil {
		return
	}
	at, err := time.Parse("2006-01-02 15:04", r.shot)
	t.do(err)
	entries, err := List(t.abs(r.path))
	t.do(err)
	for _, e := range entries {
		t.times(r.path+"/"+e.Path, at)
		at = at.Add(7 * time.Minute)
	}
	if t.err == nil {
		t.do(r.seal(t.abs(r.path), at.Add(time.Hour)))
	}
}

// unseal removes a roll's manifests, which an earlier run may have left.
func (t *tree) unseal(roll string) {
	if t.err != nil {
		return
	}
	t.do(os.RemoveAll(t.abs(roll + "/ascmhl")))
	names, err := filepath.Glob(t.abs(roll + "/*.mhl"))
	t.do(err)
	for _, name := range names {
		t.do(os.Remove(name))
	}
}

// day is midnight UTC of a date; the generators' own dates are right.
func day(date string) time.Time {
	at, err := time.Parse("2006-01-02", date)
	if err != nil {
		return time.Time{}
	}
	return at
}
