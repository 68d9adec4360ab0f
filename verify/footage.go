package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"footagefs/verify/drive"
)

// footage reads a file of a drive from its beginning: when the gate says so, without
// leaving its pages in the page cache, and only while the lease is held.
type footage struct {
	ctx      context.Context
	fd       int
	file     *os.File // keeps fd open
	offset   int64
	gate     *gate
	lease    *lease
	progress func(int64)
	pages    pages
}

func newFootage(ctx context.Context, f *os.File, g *gate, l *lease, progress func(int64)) *footage {
	return &footage{ctx: ctx, fd: int(f.Fd()), file: f, gate: g, lease: l, progress: progress}
}

// Read implements io.Reader.
func (r *footage) Read(b []byte) (int, error) {
	if err := r.gate.pass(r.ctx, r.lease); err != nil {
		return 0, err
	}
	if r.offset > 0 && !r.lease.held() {
		return 0, ErrHeldOpen
	}
	n, err := r.pages.read(r.fd, b, r.offset)
	for errors.Is(err, syscall.EINTR) {
		n, err = r.pages.read(r.fd, b, r.offset)
	}
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	r.offset += int64(n)
	r.gate.passed(n)
	if r.progress != nil {
		r.progress(int64(n))
	}
	return n, nil
}

// lease is a read lease on an open file: while it is held nobody has the file open for
// writing. A lease that could not be had (not our file, not a local file system) is held
// in name only, and the looks before and after decide.
type lease struct {
	fd    int
	taken bool
	lost  bool
}

// retryLease is how long a writer may take to finish with a file that has been quiet.
const retryLease = 5 * time.Second

// settled is how old a file's times must be for a refused lease to be doubted.
const settled = time.Minute

// lease tries to take a read lease. A refusal means a writer only on local file systems,
// and of a file that has been quiet for a while only when it is refused twice.
func (p *pool) lease(ctx context.Context, f *os.File, look drive.Info) (*lease, error) {
	l := &lease{fd: int(f.Fd())}
	if !p.d.FileSystem().Local {
		return l, nil
	}
	err := l.take()
	if errors.Is(err, syscall.EAGAIN) && time.Since(time.Unix(0, max(look.ModTime, look.ChangeTime))) > settled {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(retryLease):
		}
		err = l.take()
	}
	if errors.Is(err, syscall.EAGAIN) {
		return nil, fmt.Errorf("reading %s: %w", f.Name(), ErrHeldOpen)
	}
	return l, nil
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
