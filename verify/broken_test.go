package verify

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footagefs/testdata/drives"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// notHere are findings that are none of manifests and bytes.
var notHere = []string{"no-manifest", "empty-roll", "not-verified", "symlink", "special-file", "illegal-name", "duplicate-roll"}

// TestBrokenDrive holds what follows from manifests and bytes of the broken drive's rolls
// against what was put into them.
func TestBrokenDrive(t *testing.T) {
	dir := t.TempDir()
	must(t, drives.Broken(dir))
	d := openDrive(t, dir)
	load := func(p string) (*mhl.Manifest, error) { return mhl.ReadManifest(d, p) }
	for _, roll := range drives.BrokenRolls() {
		t.Run(roll.Path, func(t *testing.T) {
			got := brokenFindings(t, d, dir, roll.Path, load)
			var want []string
			for _, f := range drives.BrokenFindings() {
				in, ok := strings.CutPrefix(f.Path, roll.Path)
				ok = ok && (in == "" || in[0] == '/')
				if in = strings.TrimPrefix(in, "/"); in == "" {
					in = "."
				}
				if ok && !slices.Contains(notHere, f.Code) {
					want = append(want, f.Code+" "+in)
				}
				if f.Code == "manifest-outside-roll" && strings.HasPrefix(roll.Path, path.Dir(f.Path)+"/") {
					want = append(want, f.Code+" "+f.Path)
				}
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func brokenFindings(t *testing.T, d *drive.Drive, dir, roll string, load mhl.Loader) []string {
	t.Helper()
	var files []mhl.File
	must(t, d.Walk(t.Context(), roll, func(p string, info drive.Info, err error) error {
		files = append(files, mhl.File{Path: strings.TrimPrefix(p, roll+"/"), Kind: info.Kind, Size: info.Size})
		return err
	}))
	sources, found, err := mhl.ReadSources(d, roll, files, load)
	must(t, err)
	c := mhl.Compare(path.Base(roll), files, sources, mhl.CompareOptions{Litter: isLitter, RollPath: roll})
	got := func(p string, a checksum.Algorithm) (string, bool) {
		b, err := os.ReadFile(filepath.Join(dir, roll, p))
		return checksum.Of(b, a).Digest, err == nil
	}
	var all []string
	for _, f := range append(append(found, c.Findings...), mhl.CheckFolders(c, files, sources, got)...) {
		all = append(all, string(f.Code)+" "+f.Path)
	}
	for i := range c.Items {
		item := &c.Items[i]
		switch status := statusAt(t, item, got, filepath.Join(dir, roll, item.Path)); status {
		case Mismatch, Missing, Rejected, Unlisted, SizeOnly, Unverifiable:
			all = append(all, string(status)+" "+item.Path)
		}
		if item.Contradiction != "" {
			all = append(all, "contradiction "+item.Path)
		}
	}
	slices.Sort(all)
	return all
}

// statusAt is the status of an item whose bytes lie at a place, "" where manifests and bytes
// alone give none.
func statusAt(t *testing.T, item *mhl.Item, got func(string, checksum.Algorithm) (string, bool), place string) Status {
	t.Helper()
	switch item.Kind {
	case mhl.Listed:
		info, err := os.Stat(place)
		must(t, err)
		var sums []checksum.Sum
		for _, a := range Algorithms(item) {
			digest, _ := got(item.Path, a)
			sums = append(sums, checksum.Sum{Algorithm: a, Digest: digest})
		}
		return Judge(item, info.Size(), sums).Status
	case mhl.Missing:
		return Missing
	case mhl.Rejected:
		return Rejected
	case mhl.Unlisted:
		return Unlisted
	}
	return ""
}
