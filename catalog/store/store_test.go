package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
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

func TestClaimsKeepProcessesApart(t *testing.T) {
	s, _, fs := files(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	claim := func(owner, want string) {
		t.Helper()
		got, err := s.claim(context.Background(), fs, "A001", owner)
		if err != nil || got != want {
			t.Errorf("%s claims: got holder %q and error %v, want %q", owner, got, err, want)
		}
	}
	claim("one", "one")
	claim("two", "one")
	claim("one", "one")
	now = now.Add(ClaimLapse + time.Second)
	claim("two", "two")
	claim("one", "two")
	if err := s.unclaim(context.Background(), fs, "A001", "two"); err != nil {
		t.Fatal(err)
	}
	claim("one", "one")
}

func TestTheClaimOfADeadProcessIsTakenOver(t *testing.T) {
	const beyond = 1<<22 + 1 // no process has such a number
	for name, test := range map[string]struct {
		owner string
		mine  bool
	}{
		"dead":               {fmt.Sprintf("%s %d 5 1", bootID(), beyond), true},
		"of another boot":    {fmt.Sprintf("another-boot %d 5 1", os.Getpid()), true},
		"number used again":  {fmt.Sprintf("%s %d before 1", bootID(), os.Getpid()), true},
		"alive":              {thisProcess(), false},
		"of another machine": {fmt.Sprintf("%s %d 5 1", unknown, beyond), false},
		"of no process":      {"someone", false},
	} {
		t.Run(name, func(t *testing.T) {
			if bootID() == unknown {
				t.Skip("this platform does not tell one boot from another")
			}
			s := opened(t, filepath.Join(t.TempDir(), "catalog.db"))
			fs, _, err := s.FileSystem(t.Context(), someFS)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.file.claim(t.Context(), fs, "day/A", test.owner); err != nil {
				t.Fatal(err)
			}
			if got := s.Claim(t.Context(), fs, "day/A"); got != test.mine {
				t.Errorf("claimed: %t, want %t", got, test.mine)
			}
			s.Unclaim(t.Context(), fs, "day/A") // his own only
			if holder, err := s.file.claim(t.Context(), fs, "day/A", test.owner); err != nil || holder != test.owner {
				t.Errorf("in the end %q holds it, error %v", holder, err)
			}
		})
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
