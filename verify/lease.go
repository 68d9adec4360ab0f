package verify

import (
	"context"
	"errors"
	"syscall"
	"time"

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

// retryLease is how long a writer may take to finish with a file that has been quiet.
const retryLease = 5 * time.Second

// settled is how old a file's times must be for a refused lease to be doubted.
const settled = time.Minute

// takeLease tries to take a read lease. A refusal means a writer only on local file
// systems, and of a file that has been quiet for a while only when it is refused twice.
func (rd *reader) takeLease(ctx context.Context, f drive.File, look drive.Info) error {
	rd.lease = lease{fd: f.Fd()}
	if !rd.d.FileSystem().Local {
		return nil
	}
	err := rd.lease.take()
	if !errors.Is(err, syscall.EAGAIN) {
		return nil
	}
	if age := quiet(look); age > settled || age < 0 {
		if err := rd.pause(ctx, retryLease); err != nil {
			return err
		}
		err = rd.lease.take()
	}
	if errors.Is(err, syscall.EAGAIN) {
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
