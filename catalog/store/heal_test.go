package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

func TestSeveralProcessesBeginADamagedCatalogAnewOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	opened(t, path).Close(t.Context())
	write(t, path, read(t, path)[:100]+strings.Repeat("garbage ", 1000))
	const processes = 8
	var ready, done sync.WaitGroup
	ready.Add(processes)
	catalogs := make([]*telling, processes)
	for i := range catalogs {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			c, err := openAt(t, path)
			if err != nil {
				t.Error(err)
				return
			}
			catalogs[i] = c
		})
	}
	done.Wait()
	for _, c := range catalogs {
		if c == nil {
			t.FailNow()
		}
		if broken := c.Mend(t.Context()); broken || c.Path() == "" {
			t.Errorf("a process works on another file than the others (path %q): %q", c.Path(), c.Notes())
		}
		c.Close(t.Context())
	}
	if aside, err := filepath.Glob(path + ".damaged-*Z"); err != nil || len(aside) != 1 {
		t.Errorf("kept aside: %v, %v; want the one damaged file", aside, err)
	}
}

func TestObservationsThatAreNotStoredYetAreFoundByName(t *testing.T) {
	s := &Store{backlog: backlog{seen: map[Folder][]roll.Named{{1, "A001"}: {{Name: "d"}, {Name: "b"}, {Name: "a"}}}}}
	seen := map[string][]roll.Named{"A001": {{Name: "b"}, {Name: "c"}}}
	s.addBacklog(seen, 1, "A001")
	var names []string
	for _, n := range seen["A001"] {
		names = append(names, n.Name)
	}
	if got := strings.Join(names, " "); got != "a b c d" {
		t.Errorf("got %q, want them sorted", got)
	}
}

// removed removes a file and its journals.
func removed(t *testing.T, path string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// What is put in the place of a removed file knows all that this process knows, under the
// numbers that it has.
func TestAReplacedFileKnowsWhatTheProcessKnows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s := opened(t, path)
	// A new file would begin with other numbers.
	if _, _, err := s.FileSystem(t.Context(), drive.FileSystem{ID: "of somebody else"}); err != nil {
		t.Fatal(err)
	}
	delete(s.given, 1)
	fs, plug, err := s.FileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	s.Register(t.Context(), fs, nil, []NewRoll{{"day/A", 1}}, 7)
	s.Changed(t.Context())
	removed(t, path)
	if got := s.Record(t.Context(), map[Folder][]roll.Named{{fs, "day/A"}: clip("0a", 1)}, nil); got != nil {
		t.Error("what was written to a file that nobody finds any more counts as stored")
	}
	loaded := func() map[Folder][]roll.Named {
		return map[Folder][]roll.Named{{fs, "day/A"}: clip("0b", 0), {fs, "day/B"}: clip("0c", 1)}
	}
	edition, inUse := s.Edition(), s.take()
	if !s.Mend(t.Context()) || !s.Replace(t.Context(), loaded) || s.Edition() == edition {
		t.Fatal("the file was not replaced")
	}
	if s.Mend(t.Context()) || s.Replace(t.Context(), loaded) {
		t.Error("it was replaced again")
	}
	if got := s.said; len(got) != 1 || !strings.Contains(got[0], "was removed or replaced") {
		t.Errorf("said %q", got)
	}
	if !s.Changed(t.Context()) {
		t.Error("nobody is told that another file has other contents")
	}
	if got := s.Rolls(t.Context(), fs, "."); len(got) > 0 {
		t.Errorf("the rolls %v need not be registered again", got)
	}
	// Who was using the file before can go on, and what ails that does not concern the new one.
	if _, _, err := inUse.seenBelow(t.Context(), fs, "."); err != nil {
		t.Errorf("the file was closed while it was in use: %v", err)
	}
	s.failed(inUse, errMoved)
	if s.Failing() || s.Mend(t.Context()) {
		t.Error("the new file is blamed for what the old one did")
	}
	s.giveBack(inUse)
	if err := inUse.r.PingContext(t.Context()); err == nil {
		t.Error("the old file stays open although nobody uses it")
	}
	want := map[string]string{"day/A/clip": "0a", "day/B/clip": "0c"} // 0a was read later
	for name, s := range map[string]*telling{"this process": s, "another one": opened(t, path)} {
		if id, p, err := s.FileSystem(t.Context(), someFS); id != fs || p != plug || err != nil {
			t.Errorf("%s numbers the file system %d and the plug-in %d with error %v, want %d and %d", name, id, p, err, fs, plug)
		}
		if d := cmp.Diff(want, seen(t, s, fs)); d != "" {
			t.Errorf("%s remembers (-want +got):\n%s", name, d)
		}
	}
}

