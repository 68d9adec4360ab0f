package drive

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder of a file system with a device is seen where it is.
func TestSightingsFindTheFolderItself(t *testing.T) {
	dir := t.TempDir()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if d.FileSystem().Device == "" {
		t.Skip("no device behind the temporary folder")
	}
	want, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Sightings(d.FileSystem().Prefix) {
		if !filepath.IsAbs(s.Dir) || s.Mount == "" {
			t.Errorf("got %+v, want an absolute folder and its mount", s)
		}
		if got, err := os.Stat(s.Dir); err == nil && os.SameFile(got, want) {
			return
		}
	}
	t.Errorf("%s was not seen", dir)
}
