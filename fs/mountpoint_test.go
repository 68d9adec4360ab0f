package fs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckMountpoint(t *testing.T) {
	dir := t.TempDir()
	mk := func(path string) string {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	drive := mk("media/SHUTTLE01")
	mk("media/SHUTTLE01/20230510")
	mk("mnt")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(drive, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		point string
		want  string // in the message; "" is fine
	}{
		{"mnt", ""},
		{"mnt/new", ""},
		{"media/SHUTTLE01X", ""},
		{"media/SHUTTLE01", "the drive itself"},
		{"media/SHUTTLE01/20230510", "in the drive"},
		{"media/SHUTTLE01/new/deep", "in the drive"},
		{"media", "above the drive"},
		{".", "above the drive"},
		{"link", "the drive itself"},
		{"link/20230510", "in the drive"},
		{"link/new", "in the drive"},
		{"mnt/../media/SHUTTLE01/new", "in the drive"},
	} {
		err := CheckMountpoint(filepath.Join(dir, c.point), []string{mk("other"), drive})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v, want it to be fine", c.point, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.point, err, c.want)
		}
	}
	if err := CheckMountpoint(drive, []string{link}); err == nil {
		t.Errorf("a drive given by a link: got no error")
	}
}

func TestPrepare(t *testing.T) {
	dir := t.TempDir()
	m, err := prepare(filepath.Join(dir, "new"), nil)
	if err != nil {
		t.Fatal(err)
	}
	m.remove()
	if _, err := os.Stat(m.path); !os.IsNotExist(err) {
		t.Errorf("a mount point that was made: got %v after it was removed", err)
	}
	m, err = prepare(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.remove()
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("a mount point that was there: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "thesis.doc"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := prepare(dir, nil); err == nil || !strings.Contains(err.Error(), "thesis.doc") {
		t.Errorf("a folder in which something lies: got %v, want it named", err)
	}
	if _, err := prepare(filepath.Join(dir, "thesis.doc"), nil); err == nil {
		t.Errorf("a file: got no error")
	}
	if _, err := prepare(filepath.Join(dir, "new"), []string{dir}); err == nil {
		t.Errorf("a folder on a drive: got no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); !os.IsNotExist(err) {
		t.Errorf("a folder on a drive was made: %v", err)
	}
	if _, err := prepare(filepath.Join(dir, "absent", "new"), nil); err == nil {
		t.Errorf("a folder in an absent one: got no error")
	}
}
