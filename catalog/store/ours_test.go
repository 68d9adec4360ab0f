package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ourMark is how a catalog is marked.
var ourMark = fmt.Sprintf("PRAGMA application_id = %d;", applicationID)

// What is no catalog of ours is left as it is, with all that lies beside it: only that is
// said, and the footage is verified without memory.
func TestOthersFilesAreLeftAsTheyAre(t *testing.T) {
	text := func(content string) func(*testing.T, string) {
		return func(t *testing.T, p string) { write(t, p, content) }
	}
	sql := func(script string) func(*testing.T, string) {
		return func(t *testing.T, p string) { execute(t, p, script) }
	}
	journal := "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + strings.Repeat("j", 1000)
	for name, tt := range map[string]struct {
		make   func(*testing.T, string)
		reason string
	}{
		"text":                   {text(strings.Repeat("shopping list ", 1000)), "no footagefs catalog"},
		"a few bytes":            {text("SQLite"), "no footagefs catalog"},
		"a header cut off":       {text("SQLite format 3\x00\x10\x00"), "no footagefs catalog"},
		"a header and no more":   {text("SQLite format 3\x00" + strings.Repeat("\x00", 84)), "no footagefs catalog"},
		"another database":       {sql("CREATE TABLE photos (id INTEGER); INSERT INTO photos VALUES (1)"), "another program"},
		"an empty database":      {func(t *testing.T, p string) { execute(t, p, "VACUUM"); chmod(t, p, 0o644) }, "another program"},
		"another, damaged":       {func(t *testing.T, p string) { execute(t, p, "CREATE TABLE photos (id)"); truncate(t, p) }, "another program"},
		"with a mark of its own": {sql("PRAGMA application_id = 1; CREATE TABLE photos (id)"), "another program"},
		"newer":                  {sql(ourMark + "PRAGMA user_version = 999; CREATE TABLE future (id INTEGER)"), "a newer footagefs"},
		"an empty file":          {func(t *testing.T, p string) { write(t, p, ""); chmod(t, p, 0o644) }, "an empty file"},
		"text with a journal": {func(t *testing.T, p string) {
			write(t, p, "text")
			write(t, p+"-journal", journal)
			write(t, p+"-wal", "w")
		}, "no footagefs catalog"},
		"notes called like one":  {func(t *testing.T, p string) { write(t, p+"-wal", "waltz") }, "catalog.db-wal lies beside it"},
		"a link called like one": {func(t *testing.T, p string) { symlink(t, "elsewhere", p+"-shm") }, "catalog.db-shm lies beside it"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalog.db")
			tt.make(t, path)
			old := time.Now().Add(-time.Hour)
			for _, name := range []string{path, path + "-wal", path + "-journal"} {
				if err := os.Chtimes(name, old, old); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			before := folder(t, filepath.Dir(path))
			for range 2 {
				c, err := openAt(t, path)
				if err != nil {
					t.Fatal(err)
				}
				if notes := strings.Join(c.Notes(), "\n"); !strings.Contains(notes, path) || !strings.Contains(notes, tt.reason) {
					t.Errorf("notes %q do not name the file, and that it is %s", notes, tt.reason)
				}
				remember(t, c)
				if !remembers(t, c) {
					t.Error("without its file the catalog does not remember while it runs")
				}
				c.Close(t.Context())
			}
			if after := folder(t, filepath.Dir(path)); after != before {
				t.Errorf("got\n%swant\n%s", after, before)
			}
		})
	}
}

// What is no file, or a link to one, is refused.
func TestCatalogIsNoLinkNorDevice(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"folder": func(t *testing.T, p string) {
			if err := os.Mkdir(p, 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"link":          func(t *testing.T, p string) { write(t, p+".real", ""); symlink(t, p+".real", p) },
		"dangling link": func(t *testing.T, p string) { symlink(t, p+".new", p) },
		"device":        func(t *testing.T, p string) { fifo(t, p) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalog.db")
			spoil(t, path)
			before := folder(t, filepath.Dir(path))
			var refused *PlaceError
			if _, err := openAt(t, path); !errors.As(err, &refused) {
				t.Errorf("got error %v, want a PlaceError", err)
			}
			if after := folder(t, filepath.Dir(path)); after != before {
				t.Errorf("got\n%swant\n%s", after, before)
			}
		})
	}
}

