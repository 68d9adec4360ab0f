package verify

import (
	"errors"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dontCache is RWF_DONTCACHE (Linux 6.14): pages that this read brings in are dropped
// after it; those that were there before stay.
const dontCache = 0x80

// pages reads and leaves the page cache as it was: an editor's pages are worth more than
// those of footage that is read once.
type pages struct {
	plain bool // the file system or kernel knows no RWF_DONTCACHE
}

func (p *pages) read(fd int, b []byte, offset int64) (int, error) {
	if !p.plain {
		n, err := unix.Preadv2(fd, [][]byte{b}, offset, dontCache)
		if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) {
			return n, err
		}
		p.plain = true
	}
	cached := cachedPages(fd, offset, len(b))
	n, err := unix.Pread(fd, b, offset)
	if cached == 0 && n > 0 {
		// Advice: nothing is lost when it is not taken.
		_ = unix.Fadvise(fd, offset, int64(n), unix.FADV_DONTNEED)
	}
	return n, err
}

// cachedPages is how many pages of a range are in the page cache (cachestat, Linux 6.5);
// -1 where the kernel does not tell.
func cachedPages(fd int, offset int64, length int) int64 {
	span := struct{ offset, length uint64 }{uint64(offset), uint64(length)}
	var stat struct{ cache, dirty, writeback, evicted, recently uint64 }
	_, _, errno := syscall.Syscall6(unix.SYS_CACHESTAT, uintptr(fd), uintptr(unsafe.Pointer(&span)), uintptr(unsafe.Pointer(&stat)), 0, 0, 0)
	if errno != 0 {
		return -1
	}
	return int64(stat.cache)
}

// take takes the lease. EAGAIN says that a writer has the file open; any other error that
// there are no leases here for us.
func (l *lease) take() error {
	_, err := unix.FcntlInt(uintptr(l.fd), unix.F_SETLEASE, unix.F_RDLCK)
	l.taken = err == nil
	return err
}

// broken is true once the kernel wants the lease back for somebody who opens the file
// for writing. (It tells by SIGIO, too, which the Go runtime ignores.)
func (l *lease) broken() bool {
	kind, err := unix.FcntlInt(uintptr(l.fd), unix.F_GETLEASE, 0)
	return err != nil || kind != unix.F_RDLCK
}

func (l *lease) giveBack() {
	_, _ = unix.FcntlInt(uintptr(l.fd), unix.F_SETLEASE, unix.F_UNLCK)
}

// lowerPriority gives the calling goroutine's thread the idle I/O class. The thread is
// the goroutine's own from then on and ends with it.
func lowerPriority() {
	runtime.LockOSThread()
	const whoProcess, idleClass = 1, 3 << 13
	_, _, _ = syscall.Syscall(unix.SYS_IOPRIO_SET, whoProcess, 0, idleClass)
}
