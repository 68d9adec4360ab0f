package catalog

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// stores are two processes' views of one file, and the numbers of someFS in it.
func stores(t *testing.T) (one, other *store, fs int64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catalog.db")
	var both [2]*store
	for i := range both {
		s, err := openStore(t.Context(), path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.close() })
		both[i] = s
	}
	fs, _, err := both[0].fileSystem(t.Context(), someFS)
	if err != nil {
		t.Fatal(err)
	}
	return both[0], both[1], fs
}

// registered makes rolls known at paths, the first with inode 1, and returns their rows.
func registered(t *testing.T, s *store, fs int64, moves []move, paths ...string) map[string]storedRoll {
	t.Helper()
	rolls := make([]newRoll, len(paths))
	for i, p := range paths {
		rolls[i] = newRoll{p, uint64(i + 1)}
	}
	rows := map[string]storedRoll{}
	err := s.update(t.Context(), "registering", func(tx *sql.Tx) error {
		if err := moveRolls(t.Context(), tx, fs, moves); err != nil {
			return err
		}
		return registerRolls(t.Context(), tx, fs, rolls, 7, func(r storedRoll) { rows[r.path] = r })
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
func digests(t *testing.T, s *store, fs int64) map[string]string {
	t.Helper()
	seen, damaged, err := s.seenBelow(t.Context(), fs, ".")
	if err != nil || damaged > 0 {
		t.Fatalf("got %d damaged records, error %v", damaged, err)
	}
	got := map[string]string{}
	for folder, list := range seen {
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
	s, _, fs := stores(t)
	rows := registered(t, s, fs, nil, "day/A", "day/B", "day/AB")
	for i, digest := range []string{"0a", "0b"} { // the second reading replaces the first
		for _, name := range []string{"A", "B", "AB"} {
			in := "day/" + name
			_, err := s.record(t.Context(), map[seenKey][]roll.Named{
				{fs, in}:          clip(digest+name[:1]+"0", int64(i+1)),
				{fs, in + "/sub"}: clip(digest+name[:1]+"1", int64(i+1)),
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	registered(t, s, fs, []move{{rows["day/A"], "day/B"}, {rows["day/B"], "day/A"}}, "day/A", "day/B")
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
		was := map[string]string{"day/A": "day/B", "day/B": "day/A", "day/AB": "day/AB"}[k.path]
		if k.id != rows[was].id || k.firstSeen != rows[was].firstSeen {
			t.Errorf("%s has row %d, want that of %s, which is %d", k.path, k.id, was, rows[was].id)
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
	s, _, fs := stores(t)
	rows := registered(t, s, fs, nil, "day/A", "day/A2", "day/B")
	manifests := map[string]*mhl.Manifest{}
	for _, name := range []string{"A", "A2", "B"} {
		in := "day/" + name
		for at := range int64(2) {
			_, err := s.record(t.Context(), map[seenKey][]roll.Named{{fs, in}: clip("0"+string(rune('a'+at)), at+1)}, nil)
			if err != nil {
				t.Fatal(err)
			}
		}
		manifests[in] = &mhl.Manifest{Digest: "digest of " + name, Format: mhl.Legacy}
		if err := s.saveManifest(t.Context(), fs, in+"/x.mhl", roll.Look{}, 1, manifests[in]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.markGone(t.Context(), map[int64]bool{rows["day/A"].id: true, rows["day/B"].id: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.markGone(t.Context(), map[int64]bool{rows["day/B"].id: false}); err != nil { // it came back
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
	one, other, fs := stores(t)
	rows := registered(t, one, fs, nil, "day/A", "day/B")
	version, _ := other.changed(t.Context(), 0)
	if v, changed := other.changed(t.Context(), version); changed || v != version {
		t.Error("something changed while nobody did anything")
	}
	r := &rollState{}
	mine, err := one.record(t.Context(), map[seenKey][]roll.Named{{fs, "day/A"}: clip("0a", 1)}, map[*rollState]int64{r: rows["day/A"].id})
	if err != nil {
		t.Fatal(err)
	}
	if _, changed := other.changed(t.Context(), version); !changed {
		t.Error("what one process stored, the other does not notice")
	}
	if v, _ := one.changed(t.Context(), 0); func() bool { _, changed := one.changed(t.Context(), v); return changed }() {
		t.Error("a process takes what it stored for somebody else's")
	}
	got, err := other.revisions(t.Context(), fs, "day")
	want := map[int64]int64{rows["day/A"].id: mine[rows["day/A"].id], rows["day/B"].id: 0}
	if d := cmp.Diff(want, got); err != nil || d != "" || mine[rows["day/A"].id] != 1 {
		t.Errorf("revisions (-want +got):\n%s, error %v", d, err)
	}
	if d := cmp.Diff(map[string]string{"day/A/clip": "0a"}, digests(t, other, fs)); d != "" {
		t.Errorf("what the other remembers (-want +got):\n%s", d)
	}
}

func TestWhatCouldNotBeStoredIsKeptAndStoredLater(t *testing.T) {
	s, other, fs := stores(t)
	row := registered(t, s, fs, nil, "day/A")["day/A"].id
	if _, err := s.w.Exec("PRAGMA busy_timeout(50)"); err != nil {
		t.Fatal(err)
	}
	unlock := lock(t, s.path)
	for at, digest := range []string{"0a", "0b"} {
		_, err := s.record(t.Context(), map[seenKey][]roll.Named{{fs, "day/A"}: clip(digest, int64(at+1))}, map[*rollState]int64{nil: row})
		if err == nil || !strings.Contains(err.Error(), "locked") {
			t.Fatalf("got error %v, want that it is locked", err)
		}
	}
	if d := cmp.Diff(map[string]string{"day/A/clip": "0b"}, digests(t, s, fs)); d != "" || !s.hasBacklog() {
		t.Errorf("while it is locked this process knows (-want +got):\n%s", d)
	}
	if got := digests(t, other, fs); len(got) > 0 {
		t.Errorf("while it is locked others know %v", got)
	}
	unlock()
	revisions, err := s.record(context.Background(), nil, nil)
	if err != nil || s.hasBacklog() || revisions[row] != 1 {
		t.Errorf("later: error %v, backlog %t, revisions %v", err, s.hasBacklog(), revisions)
	}
	if d := cmp.Diff(map[string]string{"day/A/clip": "0b"}, digests(t, other, fs)); d != "" {
		t.Errorf("later others know (-want +got):\n%s", d)
	}
}
