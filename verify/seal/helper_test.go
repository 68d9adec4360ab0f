package seal

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footagefs/verify"
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
func sealIt(t *testing.T, dir string, o Options) (*Report, map[string]Result, error) {
	t.Helper()
	results := map[string]Result{}
	o.Litter, o.Ignore = isLitter, []string{"._*"}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2023, 5, 10, 18, 30, 0, 5, time.UTC) }
	}
	report, err := Write(t.Context(), openDrive(t, dir), sealRoll, o, func(r Result) { results[r.Path] = r })
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
		findings = append(findings, string(f.Code)+" "+f.Path)
	}
	slices.Sort(findings)
	return sources, verdicts, findings
}

// verdictAt is the verdict of an item whose bytes lie at a place.
func verdictAt(item *mhl.Item, got func(string, checksum.Algorithm) (string, bool), place string) string {
	switch item.Kind {
	case mhl.Listed:
		var sums []checksum.Sum
		for _, a := range verify.Algorithms(item) {
			digest, _ := got(item.Path, a)
			sums = append(sums, checksum.Sum{Algorithm: a, Digest: digest})
		}
		info, err := os.Stat(place)
		if err != nil {
			return err.Error()
		}
		return string(verify.Judge(item, info.Size(), sums).Status)
	case mhl.Missing:
		return string(verify.Missing)
	case mhl.Rejected:
		return string(verify.Rejected)
	case mhl.Unlisted:
		return string(verify.Unlisted)
	case mhl.Ignored:
		return string(verify.Ignored)
	case mhl.ManifestFile:
		return string(verify.Manifest)
	}
	return string(verify.NoManifest)
}

// spelled is verdicts in the order of their paths, without those of manifests.
func spelled(verdicts map[string]string) string {
	var all []string
	for p, v := range verdicts {
		if v != string(verify.Manifest) {
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