// Begun and not finished, by an empty file or a marked one, it is finished.
func TestACatalogThatWasBegunIsFinished(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T, path string){
		"empty":         func(t *testing.T, p string) { write(t, p, "") },
		"marked":        func(t *testing.T, p string) { write(t, p, ""); execute(t, p, ourMark) },
		"with a writer": func(t *testing.T, p string) { write(t, p, ""); execute(t, p, "PRAGMA journal_mode = WAL") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalog.db")
			begin(t, path)
			c, err := openAt(t, path)
			if err != nil {
				t.Fatal(err)
			}
			if notes := c.Notes(); c.Path() != path || len(notes) > 0 {
				t.Errorf("got catalog %q, notes %q", c.Path(), notes)
			}
		})
	}
}

// In the default place any file is a catalog, however damaged.
func TestDefaultPlaceIsBegunAnew(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	if err := os.Mkdir(filepath.Join(home, "footagefs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, DefaultPath(), strings.Repeat("garbage ", 1000))
	for _, named := range []string{DefaultPath(), ""} {
		c, err := openAt(t, named)
		if err != nil {
			t.Fatal(err)
		}
		if c.Path() != DefaultPath() {
			t.Errorf("got catalog %q, notes %q", c.Path(), c.Notes())
		}
	}
	if aside, err := filepath.Glob(DefaultPath() + ".damaged-*"); err != nil || len(aside) != 1 {
		t.Errorf("kept aside: %v, %v", aside, err)
	}
}

// Where others can put files, what lies there is not believed, nor is anything put there.
func TestFoldersOfOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		mode     os.FileMode
		uid, gid int
		planted  string // what another user has put there
		ok       bool
	}{
		"ours":                {mode: 0o755, uid: os.Geteuid(), gid: os.Getegid(), ok: true},
		"our group's":         {mode: 0o775, uid: os.Geteuid(), gid: os.Getegid(), ok: true},
		"another group's":     {mode: 0o775, uid: os.Geteuid(), gid: os.Getegid() + 1},
		"everybody's":         {mode: 0o777, uid: os.Geteuid(), gid: os.Getegid()},
		"everybody's, as tmp": {mode: 0o777 | os.ModeSticky, uid: os.Geteuid(), gid: os.Getegid(), ok: true},
		"as tmp, planted":     {mode: 0o777 | os.ModeSticky, uid: os.Geteuid(), gid: os.Getegid(), planted: "catalog.db"},
		"as tmp, a journal":   {mode: 0o777 | os.ModeSticky, uid: os.Geteuid(), gid: os.Getegid(), planted: "catalog.db-wal"},
		"another user's":      {mode: 0o700, uid: os.Geteuid() + 1, gid: os.Getegid()},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "of")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(dir, tt.uid, tt.gid); err != nil {
				t.Skip(err)
			}
			chmod(t, dir, tt.mode)
			var planted []string
			if tt.planted != "" {
				planted = []string{tt.planted}
				path := filepath.Join(dir, tt.planted)
				write(t, path, "")
				if err := os.Chown(path, os.Geteuid()+1, os.Getegid()); err != nil {
					t.Skip(err)
				}
			}
			c, err := openAt(t, filepath.Join(dir, "catalog.db"))
			if err != nil {
				t.Fatal(err)
			}
			notes := strings.Join(c.Notes(), "\n")
			if used := c.Path() != ""; used != tt.ok || !used && !strings.Contains(notes, "folder") {
				t.Errorf("used: %v, want %v; notes %q", used, tt.ok, notes)
			}
			if names, err := os.ReadDir(dir); !tt.ok && (err != nil || len(names) > len(planted)) {
				t.Errorf("got %v in it, %v", names, err)
			}
		})
	}
}

// A folder, or link, that another user has made in the shared fallback place is not used.
func TestPlantedFallbackPlace(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	symlink(t, "real", link)
	if err := checkFolderBy(os.Lstat, filepath.Join(link, "catalog.db")); err == nil {
		t.Error("a link was taken")
	}
	if err := checkFolderBy(os.Stat, filepath.Join(link, "catalog.db")); err != nil {
		t.Errorf("got error %v for a link of the user's own", err)
	}
}

// folder lists what lies in a folder: names, kinds, times, inodes and contents.
func folder(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		content := ""
		if info.Mode().IsRegular() {
			content = read(t, filepath.Join(dir, e.Name()))
		}
		list.WriteString(strings.Join([]string{e.Name(), info.Mode().String(), info.ModTime().String(), inodeOf(info), content}, " ") + "\n")
	}
	return list.String()
}
