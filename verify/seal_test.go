package verify

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

const sealRoll = "20230510/Camera_Media/A001R1AB"

// layOut makes a drive with a roll of these files (folders end in a slash, links begin
// with "-> ") and returns its folder.
func layOut(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, sealRoll), 0o755))
	for p, content := range files {
		put(t, dir, p, content)
	}
	return dir
}

func put(t *testing.T, dir, p, content string) {
	t.Helper()
	full := filepath.Join(dir, sealRoll, p)
	target, link := strings.CutPrefix(content, "-> ")
	must(t, os.MkdirAll(filepath.Dir(full), 0o755))
	switch {
	case strings.HasSuffix(p, "/"):
		must(t, os.MkdirAll(full, 0o755))
	case link:
		must(t, os.Symlink(target, full))
	default:
		must(t, os.WriteFile(full, []byte(content), 0o644))
		old := time.Date(2023, 5, 10, 9, 0, 0, 0, time.UTC) // no write lease is asked for
		must(t, os.Chtimes(full, old, old))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openDrive(t *testing.T, dir string) *drive.Drive {
	t.Helper()
	d, err := drive.Open(dir)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func isLitter(name string) bool { return name == ".DS_Store" || strings.HasPrefix(name, "._") }

// sealIt seals the roll of a drive and returns what became of each file.
func sealIt(t *testing.T, dir string, o SealOptions) (*SealReport, map[string]SealResult, error) {
	t.Helper()
	results := map[string]SealResult{}
	o.Litter, o.Ignore = isLitter, []string{"._*"}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2023, 5, 10, 18, 30, 0, 5, time.UTC) }
	}
	report, err := Seal(t.Context(), openDrive(t, dir), sealRoll, o, func(r SealResult) { results[r.Path] = r })
	return report, results, err
}

func later(n int) func() time.Time {
	return func() time.Time { return time.Date(2023, 5, 10+n, 18, 30, 0, 0, time.UTC) }
}

// readRoll reads a roll back: its sources, each file's verdict, all findings.
func readRoll(t *testing.T, dir string) (sources []*mhl.Source, verdicts map[string]string, findings []string) {
	t.Helper()
	d := openDrive(t, dir)
	var files []mhl.File
	must(t, d.Walk(t.Context(), sealRoll, func(p string, info drive.Info, err error) error {
		must(t, err)
		files = append(files, mhl.File{Path: strings.TrimPrefix(p, sealRoll+"/"), Kind: info.Kind, Size: info.Size})
		return nil
	}))
	load := func(p string) (*mhl.Manifest, error) { return mhl.ReadManifest(d, p) }
	sources, found, err := mhl.ReadSources(d, sealRoll, files, load)
	must(t, err)
	c := mhl.Compare("A001R1AB", files, sources, mhl.CompareOptions{Litter: isLitter, RollPath: sealRoll})
	got := func(p string, a checksum.Algorithm) (string, bool) {
		b, err := os.ReadFile(filepath.Join(dir, sealRoll, p))
		return checksum.Of(b, a).Digest, err == nil
	}
	found = append(append(found, c.Findings...), mhl.CheckFolders(c, files, sources, got)...)
	verdicts = map[string]string{}
	for i := range c.Items {
		item := &c.Items[i]
		verdicts[item.Path] = verdictAt(item, got, filepath.Join(dir, sealRoll, item.Path))
	}
	for _, f := range found {
		findings = append(findings, f.Code+" "+f.Path)
	}
	slices.Sort(findings)
	return sources, verdicts, findings
}

