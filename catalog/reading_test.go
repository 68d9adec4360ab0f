package catalog

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify"
	"footagefs/verify/drive"
)

func TestADriveThatGoesAwayDoesNotStopTheOthers(t *testing.T) {
	s, other := newShoot(t), newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": strings.Repeat("footage!", 1<<18)})
	other.roll("A002R1AB", map[string]string{"clip.mov": strings.Repeat("footage?", 1<<17)})
	s.settle()
	c := s.open()
	if _, err := c.AddDrive(t.Context(), other.dir); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, c.drives[0].handle().Release)
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Limit: 1 << 20}); err != nil {
		t.Errorf("got error %v, want none: the drive that is here was verified", err)
	}
	got := statuses(c)
	if got["A001R1AB"] != RollOffline || got["A002R1AB"] != RollVerified {
		t.Errorf("got %v, want the one offline and the other verified", got)
	}
}

func TestAFileThatNeverStopsChangingEndsNothing(t *testing.T) {
	s := newShoot(t)
	path := filepath.Join(s.dir, s.roll("A001R1AB", map[string]string{"clip.mov": "footage"}), "clip.mov")
	s.settle()
	c := s.open()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stop, begun := make(chan struct{}), make(chan struct{})
	defer close(stop)
	go func() {
		for i := 0; ; i++ {
			if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
				f.WriteAt([]byte("garbage"), 0) // one that fails is as good
				f.Close()
			}
			if i == 0 {
				close(begun)
			}
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	<-begun
	if err := c.Verify(ctx, Filter{}, VerifyOptions{}); err != nil {
		t.Fatalf("got error %v, want an end", err)
	}
	if got := c.Unfinished(Filter{}); len(got) != 1 || !strings.Contains(got[0].Message(), "clip.mov") {
		t.Errorf("got %v, want a finding that names the file", got)
	}
}

func TestAFileThatCouldNotBeReadAgainIsSaid(t *testing.T) {
	s := newShoot(t)
	path := filepath.Join(s.dir, s.roll("A001R1AB", map[string]string{"clip.mov": "footage"}), "clip.mov")
	c := s.verified()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if got := c.Unfinished(Filter{}); len(got) != 1 || !strings.Contains(got[0].Message(), "clip.mov") {
		t.Errorf("got %v, want a finding that says why the file was not read again", got)
	}
}

func TestWhatChangedWhileOthersWereReadIsSeen(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.verified().Close()
	s.roll("A002R1AB", map[string]string{"clip.mov": strings.Repeat("footage!", 1<<19)})
	s.settle()
	c := s.open()
	time.AfterFunc(time.Second, func() { os.Remove(filepath.Join(s.dir, someDay, "A001R1AB", "clip.mov")) })
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Limit: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got != RollFailed {
		t.Errorf("got %s for a roll that lost a file seconds before the end, want failed", got)
	}
}

// However a run ends, the rolls that it has read are looked at again where that tells more:
// directory hashes could not be compared before, and much may have changed meanwhile.
func TestWhatWasReadIsLookedAtAgainHoweverTheRunEnds(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	r := only(t, c)
	now := c.now()
	c.now = func() time.Time { return now }
	for name, end := range map[string]func(*reading){
		"retired":    func(rd *reading) { rd.retire(t.Context()) },
		"given back": func(rd *reading) { rd.giveBack(t.Context()) },
	} {
		for _, test := range []struct {
			hashed bool
			age    time.Duration
			want   bool
		}{{true, 0, true}, {false, freshFor + 1, true}, {false, freshFor, false}} {
			rd := c.newReading(r.drive, Filter{}, VerifyOptions{}, true)
			r.happened(roll.LookBegan, now)
			r.happened(roll.LookEnded, now)
			r.inv.hashed, r.inv.at = test.hashed, now.Add(-test.age)
			rd.active = append(rd.active, &rollJobs{r: r})
			end(rd)
			if got := r.isDue(); got != test.want {
				t.Errorf("%s, directory hashes %t, looked at %v ago: looked at again %t, want %t", name, test.hashed, test.age, got, test.want)
			}
		}
	}
}

func TestAChangeWhileOthersWereReadIsSeenInAShortRun(t *testing.T) {
	s := newShoot(t)
	path := filepath.Join(s.dir, s.roll("A001R1AB", map[string]string{
		"a.mov": "footage", "b.mov": strings.Repeat("footage!", 1<<17)}), "a.mov")
	s.settle()
	c := s.open()
	time.AfterFunc(500*time.Millisecond, func() { os.WriteFile(path, []byte("garbage"), 0o644) })
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Limit: 1 << 20, Readers: 1}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got == RollVerified {
		t.Errorf("got %s of a file that was overwritten at half a second", got)
	}
}

