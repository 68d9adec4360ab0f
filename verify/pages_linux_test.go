package verify

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"footagefs/verify/drive"
)

// Reading leaves the page cache as it was, whether or not the kernel does it for us.
func TestReadLeavesThePageCacheAsItWas(t *testing.T) {
	b := make([]byte, 3*span+5000)
	rand.NewChaCha8([32]byte{1}).Read(b)
	d, dir := newDrive(t, map[string][]byte{"clip": b})
	for name, plain := range map[string]bool{"by the kernel": false, "by advice": true} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(dir, "clip"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			dropPages(t, f)
			if n := pagesOf(t, f, 0, len(b)); n > 0 {
				t.Skipf("%d pages cannot be dropped on this file system", n)
			}
			// What an editor has looked at.
			if _, err := f.ReadAt(make([]byte, 1<<20), span+4<<20); err != nil {
				t.Fatal(err)
			}
			before := pagesOf(t, f, span, span)
			p := newPool(d, Options{Readers: 1}, func(r Result) error { return r.Err })
			p.cache.plain.Store(plain)
			p.suspect = func(drive.Info) bool { return false } // it was there when the drive was plugged in
			if err := p.run(t.Context(), jobsOf("clip")); err != nil {
				t.Fatal(err)
			}
			if p.cache.plain.Load() && !plain {
				t.Skip("the kernel or file system does not know RWF_DONTCACHE")
			}
			// The kernel may reclaim a few meanwhile, for reasons of its own.
			if n := pagesOf(t, f, span, span); n < before*3/4 {
				t.Errorf("%d of the editor's %d pages are left", n, before)
			}
			const few = 64 // the kernel drops late, and rounds
			if n := pagesOf(t, f, 0, span) + pagesOf(t, f, 2*span, span+5000); n > few {
				t.Errorf("%d pages stayed in the cache", n)
			}
		})
	}
}

// dropPages writes a file out and drops its pages.
func dropPages(t *testing.T, f *os.File) {
	t.Helper()
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
}

// pagesOf counts the pages of a part of a file that are in the page cache.
func pagesOf(t *testing.T, f *os.File, offset int64, length int) (n int) {
	t.Helper()
	m, err := unix.Mmap(int(f.Fd()), offset, length, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(m)
	in := make([]byte, (length+os.Getpagesize()-1)/os.Getpagesize())
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), uintptr(length), uintptr(unsafe.Pointer(&in[0]))); errno != 0 {
		t.Fatal(errno)
	}
	for _, b := range in {
		n += int(b & 1)
	}
	return n
}
