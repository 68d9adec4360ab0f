package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// newDrive makes a drive of files and opens it.
func newDrive(t *testing.T, files map[string][]byte) (*drive.Drive, string) {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := drive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, dir
}

var testAlgorithms = []checksum.Algorithm{checksum.XXH64, checksum.MD5}

func sumsOf(b []byte) []checksum.Sum {
	return []checksum.Sum{checksum.Of(b, checksum.XXH64), checksum.Of(b, checksum.MD5)}
}

// jobsOf yields a job a path.
func jobsOf(paths ...string) iter.Seq[Job] {
	return func(yield func(Job) bool) {
		for _, p := range paths {
			if !yield(Job{Path: p, Algorithms: testAlgorithms}) {
				return
			}
		}
	}
}

// runAll reads files and returns the results by path.
func runAll(t *testing.T, ctx context.Context, d *drive.Drive, o Options, paths ...string) (map[string]Result, error) {
	t.Helper()
	got := map[string]Result{}
	err := Run(ctx, d, jobsOf(paths...), o, func(r Result) error {
		if _, twice := got[r.Path]; twice {
			t.Errorf("%s has two results", r.Path)
		}
		got[r.Path] = r
		return nil
	})
	return got, err
}

func TestRun(t *testing.T) {
	files := map[string][]byte{"empty": nil, "small": []byte("abc"), "big": bytes.Repeat([]byte("footage "), 1<<19+1)}
	d, dir := newDrive(t, files)
	if err := os.Symlink("big", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"default": {}, "one reader": {Readers: 1}, "many": {Readers: 20}, "polite": {Polite: true}, "limited": {Limit: 1 << 30},
	} {
		t.Run(name, func(t *testing.T) {
			o.Readers = max(o.Readers, 0)
			got, err := runAll(t, t.Context(), d, o, "empty", "small", "big", "gone", "link", "fifo", "../big", "/etc/passwd")
			if err != nil {
				t.Fatal(err)
			}
			for path, b := range files {
				if r := got[path]; r.Err != nil || !slices.Equal(r.Sums, sumsOf(b)) || r.Info.Size != int64(len(b)) || r.At.IsZero() {
					t.Errorf("%s: got %+v, want sums %v", path, r, sumsOf(b))
				}
			}
			if r := got["gone"]; !errors.Is(r.Err, iofs.ErrNotExist) {
				t.Errorf("gone: got error %v, want iofs.ErrNotExist", r.Err)
			}
			for _, path := range []string{"link", "fifo", "../big", "/etc/passwd"} {
				if r := got[path]; r.Err == nil || r.Sums != nil {
					t.Errorf("%s was read: %+v", path, r)
				}
			}
		})
	}
}

func TestRunCountsProgress(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 3<<20+5), "b": make([]byte, 7)})
	var bytes int64
	var started []string
	o := Options{Readers: 1, Progress: func(n int64) { bytes += n }, Start: func(j Job) { started = append(started, j.Path) }}
	p := newPool(d, o, func(Result) error { return nil })
	p.turns.slice = time.Hour // with one turn the callbacks come one at a time
	if err := p.run(t.Context(), jobsOf("a", "b")); err != nil {
		t.Fatal(err)
	}
	slices.Sort(started)
	if bytes != 3<<20+12 || !slices.Equal(started, []string{"a", "b"}) {
		t.Errorf("got %d bytes, started %v", bytes, started)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 8<<20), "b": make([]byte, 8<<20)})
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Limit: 1 << 20, Progress: func(int64) { cancel() }}
	taken := 0
	results := 0
	err := Run(ctx, d, func(yield func(Job) bool) {
		for {
			taken++
			if !yield(Job{Path: []string{"a", "b"}[taken%2], Size: int64(taken%2) * large, Algorithms: testAlgorithms}) {
				return
			}
		}
	}, o, func(r Result) error {
		results++
		if r.Sums != nil || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("%s: got %v and error %v of a reading that was stopped", r.Path, r.Sums, r.Err)
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if results != taken {
		t.Errorf("%d jobs were taken and have %d results", taken, results)
	}
}

// A reader that hangs, as on a dead device, keeps a run that is stopped no longer than
// its grace, and what it brings later is dropped.
func TestRunLeavesAReaderThatHangs(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 1<<20), "b": make([]byte, 10)})
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan struct{})
	o := Options{Progress: func(n int64) {
		if n > 10 {
			cancel()
			<-hang
		}
	}}
	over := false
	got := map[string]error{}
	p := newPool(d, o, func(r Result) error {
		if over {
			t.Errorf("%s has a result after the run", r.Path)
		}
		got[r.Path] = r.Err
		return nil
	})
	err := p.run(ctx, jobsOf("b", "a"))
	over = true
	if !errors.Is(err, context.Canceled) || !errors.Is(got["a"], context.Canceled) || len(got) != 2 {
		t.Errorf("got error %v and results %v", err, got)
	}
	close(hang)
	<-p.finished // and no result comes
}

