package verify

import (
	"errors"
	"syscall"

	"footagefs/verify/drive"
)

// lease is a read lease on an open file: while it is held nobody has the file open for
// writing, not even through a memory map, whose stores move no times. A lease that could
// not be had (not our file, not a local file system) is held in name only, and the looks
// before and after decide.
type lease struct {
	fd    int
	taken bool
	lost  bool
}

// takeLease tries to take a read lease. Only on local file systems does a refusal mean a
// writer. It is not waited for: while one reader waits, so do all the files behind it.
// Whoever gave the job tries again later.
func (rd *reader) takeLease(f drive.File) error {
	rd.lease = lease{fd: f.Fd()}
	if !rd.d.FileSystem().Local {
		return nil
	}
	if err := rd.lease.take(); errors.Is(err, syscall.EAGAIN) {
		return ErrHeldOpen
	}
	return nil
}

// held is true until a writer wants the file; the lease is given back then, at once, so
// that the writer does not wait, and what was read is void.
func (l *lease) held() bool {
	if l.taken && !l.lost && l.broken() {
		l.giveBack()
		l.lost = true
	}
	return !l.lost
}
