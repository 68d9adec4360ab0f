package drive

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A folder of a drive is told from others whatever path leads to it.
func TestWithin(t *testing.T) {
	dir := t.TempDir()
	top, other := filepath.Join(dir, "drive"), filepath.Join(dir, "drive2")
	for _, folder := range []string{filepath.Join(top, "day", "roll"), other, filepath.Join(dir, "bound"), filepath.Join(dir, "above")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "drive/day", "chain": "link/roll", "out": "drive2", "again": "drive"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{
		"drive": true, "drive/day/roll": true, "link": true, "chain": true, "drive2/../drive/day": true,
		"drive2": false, "out": false, ".": false, "nowhere": false,
	} {
		if got := Within(filepath.Join(dir, path), top); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
		if got := Within(filepath.Join(dir, path), filepath.Join(dir, "again")); got != want {
			t.Errorf("%s, of a drive given by a link: got %v, want %v", path, got, want)
		}
	}

	file, second := filepath.Join(dir, "notes"), filepath.Join(top, "notes")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if MayShare(file, top) {
		t.Error("a file of one name is shared")
	}
	if err := os.Link(file, second); err != nil {
		t.Fatal(err)
	}
	if !MayShare(file, top) {
		t.Error("a file of two names may lie anywhere")
	}

	for point, source := range map[string]string{"bound": filepath.Join(top, "day"), "above": dir} {
		point = filepath.Join(dir, point)
		if err := unix.Mount(source, point, "", unix.MS_BIND, ""); err != nil {
			t.Skipf("mounting a folder needs root: %v", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(point, unix.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
	for path, want := range map[string]bool{
		"bound": true, "bound/roll": true, "above": false, "above/drive/day": true, "above/drive2": false,
	} {
		if got := Within(filepath.Join(dir, path), top); got != want {
			t.Errorf("%s, mounted elsewhere: got %v, want %v", path, got, want)
		}
	}
	if !Within(filepath.Join(top, "day", "roll"), filepath.Join(dir, "bound")) {
		t.Error("a drive that is mounted elsewhere: its own folder is not told")
	}
}
