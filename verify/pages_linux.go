package verify

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dontCache is RWF_DONTCACHE (Linux 6.14): pages that this read brings in are dropped
// after it; those that were there before stay.
const dontCache = 0x80

// cache is what a run knows of the page cache: whether the kernel and the file system
// know RWF_DONTCACHE.
type cache struct{ plain atomic.Bool }

// pages reads one file from its beginning and leaves the page cache as it was: an
// editor's pages are worth more than those of footage that is read once.
type pages struct {
	cache *cache
	span  int64 // the span of the file that is being read, from 1
	keep  bool  // pages of it were there before
	next  bool  // likewise of the next one
}

func (p *pages) read(fd int, b []byte, offset int64) (int, error) {
	if !p.cache.plain.Load() {
		n, err := unix.Preadv2(fd, [][]byte{b}, offset, dontCache)
		if err != unix.EOPNOTSUPP && err != unix.ENOSYS && err != unix.EINVAL {
			return n, err
		}
		p.cache.plain.Store(true)
	}
	p.look(fd, offset)
	n, err := unix.Pread(fd, b, offset)
	if n > 0 && !p.keep {
		// From the beginning of the span: the kernel keeps what it holds in larger units
		// until all of a unit is named. It is advice; nothing is lost when it is not taken.
		start := offset - offset%span
		_ = unix.Fadvise(fd, start, offset-start+int64(n), unix.FADV_DONTNEED)
	}
	return n, err
}

// span is how much of a file is looked at, and kept or dropped, together, in bytes: more
// than any kernel reads ahead, which would look as if it had been there before.
const span = 16 << 20

// look finds out what was in the cache before the span at offset is read, and before the
// kernel reads ahead into the one after it.
func (p *pages) look(fd int, offset int64) {
	at := offset/span + 1
	switch at {
	case p.span:
		return
	case p.span + 1:
		p.keep = p.next
	}
	if p.span == 0 {
		p.keep = cached(fd, 0)
	}
	p.next = cached(fd, at*span)
	p.span = at
}

// cached is true where a page of the span at offset is in the page cache, or may be: the
// kernel tells the truth only to those who may write the file.
func cached(fd int, offset int64) bool {
	m, err := unix.Mmap(fd, offset, span, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return true
	}
	defer unix.Munmap(m)
	var in [span / 4096]byte
	_, _, errno := syscall.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), span, uintptr(unsafe.Pointer(&in[0])))
	if errno != 0 {
		return true
	}
	for _, b := range in[:span/os.Getpagesize()] {
		if b&1 != 0 {
			return true
		}
	}
	return false
}
