package verify

import (
	"context"
	"io"
	"syscall"
	"time"
)

// footage reads a file of a drive from its beginning: when it is its reader's turn and
// the gate says so, and only while the lease is held.
type footage struct {
	*reader
	ctx    context.Context
	fd     int
	offset int64
	size   int64 // of the file when it was opened: beyond it nothing is read
	pages  pages
	around *around // instead of the page cache; nil: as any file
}

// Read implements io.Reader.
func (r *footage) Read(b []byte) (int, error) {
	left := r.size - r.offset
	if left <= 0 {
		return 0, io.EOF // that it has grown will be seen by its size
	}
	b = r.gate.portion(b[:min(int64(len(b)), left)])
	if err := r.turn.goOn(r.ctx); err != nil {
		return 0, err
	}
	through, err := r.gate.pass(r.ctx, &r.lease)
	if err != nil {
		return 0, err
	}
	if r.offset > 0 && !r.lease.held() { // it was taken just now where nothing was read
		return 0, ErrHeldOpen
	}
	n, err := r.readAt(b)
	for err == syscall.EINTR {
		n, err = r.readAt(b)
	}
	r.gate.passed(through, time.Now(), max(n, 0))
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	r.offset += int64(n)
	if r.o.Progress != nil {
		r.o.Progress(int64(n))
	}
	return n, nil
}

func (r *footage) readAt(b []byte) (int, error) {
	if r.around != nil {
		return r.around.read(r.fd, b, r.offset)
	}
	return r.pages.read(r.fd, b, r.offset)
}
