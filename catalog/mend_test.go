package catalog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// overwrite spoils all of a file.
func overwrite(t *testing.T, path string) {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(strings.Repeat("\xde\xad", int(st.Size()/2))), 0); err != nil {
		t.Fatal(err)
	}
}

func TestADriveIsGivenToASpoiltCatalog(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, path string)
		says  string
		goes  bool // on with a file
	}{
		"overwritten": {overwrite, "is damaged", true},
		"full": {func(t *testing.T, path string) {
			execute(t, path, "CREATE TRIGGER full BEFORE INSERT ON filesystem BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
		}, "cannot be used (", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShoot(t)
			s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
			s.settle()
			c, err := openAt(t, s.path)
			if err != nil {
				t.Fatal(err)
			}
			execute(t, s.path, "PRAGMA wal_checkpoint(TRUNCATE)")
			test.spoil(t, s.path)
			if _, err := c.AddDrive(t.Context(), s.dir); err != nil {
				t.Fatal(err)
			}
			if got := c.Path() != ""; got != test.goes {
				t.Errorf("it goes on with the file %q", c.Path())
			}
			if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, s.path) || !strings.Contains(notes, test.says) {
				t.Errorf("notes %q do not say that it %s", notes, test.says)
			}
			if err := c.Verify(t.Context(), Filter{}, VerifyOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := statuses(c)["A001R1AB"]; got != RollVerified {
				t.Errorf("got %s, want verified", got)
			}
		})
	}
}

func TestACatalogThatIsSpoiltWhileItIsUsed(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"removed": func(t *testing.T, path string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
		},
		"replaced by an empty one": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			write(t, path, "")
		},
		"overwritten": overwrite,
		"its folder removed": func(t *testing.T, path string) {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShoot(t)
			s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
			c := s.verified()
			execute(t, s.path, "PRAGMA wal_checkpoint(TRUNCATE)")
			spoil(t, s.path)
			s.roll("A002R1AB", map[string]string{"clip.mov": "more footage"})
			s.settle()
			c.rescan(t.Context(), c.drives[0])
			for range 2 {
				if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Force: true}); err != nil {
					t.Fatal(err)
				}
				c.mend(t.Context())
			}
			for name, got := range statuses(c) {
				if got != RollVerified {
					t.Errorf("%s: got %s, want verified", name, got)
				}
			}
			if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, s.path) {
				t.Errorf("notes %q do not say so", notes)
			}
			if err := c.Close(); err != nil {
				t.Errorf("got error %v when closed", err)
			}
			c = s.open()
			if notes := c.Notes(); len(notes) > 0 {
				t.Errorf("the new catalog has something to say: %q", notes)
			}
			if err := c.Inventory(t.Context(), Filter{}); err != nil {
				t.Fatal(err)
			}
			for name, got := range statuses(c) {
				if got != RollVerified {
					t.Errorf("%s: got %s in the next run, want verified without reading again", name, got)
				}
			}
		})
	}
}

func TestResultsThatCouldNotBeStoredAreStoredLater(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	execute(t, s.path, "CREATE TRIGGER full BEFORE INSERT ON seen BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got != RollVerified {
		t.Errorf("while nothing can be stored got %s, want verified", got)
	}
	if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, s.path) || !strings.Contains(notes, "the disk is full") {
		t.Errorf("notes %q do not say so", notes)
	}
	execute(t, s.path, "DROP TRIGGER full")
	c.Close()
	c = s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got != RollVerified {
		t.Errorf("after that got %s in the next run, want verified", got)
	}
}

// Who stops while a drive is given is not told that the catalog cannot be used.
func TestAStopWhileADriveIsGivenIsNoTroubleOfTheCatalog(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c, err := openAt(t, s.path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.AddDrive(ctx, s.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that it was stopped", err)
	}
	c.mend(t.Context())
	if notes := c.Notes(); c.Path() != s.path || len(notes) > 0 {
		t.Errorf("it goes on with the file %q and says %q", c.Path(), notes)
	}
}
