package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/verify/drive"
)

// leasable makes a drive with one clip, on a file system that has leases.
func leasable(t *testing.T, clip []byte) (*drive.Drive, string) {
	d, dir := newDrive(t, map[string][]byte{"clip": clip})
	if !d.FileSystem().Local {
		t.Skip("no leases on this file system")
	}
	return d, filepath.Join(dir, "clip")
}

// A writer that has the file open already is noticed even before it writes.
func TestLeaseIsRefusedWhileAWriterHasTheFile(t *testing.T) {
	d, path := leasable(t, []byte("abc"))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
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

// A file server that has leased the file for writing is asked to give it back, and not waited for.
func TestLeaseOfAWriter(t *testing.T) {
	d, path := leasable(t, []byte("abc"))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
		t.Skip(err)
	}
	got, err := runAll(t, t.Context(), d, Options{}, "clip")
	if r := got["clip"]; err != nil || !errors.Is(r.Err, ErrHeldOpen) {
		t.Errorf("got %v and error %v, want ErrHeldOpen", r.Sums, r.Err)
	}
}

// A store through a memory map moves no times; that it is mapped is seen all the same,
// although the descriptor is closed.
func TestLeaseIsRefusedWhileTheFileIsMapped(t *testing.T) {
	d, path := leasable(t, make([]byte, 4096))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := unix.Mmap(int(f.Fd()), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(m)
	m[7] = 1
	got, err := runAll(t, t.Context(), d, Options{Progress: func(int64) { m[8]++ }}, "clip")
	if r := got["clip"]; err != nil || !errors.Is(r.Err, ErrHeldOpen) {
		t.Errorf("got %v and error %v, want ErrHeldOpen", r.Sums, r.Err)
	}
}

// Another process that opens the file for writing gets it at once: the lease is given back,
// and what was read is void.
func TestLeaseIsGivenBackToAWriter(t *testing.T) {
	d, path := leasable(t, make([]byte, 8<<20))
	started := make(chan struct{}, 100)
	wrote := make(chan error, 1)
	var waited time.Duration
	go func() {
		<-started
		begin := time.Now()
		out, err := exec.Command("sh", "-c", fmt.Sprintf("printf x 1<>%q", path)).CombinedOutput()
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
	// The kernel would let it wait 45 s for a lease that nobody gives back.
	if waited > 20*time.Second {
		t.Errorf("the writer waited %v", waited)
	}
	if r := got["clip"]; r.Sums != nil || !errors.Is(r.Err, ErrHeldOpen) {
		t.Errorf("got %v and error %v, want ErrHeldOpen", r.Sums, r.Err)
	}
	b, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(b, []byte("x")) {
		t.Errorf("the writer's byte is not there: %q, %v", b[:1], err)
	}
}

// A reader whose file is neither ours nor may be leased reads without a lease.
func TestLeaseThatCannotBeHad(t *testing.T) {
	l := lease{fd: -1}
	if err := l.take(); err == nil || l.taken || !l.held() {
		t.Errorf("got error %v, taken %t", err, l.taken)
	}
}

// However many files writers hold open, and for however long: nobody waits for one.
func TestFilesThatAreHeldOpenHoldUpNoReader(t *testing.T) {
	clips, old := map[string][]byte{}, time.Now().Add(-time.Hour)
	for i := range 40 {
		clips[fmt.Sprintf("held%02d", i)] = []byte("abc")
	}
	clips["zlast"] = []byte("abc")
	d, dir := newDrive(t, clips)
	if !d.FileSystem().Local {
		t.Skip("no leases on this file system")
	}
	var names []string
	for name := range clips {
		names = append(names, name)
		path := filepath.Join(dir, name)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		if name != "zlast" {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
		}
	}
	slices.Sort(names)
	began := time.Now()
	got, err := runAll(t, t.Context(), d, Options{Readers: 1}, names...)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("40 files that are held open took %v", took)
	}
	for name, r := range got {
		if held := name != "zlast"; errors.Is(r.Err, ErrHeldOpen) != held {
			t.Errorf("%s: got error %v, want held open %t", name, r.Err, held)
		}
	}
}
