package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// reader reads one file at a time.
type reader struct {
	*pool
	turn  turn
	in    footage // of the file that is being read
	lease lease   // likewise
}

// read reads one file whole, through one descriptor. The looks before and after, by
// descriptor and by path, must be the same: sums belong to one look or to none.
func (rd *reader) read(ctx context.Context, j Job) (drive.Info, []checksum.Sum, error) {
	if err := rd.turn.begin(ctx); err != nil {
		return drive.Info{}, nil, err
	}
	if rd.o.Start != nil {
		rd.o.Start(j)
	}
	f, look, err := rd.d.OpenFile(j.Path)
	if errors.Is(err, syscall.EAGAIN) { // a file server that has leased it for writing
		err = fmt.Errorf("reading %s: %w", j.Path, ErrHeldOpen)
	}
	if err != nil {
		return drive.Info{}, nil, err
	}
	defer f.Close()
	sums, err := rd.readFile(ctx, f, look, j)
	var errno syscall.Errno
	switch {
	case err == nil:
		return look, sums, nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &errno):
		err = rd.d.Explain("read", j.Path, err)
	default:
		err = fmt.Errorf("reading %s: %w", j.Path, err)
	}
	return look, nil, err
}

func (rd *reader) readFile(ctx context.Context, f *os.File, look drive.Info, j Job) ([]checksum.Sum, error) {
	if err := rd.settle(ctx, f, look); err != nil {
		return nil, err
	}
	if err := rd.takeLease(ctx, f, look); err != nil {
		return nil, err
	}
	rd.in = footage{reader: rd, ctx: ctx, fd: int(f.Fd()), size: look.Size, pages: pages{cache: &rd.cache}}
	sums, err := rd.sums.Read(ctx, &rd.in, j.Algorithms...)
	if err != nil {
		return nil, err
	}
	if err := rd.unchanged(f, look, j.Path); err != nil {
		return nil, err
	}
	switch {
	case !rd.lease.held():
		return nil, ErrHeldOpen
	case rd.in.offset != look.Size:
		return nil, fmt.Errorf("%d of %d bytes came: %w", rd.in.offset, look.Size, io.ErrUnexpectedEOF)
	}
	return sums, nil
}

// How far apart two changes must be to move a file's times: a few ticks of the kernel's
// clock, and two seconds on FAT, whose like are all others that keep no change time.
const (
	fineGrain   = 20 * time.Millisecond
	coarseGrain = 2100 * time.Millisecond
)

// settle waits until a change would move the file's times. Before that the looks before
// and after could be the same although it was written to in between.
func (rd *reader) settle(ctx context.Context, f *os.File, look drive.Info) error {
	grain := coarseGrain
	if rd.d.FileSystem().Strong {
		grain = fineGrain
	}
	age := quiet(look)
	if age < 0 || age >= grain {
		return nil
	}
	if err := rd.turn.pause(ctx, grain-age); err != nil {
		return err
	}
	again, err := drive.StatFD(f)
	if err == nil && !sameLook(look, again, true) {
		err = ErrChanged
	}
	return err
}

// quiet is how long ago the file last changed; negative where its times lie in the future.
func quiet(look drive.Info) time.Duration {
	return time.Since(time.Unix(0, max(look.ModTime, look.ChangeTime)))
}

// unchanged compares the file, and what is at its path now, with the look before.
func (rd *reader) unchanged(f *os.File, look drive.Info, path string) error {
	after, err := drive.StatFD(f)
	if err != nil {
		return err
	}
	now, err := rd.d.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return ErrChanged
	case err != nil:
		return err
	case !sameLook(look, after, true) || !sameLook(look, now, rd.d.FileSystem().Strong):
		return ErrChanged
	}
	return nil
}

// sameLook compares what a change moves; inode numbers only where they last.
func sameLook(a, b drive.Info, inode bool) bool {
	return a.Kind == b.Kind && a.Size == b.Size && a.ModTime == b.ModTime && a.ChangeTime == b.ChangeTime &&
		(!inode || a.Inode == b.Inode)
}
