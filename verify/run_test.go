package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// runAll reads files and returns the results by path.
func runAll(t *testing.T, ctx context.Context, d *drive.Drive, o Options, paths ...string) (map[string]Result, error) {
	t.Helper()
	var jobs []Job
	for _, p := range paths {
		jobs = append(jobs, Job{Path: p, Algorithms: []checksum.Algorithm{checksum.XXH64, checksum.MD5}})
	}
	got := map[string]Result{}
	err := Run(ctx, d, slices.Values(jobs), o, func(r Result) error { got[r.Path] = r; return nil })
	return got, err
}

func TestRun(t *testing.T) {
	big := bytes.Repeat([]byte("footage "), 1<<19) // 4 MiB
	d, dir := newDrive(t, map[string][]byte{"empty": nil, "small": []byte("abc"), "big": big})
	if err := os.Symlink("big", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	var read int64
	o := Options{Readers: 1, Progress: func(n int64) { read += n }}
	got, err := runAll(t, t.Context(), d, o, "empty", "small", "big", "gone", "link", "fifo")
	if err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string][]byte{"empty": nil, "small": []byte("abc"), "big": big} {
		want := []checksum.Sum{checksum.Of(b, checksum.XXH64), checksum.Of(b, checksum.MD5)}
		if r := got[path]; r.Err != nil || !slices.Equal(r.Sums, want) || r.Info.Size != int64(len(b)) {
			t.Errorf("%s: got %+v, want sums %v", path, r, want)
		}
	}
	if r := got["gone"]; !errors.Is(r.Err, fs.ErrNotExist) {
		t.Errorf("gone: got error %v, want fs.ErrNotExist", r.Err)
	}
	for _, path := range []string{"link", "fifo"} {
		if r := got[path]; r.Err == nil || r.Sums != nil {
			t.Errorf("%s was read: %+v", path, r)
		}
	}
	if want := int64(len(big) + 3); read != want {
		t.Errorf("progress counted %d bytes, want %d", read, want)
	}
}

// A file that changes or is replaced while it is read gets no sums.
func TestRunGivesNoSumsForAFileThatChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"written and put back in time": func(p string) error {
			st, err := os.Stat(p)
			if err != nil {
				return err
			}
			f, err := os.OpenFile(p, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			if _, err := f.WriteAt([]byte("x"), 5); err != nil {
				return err
			}
			return os.Chtimes(p, st.ModTime(), st.ModTime())
		},
		"grown":    func(p string) error { return os.Truncate(p, 5<<20) },
		"replaced": func(p string) error { return os.Rename(filepath.Join(filepath.Dir(p), "other"), p) },
		"removed":  os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			b := make([]byte, 4<<20)
			d, dir := newDrive(t, map[string][]byte{"clip": b, "other": b})
			changed := false
			o := Options{Readers: 1, Progress: func(int64) {
				if !changed {
					changed = true
					// A writer may wait for the lease to be given back.
					go func() {
						if err := change(filepath.Join(dir, "clip")); err != nil {
							t.Error(err)
						}
					}()
					time.Sleep(100 * time.Millisecond)
				}
			}}
			got, err := runAll(t, t.Context(), d, o, "clip")
			if err != nil {
				t.Fatal(err)
			}
			if r := got["clip"]; r.Sums != nil || !errors.Is(r.Err, ErrChanged) && !errors.Is(r.Err, ErrHeldOpen) {
				t.Errorf("got %v and error %v, want no sums", r.Sums, r.Err)
			}
		})
	}
}

// A writer that has the file open already is noticed even before it writes.
func TestRunRefusesAFileThatAWriterHoldsOpen(t *testing.T) {
	d, dir := newDrive(t, map[string][]byte{"clip": []byte("abc")})
	if !d.FileSystem().Local {
		t.Skip("no leases on this file system")
	}
	f, err := os.OpenFile(filepath.Join(dir, "clip"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := runAll(t, t.Context(), d, Options{}, "clip")
	if err != nil {
		t.Fatal(err)
	}
	if r := got["clip"]; !errors.Is(r.Err, ErrHeldOpen) {
		t.Errorf("got %v and error %v, want ErrHeldOpen", r.Sums, r.Err)
	}
	f.Close()
	if got, _ = runAll(t, t.Context(), d, Options{}, "clip"); got["clip"].Err != nil {
		t.Errorf("after the writer: got error %v", got["clip"].Err)
	}
}

// Another process that opens the file for writing gets it at once: the lease is given back.
func TestRunGivesTheLeaseBackToAWriter(t *testing.T) {
	d, dir := newDrive(t, map[string][]byte{"clip": make([]byte, 8<<20)})
	if !d.FileSystem().Local {
		t.Skip("no leases on this file system")
	}
	started := make(chan struct{}, 100)
	var waited time.Duration
	wrote := make(chan error, 1)
	go func() {
		<-started
		begin := time.Now()
		out, err := exec.Command("sh", "-c", fmt.Sprintf("printf x 1<>%q", filepath.Join(dir, "clip"))).CombinedOutput()
		waited = time.Since(begin)
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		wrote <- err
	}()
	o := Options{Readers: 1, Limit: 2 << 20, Progress: func(int64) { started <- struct{}{} }}
	got, err := runAll(t, t.Context(), d, o, "clip")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	// The kernel would wait 45 s for a lease that nobody gives back.
	if waited > 20*time.Second {
		t.Errorf("the writer waited %v", waited)
	}
	if r := got["clip"]; r.Sums != nil || r.Err == nil {
		t.Errorf("got %v and error %v, want none of a file that was written", r.Sums, r.Err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 8<<20), "b": make([]byte, 8<<20)})
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Limit: 1 << 20, Progress: func(int64) { cancel() }}
	begin := time.Now()
	got, err := runAll(t, ctx, d, o, "a", "b")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	for path, r := range got {
		if r.Sums != nil || r.Err == nil {
			t.Errorf("%s: got %v and error %v of a reading that was stopped", path, r.Sums, r.Err)
		}
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

func TestRunEndsWithTheDrive(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": make([]byte, 8<<20), "b": nil})
	o := Options{Readers: 1, Limit: 4 << 20, Progress: func(int64) { d.Release() }}
	got, err := runAll(t, t.Context(), d, o, "a", "b")
	if !errors.Is(err, drive.ErrGone) || got["a"].Sums != nil {
		t.Errorf("got %v, error %v; want drive.ErrGone and no sums", got, err)
	}
}

// One reader more is let in where a file takes long; the readers never exceed that.
func TestRunBoundsItsReaders(t *testing.T) {
	files := map[string][]byte{}
	var paths []string
	for i := range 20 {
		name := fmt.Sprint("f", i)
		files[name] = []byte(strings.Repeat(name, 1000))
		paths = append(paths, name)
	}
	d, _ := newDrive(t, files)
	turns := make(chan struct{}, 2) // more would block for good
	o := Options{Readers: 2, Start: func(Job) {
		select {
		case turns <- struct{}{}:
		default:
			t.Error("more than two readers at once")
		}
	}}
	var jobs []Job
	for _, p := range paths {
		jobs = append(jobs, Job{Path: p, Algorithms: []checksum.Algorithm{checksum.XXH3}})
	}
	n := 0
	err := Run(t.Context(), d, slices.Values(jobs), o, func(Result) error { n++; <-turns; return nil })
	if err != nil || n != len(paths) {
		t.Errorf("got %d results and error %v, want %d", n, err, len(paths))
	}
}
