package store

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// files are two processes' views of one file, and the number of someFS in it.
func files(t *testing.T) (one, other *file, fs int64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catalog.db")
	var both [2]*file
	for i := range both {
		f, err := openFile(t.Context(), path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.close() })
		both[i] = f
	}
	fs, _, err := both[0].fileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	return both[0], both[1], fs
}

// registered makes rolls known at paths, the first with inode 1, and returns their rows.
func registered(t *testing.T, s *file, fs int64, moves []Move, paths ...string) map[string]Roll {
	t.Helper()
	rolls := make([]NewRoll, len(paths))
	for i, p := range paths {
		rolls[i] = NewRoll{p, uint64(i + 1)}
	}
	rows := map[string]Roll{}
	err := s.update(t.Context(), "registering", func(tx *sql.Tx) error {
		if err := moveRolls(t.Context(), tx, fs, moves); err != nil {
			return err
		}
		return registerRolls(t.Context(), tx, fs, rolls, 7, func(r Roll) { rows[r.Path] = r })
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// clip is what a file called clip was read as, and when.
func clip(digest string, at int64) []roll.Named {
	return []roll.Named{{Name: "clip", Observation: roll.Observation{Sums: []checksum.Sum{{Algorithm: checksum.XXH3, Digest: digest}}, ReadAt: at, FirstAt: at}}}
}

// digests are what is remembered of the files called clip, by folder.
func digests(t *testing.T, s *file, fs int64) map[string]string {
	t.Helper()
	seen, damaged, err := s.seenBelow(t.Context(), fs, ".")
	if err != nil || damaged > 0 {
		t.Fatalf("got %d damaged records, error %v", damaged, err)
	}
	return sums(seen)
}

// telling is a store and what it says.
type telling struct {
	*Store
	mu   sync.Mutex
	said []string
}

func (s *telling) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, text)
}

// Notes returns, and forgets, what it said.
func (s *telling) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	notes := s.said
	s.said = nil
	return notes
}

// openAt opens the file at path and closes it with the test.
func openAt(t *testing.T, path string, drives ...string) (*telling, error) {
	t.Helper()
	s := new(telling)
	var err error
	s.Store, err = Open(t.Context(), Options{Path: path, Drives: drives, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Note: s.add})
	if err == nil {
		t.Cleanup(func() { s.Close(context.Background()) })
	}
	return s, err
}