// Whoever makes the jobs may wait for results of those that were taken.
func TestRunEndsAlthoughTheJobsWait(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": []byte("a")})
	stop := errors.New("stop")
	results, taken := make(chan struct{}, 100), 0
	err := Run(t.Context(), d, func(yield func(Job) bool) {
		for ; taken < 5; taken++ {
			if !yield(Job{Path: "a", Algorithms: testAlgorithms}) {
				taken++
				break
			}
		}
		for len(results) < taken && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
			if len(results) == taken-1 {
				break // that of a job which was refused comes when this has ended
			}
		}
	}, Options{Readers: 1}, func(Result) error { results <- struct{}{}; return stop })
	if !errors.Is(err, stop) || len(results) != taken {
		t.Errorf("got error %v and %d results of %d", err, len(results), taken)
	}
}

func TestRunEndsWithTheDrive(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 8<<20), "b": nil})
	o := Options{Readers: 1, Limit: 4 << 20, Progress: func(int64) { d.Release() }}
	got, err := runAll(t, t.Context(), d, o, "a", "b")
	if !errors.Is(err, drive.ErrGone) || got["a"].Sums != nil || !errors.Is(got["a"].Err, drive.ErrGone) {
		t.Errorf("got %v, error %v; want drive.ErrGone and no sums", got, err)
	}
	if got, err := runAll(t, t.Context(), d, o, "a", "b"); !errors.Is(err, drive.ErrGone) || len(got) == 0 {
		t.Errorf("again: got %v, error %v; want drive.ErrGone", got, err)
	}
}

// A drive that is released while nothing is read ends the run as well.
func TestRunEndsWithTheDriveWhileTheLimitHolds(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 1<<20)})
	o := Options{Readers: 1, Limit: 1000}
	time.AfterFunc(50*time.Millisecond, d.Release)
	got, err := runAll(t, t.Context(), d, o, "a")
	if !errors.Is(err, drive.ErrGone) || !errors.Is(got["a"].Err, drive.ErrGone) {
		t.Errorf("got %v, error %v; want drive.ErrGone", got, err)
	}
}

func TestRunBoundsItsReaders(t *testing.T) {
	files := map[string][]byte{}
	for i := range 30 {
		files[fmt.Sprint("f", i)] = make([]byte, 1000)
	}
	d, _ := newDrive(t, files)
	time.Sleep(coarseGrain)           // or it is waited for each file, out of turn
	reading := make(chan struct{}, 2) // more would block for good
	p := newPool(d, Options{Readers: 2, Start: func(Job) {
		select {
		case reading <- struct{}{}:
		default:
			t.Error("more than two readers at once")
		}
	}, Progress: func(int64) { <-reading }}, func(r Result) error { return r.Err })
	if err := p.run(t.Context(), jobsOf(slices.Collect(keys(files))...)); err != nil {
		t.Error(err)
	}
}

func keys(m map[string][]byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A huge file does not keep the others waiting, although only one is read at a time.
func TestRunIsFair(t *testing.T) {
	d, dir := newDrive(t, map[string][]byte{"huge": nil, "a": []byte("a"), "b": []byte("b")})
	if err := os.Truncate(filepath.Join(dir, "huge"), 1<<40); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	p := newPool(d, Options{Readers: 1}, func(r Result) error {
		if got = append(got, r.Path); len(got) == 2 {
			cancel()
		}
		return nil
	})
	p.turns.slice = 10 * time.Millisecond
	if err := p.run(ctx, jobsOf("huge", "a", "b")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if !slices.Equal(got, []string{"a", "b", "huge"}) {
		t.Errorf("got %v, want the huge file last", got)
	}
}

// Nothing stays behind: no goroutine, no descriptor, no lease.
func TestRunLeavesNothingBehind(t *testing.T) {
	d, dir := newDrive(t, map[string][]byte{"a": make([]byte, 8<<20), "b": nil, "c": make([]byte, 100)})
	runAll(t, t.Context(), d, Options{Polite: true}, "a") // what the Go runtime opens once, it opens now
	routines, files := runtime.NumGoroutine(), openFiles(t)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		runAll(t, ctx, d, Options{Polite: true, Progress: func(int64) { cancel() }}, "a", "b", "c", "gone")
		runAll(t, t.Context(), d, Options{Polite: true}, "a", "b", "c", "gone")
		cancel()
	}
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && runtime.NumGoroutine() > routines; {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > routines {
		b := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", n, routines, b[:runtime.Stack(b, true)])
	}
	if n := openFiles(t); n > files {
		t.Errorf("%d descriptors, %d before", n, files)
	}
	f, err := os.OpenFile(filepath.Join(dir, "a"), os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatalf("a lease is held still: %v", err)
	}
	f.Close()
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(entries)
}
