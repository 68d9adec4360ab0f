package verify

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// settleOnDevice sees to it that what is read of a file next is what the device holds, not
// what a writer left in memory: its dirty pages are written, then its pages are dropped.
// flush asks for writing also where no page is dirty. What is left in memory then, pages
// that a program maps, is to be read around.
//
// That no error comes of writing proves nothing: the writer's own sync may have been told
// of it already. What the device holds is told by reading it.
func settleOnDevice(fd int, flush bool) (leftInMemory, error) {
	had := cacheOf(fd)
	if had.known && had.pages == 0 && !flush {
		return nothingLeft, nil
	}
	if flush || !had.known || had.dirty > 0 {
		if err := unix.Fdatasync(fd); err != nil && err != unix.EINVAL && err != unix.ENOSYS {
			return somethingLeft, os.NewSyscallError("fdatasync", err)
		}
	}
	if err := unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED); err != nil {
		return somethingLeft, nil
	}
	switch had = cacheOf(fd); {
	case !had.known:
		return maybeLeft, nil
	case had.pages > 0:
		return somethingLeft, nil
	}
	return nothingLeft, nil
}

// cachedPages is what the page cache holds of a file. known is false where the kernel does not
// tell: before Linux 6.5, and of a file that is not ours to write.
type cachedPages struct {
	pages, dirty uint64 // dirty: or being written at the moment
	known        bool
}

// cacheOf asks for it with cachestat(2), which x/sys has no call for.
func cacheOf(fd int) cachedPages {
	var span struct{ offset, length uint64 } // all zero: the whole file
	var stat struct{ cache, dirty, writeback, evicted, recentlyEvicted uint64 }
	_, _, errno := unix.Syscall6(unix.SYS_CACHESTAT, uintptr(fd), uintptr(unsafe.Pointer(&span)), uintptr(unsafe.Pointer(&stat)), 0, 0, 0)
	if errno != 0 {
		return cachedPages{}
	}
	return cachedPages{pages: stat.cache, dirty: stat.dirty + stat.writeback, known: true}
}

// aroundSize is how much is read at once around the page cache, in bytes.
const aroundSize = 1 << 20

// around reads a file around the page cache (O_DIRECT), by way of a buffer that lies as
// devices want it.
type around struct {
	buf    []byte
	offset int64 // of what is in buf
	n      int
}

// alignment is what every device and file system is content with, in bytes.
const alignment = 4096

// newAround turns the descriptor to reading around the cache; ok is false where the file
// system knows no such thing.
func newAround(fd int) (a *around, ok bool) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return nil, false
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags|unix.O_DIRECT); err != nil {
		return nil, false
	}
	raw := make([]byte, aroundSize+alignment)
	skip := alignment - int(uintptr(unsafe.Pointer(&raw[0]))%alignment)
	return &around{buf: raw[skip : skip+aroundSize]}, true
}

func (a *around) read(fd int, b []byte, offset int64) (int, error) {
	if offset < a.offset || offset >= a.offset+int64(a.n) {
		start := offset - offset%alignment
		n, err := unix.Pread(fd, a.buf, start)
		if err != nil {
			return 0, err
		}
		a.offset, a.n = start, n
		if int64(n) <= offset-start {
			return 0, nil
		}
	}
	return copy(b, a.buf[offset-a.offset:a.n]), nil
}
