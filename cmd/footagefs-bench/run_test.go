package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestEveryRow runs all of the benchmark but the row that makes a device, on drives of a
// moment: whether each row is measured counts, not how it ends.
func TestEveryRow(t *testing.T) {
	if testing.Short() {
		t.Skip("builds footagefs")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("no FUSE here")
	}
	var stdout, stderr bytes.Buffer
	dir := t.TempDir()
	// Root must be able to show the folder to nobody.
	for _, above := range []string{dir, dir + "/.."} {
		if err := os.Chmod(above, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--only", "1-19,curve", "--size", "tiny", "--runs", "1", "--markdown", "--dir", dir}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("got %d:\n%s", code, stderr.String())
	}
	for text := range strings.Lines(stdout.String()) {
		cells := strings.Split(text, " | ")
		_, why, unmeasured := strings.Cut(text, "not measured: ")
		if !unmeasured || strings.Contains(why, "needs root") || strings.Contains(why, "not installed") {
			continue
		}
		t.Errorf("row %s against %s: %s", cells[0], cells[2], why)
	}
	if _, power, found := strings.Cut(stdout.String(), "grows with the power"); !found || strings.Count(power, ".") < 6 {
		t.Errorf("the curve is missing in\n%s", stdout.String())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v is left behind, %v", entries, err)
	}
	mounts, err := exec.Command("mount").Output()
	if err != nil || slices.ContainsFunc(strings.Split(string(mounts), "\n"), func(l string) bool { return strings.Contains(l, dir) }) {
		t.Errorf("a mount is left behind: %s, %v", mounts, err)
	}
}