// Where the file that came in its place numbers file systems in its own way, or none can be
// had, all goes on in memory.
func TestWithoutAFileAllGoesOnInMemory(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, s *telling, path string)
		says  string
	}{
		"another catalog": {func(t *testing.T, s *telling, path string) {
			removed(t, path)
			if _, _, err := opened(t, path).FileSystem(t.Context(), drive.FileSystem{ID: "of somebody else"}); err != nil {
				t.Fatal(err)
			}
		}, "any more (it was removed or replaced"},
		"no folder": {func(t *testing.T, s *telling, path string) {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Dir(path), "")
		}, "any more (it was removed or replaced"},
		"given up": {func(t *testing.T, s *telling, path string) {
			s.GiveUp(fmt.Errorf("storing: %w", errors.New("no room")))
		}, "cannot be used (no room)"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "of", "catalog.db")
			s := opened(t, path)
			fs, _, err := s.FileSystem(t.Context(), someFS)
			if err != nil {
				t.Fatal(err)
			}
			test.spoil(t, s, path)
			s.Record(t.Context(), map[Folder][]roll.Named{{fs, "day/A"}: clip("0a", 1)}, nil)
			loaded := func() map[Folder][]roll.Named { return map[Folder][]roll.Named{{fs, "day/B"}: clip("0b", 1)} }
			if !s.Mend(t.Context()) || !s.Replace(t.Context(), loaded) || s.Path() != "" {
				t.Fatalf("it goes on with the file %q", s.Path())
			}
			if got := strings.Join(s.said, "\n"); !strings.Contains(got, path) || !strings.Contains(got, test.says) || !strings.Contains(got, "will not be remembered") {
				t.Errorf("said %q", got)
			}
			want := map[string]string{"day/A/clip": "0a", "day/B/clip": "0b"}
			if name == "given up" {
				want = map[string]string{"day/B/clip": "0b"} // the other one is in the file
			}
			if d := cmp.Diff(want, seen(t, s, fs)); d != "" {
				t.Errorf("remembered while it runs (-want +got):\n%s", d)
			}
			if id, _, err := s.FileSystem(t.Context(), someFS); id != fs || err != nil {
				t.Errorf("the file system has number %d now, error %v; want %d", id, err, fs)
			}
		})
	}
}

// A drive that came back while nothing could be stored has no number of this plug-in.
func TestPlugInsWithoutANumberHinderNoReplacement(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s := opened(t, path)
	for id, name := range map[int64]string{1: "one", 2: "two"} {
		s.given[id] = given{drive.FileSystem{ID: name, Plugged: "now"}, -1}
	}
	removed(t, path)
	if !s.Mend(t.Context()) || !s.Replace(t.Context(), func() map[Folder][]roll.Named { return map[Folder][]roll.Named{} }) || s.Path() != path {
		t.Errorf("it goes on with the file %q: %q", s.Path(), s.said)
	}
}

// A file that is removed again and again while several goroutines use it loses nothing that
// this process knows, and nobody meets a file that was closed under his hands.
func TestAFileIsReplacedWhileItIsUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s := opened(t, path)
	fs, _, err := s.FileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	want := map[string]string{}
	known := func() map[Folder][]roll.Named {
		mu.Lock()
		defer mu.Unlock()
		all := map[Folder][]roll.Named{}
		for p, digest := range want {
			folder, _ := drive.Split(p)
			all[Folder{fs, folder}] = clip(digest, 1)
		}
		return all
	}
	const batches = 40
	var all sync.WaitGroup
	for g := range 3 {
		all.Go(func() {
			for n := range batches {
				folder, digest := fmt.Sprintf("day/%d/%d", g, n), fmt.Sprintf("%02x", n)
				mu.Lock()
				want[folder+"/clip"] = digest
				mu.Unlock()
				s.Record(t.Context(), map[Folder][]roll.Named{{fs, folder}: clip(digest, 1)}, nil)
				if _, err := s.Seen(t.Context(), fs, folder); err != nil && strings.Contains(err.Error(), "closed") {
					t.Error(err)
				}
			}
		})
	}
	for range 3 { // several look after it
		all.Go(func() {
			for range batches {
				if s.Mend(t.Context()) {
					s.Replace(t.Context(), known)
				}
			}
		})
	}
	all.Go(func() {
		for range 5 {
			os.Remove(path)
			time.Sleep(10 * time.Millisecond)
		}
	})
	all.Wait()
	if s.Mend(t.Context()) {
		s.Replace(t.Context(), known)
	}
	s.Flush(t.Context())
	for _, text := range s.Notes() {
		if !strings.Contains(text, "removed or replaced") {
			t.Errorf("unexpected note: %s", text)
		}
	}
	if s.Path() != path {
		t.Fatalf("it goes on with the file %q", s.Path())
	}
	if d := cmp.Diff(want, seen(t, opened(t, path), fs)); d != "" {
		t.Errorf("what another process finds (-want +got):\n%s", d)
	}
}
