package drives

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every code is on the broken drive, and what is said to be there is there.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	if err := Broken(dir); err != nil {
		t.Fatal(err)
	}
	if err := Broken(dir); err == nil {
		t.Error("a second broken drive over the first: got no error")
	}
	codes := map[string]bool{"no-rolls": true}
	for _, f := range BrokenFindings() {
		codes[f.Code] = true
		_, err := os.Lstat(filepath.Join(dir, f.Path))
		if gone := f.Code == "missing" || f.Code == "chain-manifest-missing"; (err != nil) != gone && !strings.Contains(f.Path, "..") {
			t.Errorf("%s %s: got %v", f.Code, f.Path, err)
		}
	}
	for code := range severities {
		if !codes[code] {
			t.Errorf("the broken drive has no %s", code)
		}
	}
	for _, r := range BrokenRolls() {
		if info, err := os.Stat(filepath.Join(dir, r.Path)); err != nil || !info.IsDir() {
			t.Errorf("roll %s: got %v, want a folder", r.Path, err)
		}
	}
}