// Whatever changes in a roll, a look at its files and folders tells.
func TestSameAgain(t *testing.T) {
	s := newShoot(t)
	dir := filepath.Join(s.dir, s.roll("A001R1AB", map[string]string{"a.mov": "footage", "sub/a-b": "b", "sub/a/c": "c", "d": "d"}))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(dir, "empty"), 0o755))
	s.settle()
	c := s.open()
	for what, change := range map[string]func() error{
		"nothing":        func() error { return nil },
		"bytes":          func() error { return os.WriteFile(filepath.Join(dir, "sub/a/c"), []byte("x"), 0o644) },
		"a name":         func() error { return os.Rename(filepath.Join(dir, "d"), filepath.Join(dir, "e")) },
		"gone":           func() error { return os.Remove(filepath.Join(dir, "sub/a-b")) },
		"new":            func() error { return os.WriteFile(filepath.Join(dir, "sub/new"), nil, 0o644) },
		"new in a empty": func() error { return os.WriteFile(filepath.Join(dir, "empty/new"), nil, 0o644) },
	} {
		time.Sleep(2 * clockStep) // until folders are older than a change that comes now
		must(c.Inventory(t.Context(), Filter{}))
		r := only(t, c)
		must(change())
		if got, want := r.sameAgain(), what == "nothing"; got != want && c.driveStates()[0].fs.Strong {
			t.Errorf("%s changed: got the same %t, want %t", what, got, want)
		}
	}
}

func TestWhatARunShowsIsStoredWhereItEndsMeanwhile(t *testing.T) {
	s := newShoot(t)
	path := filepath.Join(s.dir, s.roll("A001R1AB", map[string]string{
		"a.mov": "footage", "b.mov": strings.Repeat("footage!", 1<<17)}), "b.mov")
	s.settle()
	c := s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	r := only(t, c)
	rd := c.newReading(r.drive, Filter{}, VerifyOptions{Limit: 1 << 20, Readers: 1}, true)
	execute(t, s.path, `CREATE VIEW slow AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4000000) SELECT i FROM n;
		CREATE TRIGGER storing BEFORE INSERT ON seen BEGIN SELECT count(*) FROM slow; END`) // takes seconds
	time.AfterFunc(600*time.Millisecond, func() { os.Truncate(path, 1<<19) }) // b gets no result
	if _, _, err := rd.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, _ := c.File(t.Context(), r.id, "a.mov")
	if f.Status == "verified" && count(t, s.path, "seen") == 0 {
		t.Errorf("a.mov is shown as %s, and nothing is stored", f.Status)
	}
}

func TestARollIsGivenBackOnceItsResultsAreStored(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	r := only(t, c)
	rd := c.newReading(r.drive, Filter{}, VerifyOptions{}, true)
	rd.claim(t.Context(), r)
	jobs := &rollJobs{r: r, queue: rd.queue(t.Context(), r, 10)}
	rd.active = []*rollJobs{jobs}
	file := jobs.handOut()[0]
	var res verify.Result
	if err := verify.Run(t.Context(), r.drive.handle(), func(yield func(verify.Job) bool) {
		yield(verify.Job{Path: drive.Join(r.found.Path, file.path), Size: file.size, Algorithms: file.algos, Key: file})
	}, verify.Options{}, func(x verify.Result) error { res = x; return nil }); err != nil {
		t.Fatal(err)
	}
	rd.take(t.Context(), res)
	r.mu.Lock() // which who stores its results waits for
	stored, retired := make(chan bool), make(chan bool)
	go func() { rd.flush(t.Context(), false); close(stored) }() // keepUp
	time.Sleep(50 * time.Millisecond)
	go func() { rd.retire(t.Context()); close(retired) }()
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; time.Sleep(10 * time.Millisecond) {
		if claims := count(t, s.path, "claim"); claims != 1 && count(t, s.path, "seen") == 0 {
			t.Errorf("given back before anything is stored: there are %d claims", claims)
			break
		}
	}
	r.mu.Unlock()
	<-stored
	<-retired
	if claims := count(t, s.path, "claim"); claims != 0 {
		t.Errorf("in the end there are %d claims", claims)
	}
}

// count is how many rows a table of the catalog at path has, as another process sees it.
func count(t *testing.T, path, table string) (rows int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A clock that is set back while a run reads does not make it read for ever.
func TestAClockThatIsSetBackEndsNoRunLate(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"a.mov": "footage", "b.mov": "more"})
	c := s.verified()
	ahead := time.Now().Add(time.Hour) // what the clock said when the run began
	c.now = func() time.Time { return ahead }
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := c.Verify(ctx, Filter{}, VerifyOptions{Force: true}); err != nil {
		t.Fatalf("got error %v, want an end", err)
	}
	if got, want := c.active.files.Load(), int64(2+2); got != want {
		t.Errorf("%d files were read in the two runs, want %d", got, want)
	}
}
