package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// someFS is a file system that keeps everything.
var someFS = drive.FileSystem{ID: "uuid-1", Kind: "ext4", Lasting: true, Strong: true, Serial: true, Local: true, Prefix: ".", Plugged: "p1"}

// remember stores one observation and returns what must come back.
func remember(t *testing.T, c *telling) {
	t.Helper()
	fs, plug, err := c.FileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	o := someSeen[0].Observation
	o.Plug = plug
	c.Record(t.Context(), map[Folder][]roll.Named{{fs, "A001"}: {{Name: "clip", Observation: o}}}, nil)
}

func remembers(t *testing.T, c *telling) bool {
	t.Helper()
	fs, _, err := c.FileSystem(t.Context(), someFS)
	if err != nil {
		return false
	}
	seen, err := c.Seen(t.Context(), fs, "A001")
	return err == nil && len(seen["A001"]) == 1 && seen["A001"][0].Name == "clip"
}

func TestCatalogRemembersAcrossOpens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "catalog.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := openAt(t, path)
	if err != nil {
		t.Fatal(err)
	}
	remember(t, c)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err = openAt(t, path); err != nil || !remembers(t, c) {
		t.Errorf("the second open does not remember (error %v)", err)
	}
	if notes := c.Notes(); len(notes) > 0 {
		t.Errorf("got notes %q, want none", notes)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file is for others too: %v, %v", st.Mode(), err)
	}
}

func TestBadCatalogsServeAllTheSame(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"garbage":   func(t *testing.T, p string) { write(t, p, read(t, p)[:100]+strings.Repeat("garbage ", 1000)) },
		"truncated": func(t *testing.T, p string) { truncate(t, p) },
		"schema edited by hand": func(t *testing.T, p string) {
			execute(t, p, "ALTER TABLE seen ADD COLUMN verified TEXT")
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalog.db")
			c, err := openAt(t, path)
			if err != nil {
				t.Fatal(err)
			}
			remember(t, c)
			c.Close(t.Context())
			spoil(t, path)
			c, err = openAt(t, path)
			if err != nil {
				t.Fatalf("got error %v, want a catalog begun anew", err)
			}
			if remembers(t, c) {
				t.Error("a damaged catalog is believed")
			}
			aside, err := filepath.Glob(path + ".damaged-*")
			if err != nil || len(aside) == 0 {
				t.Errorf("the damaged file was not kept: %v, %v", aside, err)
			}
			if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, "damaged") {
				t.Errorf("notes %q do not say so", notes)
			}
			remember(t, c)
			if !remembers(t, c) {
				t.Error("the new catalog does not remember")
			}
		})
	}
}

func TestRefusedPlaces(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "drive", "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "drive"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"drive/catalog.db", "drive/deep/new/catalog.db", "link/catalog.db", "drive"} {
		var refused *PlaceError
		_, err := openAt(t, filepath.Join(dir, path), filepath.Join(dir, "drive"))
		if !errors.As(err, &refused) {
			t.Errorf("%s: got error %v, want a PlaceError", path, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func truncate(t *testing.T, path string) {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, st.Size()/2); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
}