// opened is a store of the file at path, which is closed with the test.
func opened(t *testing.T, path string) *telling {
	t.Helper()
	s, err := openAt(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seen are the digests of the files called clip that a store knows, by path.
func seen(t *testing.T, s *telling, fs int64) map[string]string {
	t.Helper()
	known, err := s.Seen(t.Context(), fs, ".")
	if err != nil {
		t.Fatal(err)
	}
	return sums(known)
}

// sums are the digests of files, by path.
func sums(known map[string][]roll.Named) map[string]string {
	got := map[string]string{}
	for folder, list := range known {
		for _, n := range list {
			got[folder+"/"+n.Name] = n.Sums[0].Digest
		}
	}
	return got
}

// lock keeps everybody else from writing to the file at path until it is called.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() { db.Close() }
}

func TestRollsThatExchangedTheirPathsTakeAlongWhatIsKnown(t *testing.T) {
	s, _, fs := files(t)
	rows := registered(t, s, fs, nil, "day/A", "day/B", "day/AB")
	for i, digest := range []string{"0a", "0b"} { // the second reading replaces the first
		for _, name := range []string{"A", "B", "AB"} {
			in := "day/" + name
			_, err := s.record(t.Context(), backlog{seen: map[Folder][]roll.Named{
				{fs, in}:          clip(digest+name[:1]+"0", int64(i+1)),
				{fs, in + "/sub"}: clip(digest+name[:1]+"1", int64(i+1)),
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	registered(t, s, fs, []Move{{rows["day/A"], "day/B"}, {rows["day/B"], "day/A"}}, "day/A", "day/B")
	want := map[string]string{
		"day/A/clip": "0bb0", "day/A/sub/clip": "0bb1", "day/B/clip": "0ba0", "day/B/sub/clip": "0ba1",
		"day/AB/clip": "0ba0", "day/AB/sub/clip": "0ba1", // begins like one that moved
	}
	if d := cmp.Diff(want, digests(t, s, fs)); d != "" {
		t.Errorf("what is remembered (-want +got):\n%s", d)
	}
	known, err := s.rollsBelow(t.Context(), fs, "day")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range known {
		was := map[string]string{"day/A": "day/B", "day/B": "day/A", "day/AB": "day/AB"}[k.Path]
		if k.ID != rows[was].ID || k.FirstSeen != rows[was].FirstSeen {
			t.Errorf("%s has row %d, want that of %s, which is %d", k.Path, k.ID, was, rows[was].ID)
		}
	}
	info, err := s.info(t.Context())
	if err != nil || info.Replaced != 6 || info.Rolls != 3 {
		t.Errorf("got %d rolls, %d earlier results and error %v, want 3 and 6", info.Rolls, info.Replaced, err)
	}
	if damages, err := s.check(t.Context()); err != nil || len(damages) > 0 {
		t.Errorf("what moved is damaged: %q, %v", damages, err)
	}
}

func TestPruneForgetsWhatIsGoneAndNothingElse(t *testing.T) {
	s, _, fs := files(t)
	rows := registered(t, s, fs, nil, "day/A", "day/A2", "day/B")
	manifests := map[string]*mhl.Manifest{}
	for _, name := range []string{"A", "A2", "B"} {
		in := "day/" + name
		for at := range int64(2) {
			_, err := s.record(t.Context(), backlog{seen: map[Folder][]roll.Named{{fs, in}: clip("0"+string(rune('a'+at)), at+1)}})
			if err != nil {
				t.Fatal(err)
			}
		}
		manifests[in] = &mhl.Manifest{Digest: "digest of " + name, Format: mhl.Legacy}
		if err := s.saveManifest(t.Context(), fs, in+"/x.mhl", roll.Look{}, 1, manifests[in]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.markGone(t.Context(), map[int64]bool{rows["day/A"].ID: true, rows["day/B"].ID: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.markGone(t.Context(), map[int64]bool{rows["day/B"].ID: false}); err != nil { // it came back
		t.Fatal(err)
	}
	if _, err := s.claim(t.Context(), fs, "day/B", "a process"); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"the roll day/A", "1 manifests that no roll has any more"}, nil} {
		if got, err := s.prune(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("pruned %q with error %v, want %q", got, err, want)
		}
	}
	if d := cmp.Diff(map[string]string{"day/A2/clip": "0b", "day/B/clip": "0b"}, digests(t, s, fs)); d != "" {
		t.Errorf("what is remembered (-want +got):\n%s", d)
	}
	for in, m := range manifests {
		got, err := s.manifest(t.Context(), m.Digest)
		if err != nil || (got != nil) != (in != "day/A") {
			t.Errorf("the manifest of %s is known: %t, %v", in, got != nil, err)
		}
	}
	info, err := s.info(t.Context())
	if err != nil || info.Rolls != 2 || info.Gone != 0 || info.Replaced != 2 {
		t.Errorf("got %+v and error %v, want 2 rolls, none gone, 2 earlier results", info, err)
	}
	if holder, err := s.claim(t.Context(), fs, "day/B", "another"); err != nil || holder != "a process" {
		t.Errorf("a live claim was forgotten: %q holds it, %v", holder, err)
	}
}

func TestProcessesSeeWhatOthersStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	one, other := opened(t, path), opened(t, path)
	fs, _, err := one.FileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	rows := one.Register(t.Context(), fs, nil, []NewRoll{{"day/A", 1}, {"day/B", 2}}, 7)
	if len(rows) != 2 {
		t.Fatalf("registered %v, want two rolls", rows)
	}
	a, b := rows[0].ID, rows[1].ID
	if !other.Changed(t.Context()) || !one.Changed(t.Context()) {
		t.Error("the first time it is not said that something changed")
	}
	if other.Changed(t.Context()) {
		t.Error("something changed while nobody did anything")
	}
	mine := one.Record(t.Context(), map[Folder][]roll.Named{{fs, "day/A"}: clip("0a", 1)}, []int64{a})
	if !other.Changed(t.Context()) {
		t.Error("what one process stored, the other does not notice")
	}
	want := map[int64]int64{a: 1, b: 0}
	if d := cmp.Diff(want, other.Revisions(t.Context(), fs, "day")); d != "" || mine[a] != 1 || other.Revision(t.Context(), a) != 1 {
		t.Errorf("revisions (-want +got):\n%s, the writer has %v", d, mine)
	}
	if d := cmp.Diff(map[string]string{"day/A/clip": "0a"}, seen(t, other, fs)); d != "" {
		t.Errorf("what the other remembers (-want +got):\n%s", d)
	}
}

func TestWhatCouldNotBeStoredIsKeptAndStoredLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s, other := opened(t, path), opened(t, path)
	fs, _, err := s.FileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	row := s.Register(t.Context(), fs, nil, []NewRoll{{"day/A", 1}}, 7)[0].ID
	if _, err := s.file.w.Exec("PRAGMA busy_timeout(50)"); err != nil {
		t.Fatal(err)
	}
	unlock := lock(t, path)
	for at, digest := range []string{"0a", "0b"} {
		got := s.Record(t.Context(), map[Folder][]roll.Named{{fs, "day/A"}: clip(digest, int64(at+1))}, []int64{row})
		if got != nil || !s.Failing() {
			t.Errorf("got revisions %v, failing %t, want none, true", got, s.Failing())
		}
	}
	if got := s.said; len(got) == 0 || !strings.Contains(got[0], path) || !strings.Contains(got[0], "locked") {
		t.Errorf("said %q, want that it is locked", got)
	}
	want := map[string]string{"day/A/clip": "0b"}
	if d := cmp.Diff(want, seen(t, s, fs)); d != "" {
		t.Errorf("while it is locked this process knows (-want +got):\n%s", d)
	}
	if got := seen(t, other, fs); len(got) > 0 {
		t.Errorf("while it is locked others know %v", got)
	}
	unlock()
	now := time.Now()
	s.now = func() time.Time { return now }
	if s.Mend(t.Context()) || !s.Failing() {
		t.Error("it was tried again at once, or is to be replaced")
	}
	now = now.Add(retryEvery + time.Minute)
	if s.Mend(t.Context()) || s.Failing() || s.hasBacklog() {
		t.Errorf("later it was not stored: failing %t, backlog %t", s.Failing(), s.hasBacklog())
	}
	if d := cmp.Diff(want, seen(t, other, fs)); d != "" || other.Revision(t.Context(), row) != 1 {
		t.Errorf("later others know (-want +got):\n%s, revision %d", d, other.Revision(t.Context(), row))
	}
}
