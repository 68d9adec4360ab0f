package drives

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestEveryKindIsMade(t *testing.T) {
	for name, test := range map[string]struct {
		make  func(dir string) error
		rolls []Roll
	}{
		"cards":   {Cards, CardRolls()},
		"hostile": {Hostile, HonestRolls()},
		"scale":   {func(dir string) error { return Scale(dir, 11, 3, 1<<20) }, []Roll{{Path: "20230102_EP101_Day002_MU/Camera_Media/A002R0AB"}}},
		"frames":  {func(dir string) error { return Frames(dir, 1601, 1<<10) }, []Roll{{Path: "20230510_EP103_Day05_MU/Camera_Media/A001R1AB/A001C002_230510_R1AB"}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := test.make(dir); err != nil {
				t.Fatal(err)
			}
			for _, r := range test.rolls {
				if info, err := os.Stat(filepath.Join(dir, r.Path)); err != nil || !info.IsDir() {
					t.Errorf("roll %s: got %v, want a folder", r.Path, err)
				}
			}
		})
	}
}

// Sparse files have the checksum of the bytes that they read as.
func TestScaleIsSealedRight(t *testing.T) {
	dir := t.TempDir()
	if err := Scale(dir, 1, 1, 3<<20+5); err != nil {
		t.Fatal(err)
	}
	roll := filepath.Join(dir, "20230101_EP101_Day001_MU/Camera_Media/A001R0AB")
	want, err := List(roll, xxh64)
	if err != nil || len(want) != 1 {
		t.Fatal(want, err)
	}
	zero, err := zeros(3<<20 + 5)
	if err != nil || zero[0].Text != want[0].Hashes[0].Text {
		t.Errorf("zeros: got %v, %v, want %v", zero, err, want[0].Hashes)
	}
}

func TestManifest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.mhl")
	if err := Manifest(file, 1000, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() < 100_000 {
		t.Errorf("got %v, %v, want a list of 1,000 entries", info, err)
	}
}
