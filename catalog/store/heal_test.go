package store

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"footagefs/catalog/roll"
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