// verdictAt is the verdict of an item whose bytes lie at a place.
func verdictAt(item *mhl.Item, got func(string, checksum.Algorithm) (string, bool), place string) string {
	switch item.Kind {
	case mhl.Listed:
		var sums []checksum.Sum
		for _, a := range Algorithms(item) {
			digest, _ := got(item.Path, a)
			sums = append(sums, checksum.Sum{Algorithm: a, Digest: digest})
		}
		info, err := os.Stat(place)
		if err != nil {
			return err.Error()
		}
		return string(Judge(item, info.Size(), sums).Status)
	case mhl.Missing:
		return string(Missing)
	case mhl.Rejected:
		return string(Rejected)
	case mhl.Unlisted:
		return string(Unlisted)
	case mhl.Ignored:
		return string(Ignored)
	case mhl.ManifestFile:
		return string(Manifest)
	}
	return string(NoManifest)
}

// spelled is verdicts in the order of their paths, without those of manifests.
func spelled(verdicts map[string]string) string {
	var all []string
	for p, v := range verdicts {
		if v != string(Manifest) {
			all = append(all, p+" "+v)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

var sealRollFiles = map[string]string{
	"Clips/A001C001.mxf": "one", "Clips/A001C002.mxf": "two", "Audio/a.wav": "three", "FALSETAKES/": "", "side car & more.txt": "four",
	".DS_Store": "litter", "Clips/._A001C001.mxf": "litter",
}

func copyOf(files map[string]string, changes ...string) map[string]string {
	next := map[string]string{}
	for p, content := range files {
		next[p] = content
	}
	for i := 0; i < len(changes); i += 2 {
		next[changes[i]] = changes[i+1]
	}
	return next
}

func readManifest(t *testing.T, dir, p string) *mhl.Manifest {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, sealRoll, p))
	must(t, err)
	defer f.Close()
	m, err := mhl.Parse(f)
	must(t, err)
	return m
}

// actions spells what a manifest records of a path.
func actions(m *mhl.Manifest, p string) string {
	var all []string
	for _, e := range m.Entries {
		if e.Path == p {
			for _, h := range e.Hashes {
				all = append(all, string(h.Algorithm)+" "+string(h.Action))
			}
		}
	}
	return strings.Join(all, ", ")
}

func TestSealFirstGeneration(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	report, results, err := sealIt(t, dir, SealOptions{Author: "A & B", Location: "Stage 4", Comment: "day 1", Version: "1.2"})
	must(t, err)
	name := "ascmhl/0001_A001R1AB_2023-05-10_183000Z.mhl"
	t.Run("R51 R52 its name", func(t *testing.T) {
		if report.Manifest != name || report.Generation != 1 || !slices.Equal(report.Written, []string{name}) || report.Files != 4 || report.Bytes != 15 {
			t.Errorf("got %+v", report)
		}
	})
	t.Run("R26 every file has a result", func(t *testing.T) {
		for p, r := range results {
			if r.Status != Verified || r.Action != mhl.Original {
				t.Errorf("%s: got %+v", p, r)
			}
		}
		if len(results) != 4 {
			t.Errorf("got %v", results)
		}
	})
	_, verdicts, findings := readRoll(t, dir)
	t.Run("R11 R12 R62 it is read back, directory hashes agree", func(t *testing.T) {
		want := ".DS_Store ignored; Audio/a.wav verified; Clips/._A001C001.mxf ignored; Clips/A001C001.mxf verified; Clips/A001C002.mxf verified; side car & more.txt verified"
		if got := spelled(verdicts); got != want || len(findings) > 0 {
			t.Errorf("got  %s, %v\nwant %s", got, findings, want)
		}
	})
	m := readManifest(t, dir, name)
	t.Run("R21 R53 R54 R55 R60 what it says", func(t *testing.T) {
		if m.Process != "in-place" || m.Tool != "footagefs 1.2" || len(m.Content) != 1 || m.Content[0].Algorithm != checksum.XXH64 {
			t.Errorf("got %+v", m)
		}
		folders := map[string]bool{}
		for _, e := range m.Entries {
			if e.Folder {
				folders[e.Path] = len(e.Content) == 1 && len(e.Structure) == 1
			}
		}
		if len(folders) != 3 || !folders["FALSETAKES"] || !folders["Clips"] || !folders["Audio"] {
			t.Errorf("got folders %v", folders)
		}
		if got := actions(m, "Clips/A001C001.mxf"); got != "xxh64 original" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("R38 R39 what it ignores it does not list", func(t *testing.T) {
		if want := []string{".DS_Store", "ascmhl", "ascmhl/", "._*"}; !slices.Equal(m.Ignore, want) {
			t.Errorf("got %v, want %v", m.Ignore, want)
		}
	})
	t.Run("directory hashes can disagree", func(t *testing.T) {
		must(t, os.Rename(filepath.Join(dir, sealRoll, "FALSETAKES"), filepath.Join(dir, sealRoll, "TAKES")))
		if _, _, findings := readRoll(t, dir); !slices.Equal(findings, []string{"directory-hash .", "directory-hash FALSETAKES"}) {
			t.Errorf("got %v", findings)
		}
	})
}

func TestSealNextGeneration(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	first, _, err := sealIt(t, dir, SealOptions{})
	must(t, err)
	before, err := os.ReadFile(filepath.Join(dir, sealRoll, first.Manifest))
	must(t, err)
	put(t, dir, "Clips/new.mxf", "five")
	second, _, err := sealIt(t, dir, SealOptions{Algorithms: []checksum.Algorithm{checksum.MD5, checksum.C4}, Now: later(1)})
	must(t, err)
	m := readManifest(t, dir, second.Manifest)
	for p, want := range map[string]string{
		"Clips/A001C001.mxf": "c4 verified, md5 verified, xxh64 verified", // R33
		"Clips/new.mxf":      "c4 original, md5 original",
	} {
		if got := actions(m, p); got != want {
			t.Errorf("R33 %s: got %s, want %s", p, got, want)
		}
	}
	sources, verdicts, findings := readRoll(t, dir)
	if len(findings) > 0 || len(sources) != 1 || len(sources[0].Manifests) != 2 || verdicts["Clips/new.mxf"] != "verified" {
		t.Errorf("got %v, %v", verdicts, findings)
	}
	t.Run("R1 manifests are never rewritten", func(t *testing.T) {
		after, err := os.ReadFile(filepath.Join(dir, sealRoll, first.Manifest))
		if err != nil || string(after) != string(before) {
			t.Errorf("the first generation changed: %v", err)
		}
	})
}

func TestSealWhatDoesNotVerify(t *testing.T) {
	sealed := func(t *testing.T) string {
		dir := layOut(t, sealRollFiles)
		_, _, err := sealIt(t, dir, SealOptions{})
		must(t, err)
		put(t, dir, "Clips/A001C001.mxf", "ONE")
		return dir
	}
	refused := func(t *testing.T, dir string, o SealOptions, why string) {
		t.Helper()
		before := names(t, dir)
		_, _, err := sealIt(t, dir, o)
		var r *RefusedError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want refused because of %s", err, why)
		}
		if after := names(t, dir); after != before {
			t.Errorf("something was written: %s, before %s", after, before)
		}
	}
	t.Run("refused", func(t *testing.T) {
		refused(t, sealed(t), SealOptions{Now: later(1)}, "Clips/A001C001.mxf does not verify")
	})
	t.Run("R30 recorded as failed", func(t *testing.T) {
		dir := sealed(t)
		reads := map[string]int{}
		report, results, err := sealIt(t, dir, SealOptions{
			RecordFailed: true, Algorithms: []checksum.Algorithm{checksum.MD5}, Now: later(1),
			Read: Options{Readers: 1, Start: func(j Job) { reads[path.Base(j.Path)]++ }},
		})
		must(t, err)
		if reads["A001C001.mxf"] != 2 || reads["A001C002.mxf"] != 1 {
			t.Errorf("R31 R32 got %v readings, want two of what failed and one of all else", reads)
		}
		m := readManifest(t, dir, report.Manifest)
		if got := actions(m, "Clips/A001C001.mxf"); got != "xxh64 failed" || report.Failed != 1 {
			t.Errorf("R33 got %s, failed %d", got, report.Failed)
		}
		if r := results["Clips/A001C001.mxf"]; r.Status != Mismatch || r.Action != mhl.Failed {
			t.Errorf("got %+v", r)
		}
		for _, e := range m.Entries {
			if e.Folder && (len(e.Content) > 0) != (e.Path != "Clips") {
				t.Errorf("R54 %s: got directory hashes %v", e.Path, e.Content)
			}
		}
		_, verdicts, _ := readRoll(t, dir)
		if verdicts["Clips/A001C001.mxf"] != "mismatch" || verdicts["Clips/A001C002.mxf"] != "verified" {
			t.Errorf("R24 got %v", verdicts)
		}
		put(t, dir, "Clips/A001C001.mxf", "one")
		if _, verdicts, findings := readRoll(t, dir); verdicts["Clips/A001C001.mxf"] != "verified" || len(findings) > 0 {
			t.Errorf("R23 repaired: got %v, %v", verdicts, findings)
		}
	})
	t.Run("missing", func(t *testing.T) {
		dir := layOut(t, sealRollFiles)
		_, _, err := sealIt(t, dir, SealOptions{})
		must(t, err)
		must(t, os.Remove(filepath.Join(dir, sealRoll, "Audio/a.wav")))
		refused(t, dir, SealOptions{Now: later(1)}, "Audio/a.wav is listed")
		_, results, err := sealIt(t, dir, SealOptions{RecordFailed: true, Now: later(1)})
		must(t, err)
		_, verdicts, findings := readRoll(t, dir)
		if results["Audio/a.wav"].Status != Missing || verdicts["Audio/a.wav"] != "missing" || !slices.Equal(findings, []string{"directory-hash .", "directory-hash Audio"}) {
			t.Errorf("got %v, %v", verdicts, findings)
		}
	})
	t.Run("a broken chain", func(t *testing.T) {
		dir := sealed(t)
		must(t, os.Remove(filepath.Join(dir, sealRoll, "ascmhl/ascmhl_chain.xml")))
		refused(t, dir, SealOptions{RecordFailed: true}, "ascmhl cannot be used or trusted")
	})
	t.Run("nothing in it", func(t *testing.T) {
		refused(t, layOut(t, map[string]string{"Clips/": "", ".DS_Store": "x"}), SealOptions{}, "no file")
	})
	t.Run("a checksum that the format has not", func(t *testing.T) {
		refused(t, layOut(t, sealRollFiles), SealOptions{Algorithms: []checksum.Algorithm{checksum.XXH32}}, "xxh32")
		refused(t, layOut(t, sealRollFiles), SealOptions{Legacy: true, Algorithms: []checksum.Algorithm{checksum.XXH128}}, "xxh128")
		refused(t, layOut(t, sealRollFiles), SealOptions{Comment: "a\x00"}, "no manifest can hold")
	})
	t.Run("another seal works on it", func(t *testing.T) {
		dir := layOut(t, sealRollFiles)
		f, err := os.Open(filepath.Join(dir, sealRoll))
		must(t, err)
		defer f.Close()
		must(t, unix.Flock(int(f.Fd()), unix.LOCK_EX))
		refused(t, dir, SealOptions{}, "another process")
	})
}

// names are all paths of a drive, with sizes of what is no folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		must(t, err)
		info, err := e.Info()
		must(t, err)
		text := strings.TrimPrefix(p, dir)
		if !e.IsDir() {
			text = fmt.Sprintf("%s %d %d", text, info.Size(), info.ModTime().UnixNano())
		}
		all = append(all, text)
		return nil
	}))
	return strings.Join(all, "\n")
}

func TestSealChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"a file changes": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, sealRoll, "Audio/a.wav"), []byte("3"), 0o644))
		},
		"a file comes":   func(t *testing.T, dir string) { put(t, dir, "Audio/b.wav", "x") },
		"a folder comes": func(t *testing.T, dir string) { put(t, dir, "Audio/b/", "") },
		"a file goes":    func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, sealRoll, "Audio/a.wav"))) },
		"a file is swapped": func(t *testing.T, dir string) {
			put(t, dir, "x", "thRee")
			must(t, os.Rename(filepath.Join(dir, sealRoll, "x"), filepath.Join(dir, sealRoll, "Audio/a.wav")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := layOut(t, sealRollFiles)
			done := false
			_, err := Seal(t.Context(), openDrive(t, dir), sealRoll, SealOptions{Litter: isLitter, Read: Options{Readers: 1}}, func(r SealResult) {
				if r.Path == "side car & more.txt" { // the last
					change(t, dir)
					done = true
				}
			})
			var refused *RefusedError
			if !done || !errors.As(err, &refused) || !strings.Contains(err.Error(), "Audio/") {
				t.Errorf("got %v", err)
			}
			if strings.Contains(names(t, dir), "ascmhl") {
				t.Error("something was written")
			}
		})
	}
}

