package seal

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

func TestSealFirstGeneration(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	report, results, err := sealIt(t, dir, Options{Author: "A & B", Location: "Stage 4", Comment: "day 1", Version: "1.2"})
	must(t, err)
	name := "ascmhl/0001_A001R1AB_2023-05-10_183000Z.mhl"
	t.Run("R51 R52 its name", func(t *testing.T) {
		if report.Manifest != name || report.Generation != 1 || !slices.Equal(report.Written, []string{name}) || report.Files != 4 || report.Bytes != 15 {
			t.Errorf("got %+v", report)
		}
	})
	t.Run("R26 every file has a result", func(t *testing.T) {
		for p, r := range results {
			if r.Status != verify.Verified || r.Action != mhl.Original {
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
		if m.Tool != "footagefs 1.2" || len(m.Content) != 1 || m.Content[0].Algorithm != checksum.XXH64 {
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
	first, _, err := sealIt(t, dir, Options{})
	must(t, err)
	before, err := os.ReadFile(filepath.Join(dir, sealRoll, first.Manifest))
	must(t, err)
	put(t, dir, "Clips/new.mxf", "five")
	second, _, err := sealIt(t, dir, Options{Algorithms: []checksum.Algorithm{checksum.MD5, checksum.C4}, Now: later(1)})
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
		_, _, err := sealIt(t, dir, Options{})
		must(t, err)
		put(t, dir, "Clips/A001C001.mxf", "ONE")
		return dir
	}
	refused := func(t *testing.T, dir string, o Options, why string) {
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
		refused(t, sealed(t), Options{Now: later(1)}, "Clips/A001C001.mxf does not verify")
	})
	t.Run("R30 recorded as failed", func(t *testing.T) {
		dir := sealed(t)
		reads := map[string]int{}
		report, results, err := sealIt(t, dir, Options{
			RecordFailed: true, Algorithms: []checksum.Algorithm{checksum.MD5}, Now: later(1),
			Read: verify.Options{Readers: 1, Start: func(j verify.Job) { reads[path.Base(j.Path)]++ }},
		})
		must(t, err)
		if reads["A001C001.mxf"] != 2 || reads["A001C002.mxf"] != 1 {
			t.Errorf("R31 R32 got %v readings, want two of what failed and one of all else", reads)
		}
		m := readManifest(t, dir, report.Manifest)
		if got := actions(m, "Clips/A001C001.mxf"); got != "xxh64 failed" || report.Failed != 1 {
			t.Errorf("R33 got %s, failed %d", got, report.Failed)
		}
		if r := results["Clips/A001C001.mxf"]; r.Status != verify.Mismatch || r.Action != mhl.Failed {
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
		_, _, err := sealIt(t, dir, Options{})
		must(t, err)
		must(t, os.Remove(filepath.Join(dir, sealRoll, "Audio/a.wav")))
		refused(t, dir, Options{Now: later(1)}, "Audio/a.wav is listed")
		_, results, err := sealIt(t, dir, Options{RecordFailed: true, Now: later(1)})
		must(t, err)
		_, verdicts, findings := readRoll(t, dir)
		if results["Audio/a.wav"].Status != verify.Missing || verdicts["Audio/a.wav"] != "missing" || !slices.Equal(findings, []string{"directory-hash .", "directory-hash Audio"}) {
			t.Errorf("got %v, %v", verdicts, findings)
		}
	})
	t.Run("a broken chain", func(t *testing.T) {
		dir := sealed(t)
		must(t, os.Remove(filepath.Join(dir, sealRoll, "ascmhl/ascmhl_chain.xml")))
		refused(t, dir, Options{RecordFailed: true}, "ascmhl cannot be used or trusted")
	})
	t.Run("nothing in it", func(t *testing.T) {
		refused(t, layOut(t, map[string]string{"Clips/": "", ".DS_Store": "x"}), Options{}, "no file")
	})
	t.Run("a checksum that the format has not", func(t *testing.T) {
		refused(t, layOut(t, sealRollFiles), Options{Algorithms: []checksum.Algorithm{checksum.XXH32}}, "xxh32")
		refused(t, layOut(t, sealRollFiles), Options{Legacy: true, Algorithms: []checksum.Algorithm{checksum.XXH128}}, "xxh128")
		refused(t, layOut(t, sealRollFiles), Options{Comment: "a\x00"}, "no manifest can hold")
	})
	t.Run("another seal works on it", func(t *testing.T) {
		dir := layOut(t, sealRollFiles)
		f, err := os.Open(filepath.Join(dir, sealRoll))
		must(t, err)
		defer f.Close()
		must(t, unix.Flock(int(f.Fd()), unix.LOCK_EX))
		refused(t, dir, Options{}, "another process")
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
			_, err := Write(t.Context(), openDrive(t, dir), sealRoll, Options{Litter: isLitter, Read: verify.Options{Readers: 1}}, func(r Result) {
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
