package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// tiny makes drives of a moment in a folder that goes away.
func tiny(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	return &bench{size: sizes[0], probe: program(t), dir: dir, drives: dir, made: map[drive]bool{}, stderr: &bytes.Buffer{}}
}

func TestDrives(t *testing.T) {
	tests := []struct {
		drive    drive
		files    int
		manifest string // pattern of a roll's manifest
	}{
		{clips, 8, rollPath + "/*.mhl"},
		{clipsXXH3, 8, rollPath + "/ascmhl/*.mhl"},
		{takes, 16, rollPath + "/*.mhl"},
		{takesC4, 16, rollPath + "/ascmhl/*.mhl"},
		{single, 1, rollPath + "/*.mhl"},
		{walked, 40, "*/Camera_Media/A001R0AB/*.mhl"},
		{small, 5, rollPath + "/*.mhl"},
		{smallASC, 5, rollPath + "/ascmhl/*.mhl"},
		{many, 22, "*/Camera_Media/A001R0AB/*.mhl"},
	}
	b := tiny(t)
	for _, test := range tests {
		dir, err := b.drive(t.Context(), test.drive)
		if err != nil {
			t.Fatal(err)
		}
		if names, err := files(dir); err != nil || len(names) != test.files {
			t.Errorf("%s: got %d files, %v; want %d", test.drive, len(names), err, test.files)
		}
		if found, _ := filepath.Glob(filepath.Join(dir, test.manifest)); len(found) != 1 {
			t.Errorf("%s: got the manifests %v, want one", test.drive, found)
		}
	}
}

func TestAttributedDrive(t *testing.T) {
	b := tiny(t)
	if unix.Setxattr(b.dir, "user.test", []byte("x"), 0) != nil {
		t.Skip("the file system stores no attributes")
	}
	dir, err := b.drive(t.Context(), attributed)
	if err != nil {
		t.Fatal(err)
	}
	names, err := files(dir)
	if err != nil || len(names) != b.size.files {
		t.Fatalf("got %d files, %v; want %d", len(names), err, b.size.files)
	}
	buf := make([]byte, 100)
	for _, name := range names {
		if n, err := unix.Getxattr(name, "user.footagefs.status", buf); err != nil || string(buf[:n]) != "verified" {
			t.Fatalf("%s: got %q, %v; want verified", name, buf[:max(n, 0)], err)
		}
	}
}

func TestDrivesAreDroppedAfterTheirLastRow(t *testing.T) {
	b := tiny(t)
	for _, d := range []drive{takesC4, walked} {
		if _, err := b.drive(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	left := func() []string {
		entries, err := os.ReadDir(b.dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	b.dropDrives([]row{{drives: []drive{takesC4}}})
	if got, want := left(), []string{"takes", "takes-c4"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: the one is made from the other", got, want)
	}
	b.dropDrives(nil)
	if got := left(); len(got) != 0 || len(b.made) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestClipsDiffer(t *testing.T) {
	b := tiny(t)
	dir, err := b.drive(t.Context(), clips)
	if err != nil {
		t.Fatal(err)
	}
	names, err := files(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil || len(data) != 1<<20 {
			t.Fatalf("%s: got %d bytes, %v; want 1 MiB", name, len(data), err)
		}
		seen[string(data)] = true
	}
	if len(seen) != 8 {
		t.Errorf("got %d different clips, want 8", len(seen))
	}
}

func TestFrameManifest(t *testing.T) {
	c, err := parsing(t.Context(), &stage{bench: &bench{size: size{frames: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(c.peers, c.ours) {
		if _, err := s.turn(t.Context()); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}