func TestSealReadOnly(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("no mount can be made: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	must(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	_, results, err := sealIt(t, dir, SealOptions{})
	if err == nil || !strings.Contains(err.Error(), "A001R1AB: its volume is mounted read-only, no manifest can be written") || len(results) > 0 {
		t.Errorf("R44 got %v with %v", err, results)
	}
}

func TestSealNested(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	inner := func(o SealOptions) {
		o.Litter, o.Now = isLitter, later(0)
		_, err := Seal(t.Context(), openDrive(t, dir), sealRoll+"/Clips", o, nil)
		must(t, err)
	}
	inner(SealOptions{Algorithms: []checksum.Algorithm{checksum.MD5}})
	report, _, err := sealIt(t, dir, SealOptions{Now: later(1)})
	must(t, err)
	want := []string{"Clips/ascmhl/0002_Clips_2023-05-11_183000Z.mhl", "ascmhl/0001_A001R1AB_2023-05-11_183000Z.mhl"}
	if !slices.Equal(report.Written, want) {
		t.Fatalf("R50 R51 got %v, want %v", report.Written, want)
	}
	parent, nested := readManifest(t, dir, want[1]), readManifest(t, dir, want[0])
	t.Run("R48 the parent refers to it", func(t *testing.T) {
		if r := parent.References; len(r) != 1 || r[0].Path != want[0] || r[0].C4 != nested.Digest {
			t.Errorf("got %v", r)
		}
	})
	t.Run("R47 each file is recorded by the closest history", func(t *testing.T) {
		if got := actions(parent, "Clips/A001C001.mxf"); got != "" {
			t.Errorf("got %s in the parent", got)
		}
		if got := actions(nested, "A001C001.mxf"); got != "md5 verified, xxh64 verified" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("its root hash is the folder's in the parent", func(t *testing.T) {
		for _, e := range parent.Entries {
			if e.Path == "Clips" && (len(e.Content) != 1 || e.Content[0] != nested.Content[0] || e.Structure[0] != nested.Structure[0]) {
				t.Errorf("got %v, %v, want %v, %v", e.Content, e.Structure, nested.Content, nested.Structure)
			}
		}
	})
	if _, verdicts, findings := readRoll(t, dir); len(findings) > 0 || verdicts["Clips/A001C001.mxf"] != "verified" || verdicts["Audio/a.wav"] != "verified" {
		t.Errorf("got %v, %v", verdicts, findings)
	}
	put(t, dir, "Clips/later.mxf", "x")
	inner(SealOptions{})
	if _, _, findings := readRoll(t, dir); len(findings) > 0 {
		t.Errorf("R49 the nested history grew: got %v", findings)
	}
}

func TestSealLegacy(t *testing.T) {
	dir := layOut(t, copyOf(sealRollFiles, "empty", ""))
	report, _, err := sealIt(t, dir, SealOptions{Legacy: true, Algorithms: []checksum.Algorithm{checksum.XXH64, checksum.MD5}, Author: "A"})
	must(t, err)
	if report.Manifest != "A001R1AB_2023-05-10_183000.mhl" || report.Generation != 0 || report.Files != 5 {
		t.Errorf("got %+v", report)
	}
	sources, verdicts, findings := readRoll(t, dir)
	if len(sources) != 1 || sources[0].Format != mhl.Legacy || len(findings) > 0 || strings.Count(spelled(verdicts), "verified") != 5 {
		t.Errorf("R64 got %v, %v", verdicts, findings)
	}
	refuse := func(o SealOptions) {
		t.Helper()
		if _, _, err := sealIt(t, dir, o); err == nil || !strings.Contains(err.Error(), "post may refuse two") {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	refuse(SealOptions{})
	refuse(SealOptions{Legacy: true, Now: later(1)})
	t.Run("both families", func(t *testing.T) {
		report, _, err := sealIt(t, dir, SealOptions{Also: true, Now: later(1)})
		must(t, err)
		if got := actions(readManifest(t, dir, report.Manifest), "empty"); got != "xxh64 original" {
			t.Errorf("got %s", got)
		}
		_, verdicts, findings := readRoll(t, dir)
		if !slices.Equal(findings, []string{"multiple-manifests ."}) || strings.Count(spelled(verdicts), "verified") != 6 {
			t.Errorf("got %v, %v", verdicts, findings)
		}
	})
}

func TestSealBesideLegacy(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	_, _, err := sealIt(t, dir, SealOptions{Legacy: true})
	must(t, err)
	put(t, dir, "Clips/A001C001.mxf", "ONE")
	if _, _, err := sealIt(t, dir, SealOptions{Also: true}); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("got %v, want a refusal", err)
	}
	report, _, err := sealIt(t, dir, SealOptions{Also: true, RecordFailed: true})
	must(t, err)
	if got := actions(readManifest(t, dir, report.Manifest), "Clips/A001C001.mxf"); got != "xxh64 failed" {
		t.Errorf("got %s: what is damaged must not become an original", got)
	}
}

func TestSealRecords(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	_, _, err := sealIt(t, dir, SealOptions{Record: true})
	if !errors.Is(err, ErrNoHistory) {
		t.Errorf("got %v, want that there is no history", err)
	}
	_, _, err = sealIt(t, dir, SealOptions{Algorithms: []checksum.Algorithm{checksum.MD5}})
	must(t, err)
	put(t, dir, "Clips/A001C002.mxf", "TWO")
	put(t, dir, "Clips/new.mxf", "new")
	d := openDrive(t, dir)
	reads := 0
	o := SealOptions{Record: true, Now: later(1), Read: Options{Start: func(Job) { reads++ }}, Known: func(p string) ([]checksum.Sum, drive.Info, bool) {
		b, err := os.ReadFile(filepath.Join(dir, sealRoll, p))
		must(t, err)
		info, err := d.Stat(path.Join(sealRoll, p))
		must(t, err)
		if p == "side car & more.txt" {
			info.ModTime++ // it changed since it was read
		}
		return []checksum.Sum{checksum.Of(b, checksum.XXH64), checksum.Of(b, checksum.MD5)}, info, p != "Audio/a.wav"
	}}
	report, _, err := sealIt(t, dir, o)
	must(t, err)
	m := readManifest(t, dir, report.Manifest)
	t.Run("R27 R28 R29 only what was verified", func(t *testing.T) {
		for p, want := range map[string]string{
			"Clips/A001C001.mxf": "md5 verified", "Clips/A001C002.mxf": "md5 failed", "Clips/new.mxf": "", "Audio/a.wav": "", "side car & more.txt": "",
		} {
			if got := actions(m, p); got != want {
				t.Errorf("%s: got %s, want %s", p, got, want)
			}
		}
		if reads != 0 || report.Files != 2 || report.Failed != 1 {
			t.Errorf("got %d reads, %+v", reads, report)
		}
	})
	t.Run("R54 directory hashes of whole folders only", func(t *testing.T) {
		for _, e := range m.Entries {
			if e.Folder && (len(e.Content) > 0) != (e.Path == "FALSETAKES") {
				t.Errorf("%s: got %v", e.Path, e.Content)
			}
		}
	})
	o.Known = func(string) ([]checksum.Sum, drive.Info, bool) { return nil, drive.Info{}, false }
	if _, _, err := sealIt(t, dir, o); !errors.Is(err, ErrNothingToRecord) {
		t.Errorf("got %v, want that there is nothing to record", err)
	}
}

func TestSealTakesWhatIsKnown(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	d := openDrive(t, dir)
	var read []string
	report, err := Seal(t.Context(), d, sealRoll, SealOptions{
		Litter: isLitter,
		Read:   Options{Start: func(j Job) { read = append(read, j.Path) }, Readers: 1},
		Known: func(p string) ([]checksum.Sum, drive.Info, bool) {
			info, err := d.Stat(path.Join(sealRoll, p))
			must(t, err)
			if p == "Clips/A001C002.mxf" {
				return []checksum.Sum{{Algorithm: checksum.MD5, Digest: "0"}}, info, true // not what is needed
			}
			b, err := os.ReadFile(filepath.Join(dir, sealRoll, p))
			must(t, err)
			return []checksum.Sum{checksum.Of(b, checksum.XXH64)}, info, true
		},
	}, nil)
	must(t, err)
	if report.Files != 4 || !slices.Equal(read, []string{sealRoll + "/Clips/A001C002.mxf"}) {
		t.Errorf("got %+v, read %v", report, read)
	}
}

func TestSealLeavesOutWhatCannotBeRecorded(t *testing.T) {
	dir := layOut(t, copyOf(sealRollFiles, "link", "-> side car & more.txt", "ctrl\x01", "x", "bad\xffdir/a", "x"))
	must(t, syscall.Mkfifo(filepath.Join(dir, sealRoll, "fifo"), 0o600))
	report, _, err := sealIt(t, dir, SealOptions{})
	must(t, err)
	var found []string
	for _, f := range report.Findings {
		found = append(found, f.Code+" "+f.Path)
	}
	slices.Sort(found)
	if want := []string{"special-file fifo", "symlink link", "unlisted bad\xffdir/a", "unlisted ctrl\x01"}; !slices.Equal(found, want) {
		t.Errorf("got %q, want %q", found, want)
	}
	if _, verdicts, _ := readRoll(t, dir); verdicts["Audio/a.wav"] != "verified" || verdicts["ctrl\x01"] != "unlisted" {
		t.Errorf("got %v", verdicts)
	}
}

func TestSealIgnoreListGrows(t *testing.T) {
	t.Run("R42", func(t *testing.T) {
		dir := layOut(t, copyOf(sealRollFiles, "keep.tmp", "x"))
		_, err := Seal(t.Context(), openDrive(t, dir), sealRoll, SealOptions{Ignore: []string{"/old/"}, Now: later(0)}, nil)
		must(t, err) // without a word about litter: "._A001C001.mxf" is listed
		report, _, err := sealIt(t, dir, SealOptions{Now: later(1)})
		must(t, err)
		m := readManifest(t, dir, report.Manifest)
		if want := []string{".DS_Store", "ascmhl", "ascmhl/", "/old/"}; !slices.Equal(m.Ignore, want) {
			t.Errorf("got %v, want %v: what it lists must not be ignored", m.Ignore, want)
		}
		if got := actions(m, "Clips/._A001C001.mxf"); got != "xxh64 verified" {
			t.Errorf("got %s", got)
		}
	})
}

func TestSealOddNames(t *testing.T) {
	for roll, want := range map[string]string{
		`back\slash`:             "0001_back_slash_2023-05-10_183000Z.mhl",
		"ctrl\x01\xff":           "0001_ctrl___2023-05-10_183000Z.mhl",
		strings.Repeat("é", 127): "0001_" + strings.Repeat("é", 100) + "_2023-05-10_183000Z.mhl",
	} {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Join(dir, roll), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, roll, "a"), nil, 0o644))
		report, err := Seal(t.Context(), openDrive(t, dir), roll, SealOptions{Now: later(0)}, nil)
		must(t, err)
		if got := path.Base(report.Manifest); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		report, err = Seal(t.Context(), openDrive(t, filepath.Join(dir, roll)), ".", SealOptions{Now: later(1)}, nil)
		if err != nil || report.Generation != 2 {
			t.Errorf("%q as the drive: got %+v, %v", roll, report, err)
		}
	}
}

var errCrash = errors.New("the power is gone")

// TestSealCrashes ends the process's life after every step of writing: what is read back
// is the old state or the new one, and the next seal puts everything in order.
func TestSealCrashes(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		o       SealOptions
	}{
		"first generation": {func(*testing.T, string) {}, SealOptions{}},
		"next generation, with one nested": {func(t *testing.T, dir string) {
			_, err := Seal(t.Context(), openDrive(t, dir), sealRoll+"/Clips", SealOptions{Litter: isLitter, Now: later(0)}, nil)
			must(t, err)
			_, _, err = sealIt(t, dir, SealOptions{Now: later(1)})
			must(t, err)
			put(t, dir, "Clips/new.mxf", "new")
		}, SealOptions{}},
		"MHL 1.1": {func(*testing.T, string) {}, SealOptions{Legacy: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			prepared := func() string {
				dir := layOut(t, sealRollFiles)
				tt.prepare(t, dir)
				return dir
			}
			old := stateOf(t, prepared())
			steps := 0
			count := tt.o
			count.Now, count.step = later(2), func(string) error { steps++; return nil }
			dir := prepared()
			_, _, err := sealIt(t, dir, count)
			must(t, err)
			sealed := stateOf(t, dir)
			if steps < 6 || old == sealed {
				t.Fatalf("%d steps from %s to %s", steps, old, sealed)
			}
			for last := range steps {
				dir, n := prepared(), 0
				crash := tt.o
				at := ""
				crash.Now, crash.step = later(2), func(step string) error {
					if n++; n == last+1 {
						at = step
						return errCrash
					}
					return nil
				}
				if _, _, err := sealIt(t, dir, crash); !errors.Is(err, errCrash) {
					t.Fatalf("step %d: got %v", last, err)
				}
				state := stateOf(t, dir)
				if state != old && state != sealed {
					t.Errorf("after %q: got %s\nwant %s\nor   %s", at, state, old, sealed)
				}
				again := tt.o
				again.Now, again.Also = later(3), true
				if _, _, err := sealIt(t, dir, again); err != nil {
					t.Errorf("after %q: sealing again: %v", at, err)
				}
				if strings.Contains(names(t, dir), tempPrefix) {
					t.Errorf("after %q and another seal there is left %s", at, names(t, dir))
				}
			}
		})
	}
}

// stateOf is how a roll reads: verdicts and findings. A manifest that its chain does not
// list yet is not part of it.
func stateOf(t *testing.T, dir string) string {
	t.Helper()
	_, verdicts, findings := readRoll(t, dir)
	findings = slices.DeleteFunc(findings, func(f string) bool { return strings.HasPrefix(f, "manifest-not-in-chain") })
	for p := range verdicts {
		if strings.Contains(p, tempPrefix) {
			if verdicts[p] != string(Ignored) {
				t.Errorf("%s is %s", p, verdicts[p])
			}
			delete(verdicts, p)
		}
	}
	return spelled(verdicts) + " | " + strings.Join(findings, "; ")
}
