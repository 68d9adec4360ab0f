package seal

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

func TestSealNested(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	inner := func(o Options) {
		o.Litter, o.Now = isLitter, later(0)
		_, err := Write(t.Context(), openDrive(t, dir), sealRoll+"/Clips", o, nil)
		must(t, err)
	}
	inner(Options{Algorithms: []checksum.Algorithm{checksum.MD5}})
	report, _, err := sealIt(t, dir, Options{Now: later(1)})
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
	inner(Options{})
	if _, _, findings := readRoll(t, dir); len(findings) > 0 {
		t.Errorf("R49 the nested history grew: got %v", findings)
	}
}

func TestSealLegacy(t *testing.T) {
	dir := layOut(t, copyOf(sealRollFiles, "empty", ""))
	report, _, err := sealIt(t, dir, Options{Legacy: true, Algorithms: []checksum.Algorithm{checksum.XXH64, checksum.MD5}, Author: "A"})
	must(t, err)
	if report.Manifest != "A001R1AB_2023-05-10_183000.mhl" || report.Generation != 0 || report.Files != 5 {
		t.Errorf("got %+v", report)
	}
	sources, verdicts, findings := readRoll(t, dir)
	if len(sources) != 1 || sources[0].Format != mhl.Legacy || len(findings) > 0 || strings.Count(spelled(verdicts), "verified") != 5 {
		t.Errorf("R64 got %v, %v", verdicts, findings)
	}
	refuse := func(o Options) {
		t.Helper()
		if _, _, err := sealIt(t, dir, o); err == nil || !strings.Contains(err.Error(), "post may refuse two") {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	refuse(Options{})
	refuse(Options{Legacy: true, Now: later(1)})
	t.Run("both families", func(t *testing.T) {
		report, _, err := sealIt(t, dir, Options{Also: true, Now: later(1)})
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
	_, _, err := sealIt(t, dir, Options{Legacy: true})
	must(t, err)
	put(t, dir, "Clips/A001C001.mxf", "ONE")
	if _, _, err := sealIt(t, dir, Options{Also: true}); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("got %v, want a refusal", err)
	}
	report, _, err := sealIt(t, dir, Options{Also: true, RecordFailed: true})
	must(t, err)
	if got := actions(readManifest(t, dir, report.Manifest), "Clips/A001C001.mxf"); got != "xxh64 failed" {
		t.Errorf("got %s: what is damaged must not become an original", got)
	}
}

func TestSealRecords(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	_, _, err := sealIt(t, dir, Options{Record: true})
	if !errors.Is(err, ErrNoHistory) {
		t.Errorf("got %v, want that there is no history", err)
	}
	_, _, err = sealIt(t, dir, Options{Algorithms: []checksum.Algorithm{checksum.MD5}})
	must(t, err)
	put(t, dir, "Clips/A001C002.mxf", "TWO")
	put(t, dir, "Clips/new.mxf", "new")
	d := openDrive(t, dir)
	reads := 0
	o := Options{Record: true, Now: later(1), Read: verify.Options{Start: func(verify.Job) { reads++ }}, Known: func(p string) ([]checksum.Sum, drive.Info, bool) {
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
	report, err := Write(t.Context(), d, sealRoll, Options{
		Litter: isLitter,
		Read:   verify.Options{Start: func(j verify.Job) { read = append(read, j.Path) }, Readers: 1},
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
	report, _, err := sealIt(t, dir, Options{})
	must(t, err)
	var found []string
	for _, f := range report.Findings {
		found = append(found, string(f.Code)+" "+f.Path)
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
		_, err := Write(t.Context(), openDrive(t, dir), sealRoll, Options{Ignore: []string{"/old/"}, Now: later(0)}, nil)
		must(t, err) // without a word about litter: "._A001C001.mxf" is listed
		report, _, err := sealIt(t, dir, Options{Now: later(1)})
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
		report, err := Write(t.Context(), openDrive(t, dir), roll, Options{Now: later(0)}, nil)
		must(t, err)
		if got := path.Base(report.Manifest); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		report, err = Write(t.Context(), openDrive(t, filepath.Join(dir, roll)), ".", Options{Now: later(1)}, nil)
		if err != nil || report.Generation != 2 {
			t.Errorf("%q as the drive: got %+v, %v", roll, report, err)
		}
	}
}
