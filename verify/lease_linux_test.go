package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
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

// A file that has been quiet for long is refused a lease only when it is twice.
func TestLeaseIsTriedTwiceForAQuietFile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two waits")
	}
	t.Parallel()
	d, path := leasable(t, []byte("abc"))
	p := newPool(d, Options{}, nil)
	rd := &reader{pool: p, turn: turn{turns: p.turns}}
	f, look := openClip(t, d)
	look.ModTime -= int64(time.Hour)
	look.ChangeTime = look.ModTime
	writer, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := rd.takeLease(t.Context(), f, look); !errors.Is(err, ErrHeldOpen) || rd.turn.held != true {
		t.Errorf("while it is written: got error %v, turn %t", err, rd.turn.held)
	}
	time.AfterFunc(time.Second, func() { writer.Close() })
	if err := rd.takeLease(t.Context(), f, look); err != nil || !rd.lease.taken {
		t.Errorf("when it no longer is: got error %v", err)
	}
	if f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0); !errors.Is(err, syscall.EAGAIN) {
		f.Close()
		t.Errorf("a writer gets in under the lease: %v", err)
	}
}
