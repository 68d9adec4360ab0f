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
	turn    turn
	group   []ticket // taken from the queue together: files of one folder
	results []Result // of the group's first files
	in      footage  // of the file that is being read
	lease   lease    // likewise
}

// readGroup reads the group's files. Their folder is looked up once before and once after,
// which costs more than all else that a small file takes.
//
// The looks at a file before and after must be the same: sums belong to one look or to
// none. Before it is opened it is looked at by its name, after it was read by its
// descriptor, still under the lease, and once the whole group was read by its path: what
// was read is then what lies at the path. (A look by the descriptor before reading would
// tell no more: where it differed from the one by name, the one after reading does, too.)
func (rd *reader) readGroup(ctx context.Context) {
	rd.results = rd.results[:0]
	dir, err := rd.enter(ctx)
	for len(rd.results) < len(rd.group) { // it may become shorter
		r := Result{Job: rd.group[len(rd.results)].Job, Err: err}
		if err == nil {
			r.Info, r.Sums, r.Err = rd.read(ctx, dir, r.Job)
		}
		r.At = time.Now()
		rd.results = append(rd.results, r)
	}
	if err == nil {
		dir.Close()
		rd.lookAgain()
	}
}

// enter opens the group's folder.
func (rd *reader) enter(ctx context.Context) (*drive.Dir, error) {
	if err := rd.turn.begin(ctx); err != nil {
		return nil, err
	}
	return rd.d.Enter(rd.group[0].Path)
}

// lookAgain compares what is at the paths of the files that were read with what it was.
func (rd *reader) lookAgain() {
	dir, err := rd.d.Enter(rd.group[0].Path)
	if err == nil {
		defer dir.Close()
	}
	for i := range rd.results {
		r := &rd.results[i]
		if r.Err != nil {
			continue
		}
		now, err := drive.Info{}, err
		if err == nil {
			now, err = dir.Stat(nameOf(r.Path))
		}
		switch {
		case errors.Is(err, os.ErrNotExist), err == nil && !r.Info.Same(now, rd.d.FileSystem().Strong):
			err = fmt.Errorf("reading %s: %w", r.Path, ErrChanged)
		}
		if err != nil {
			r.Sums, r.Err = nil, err
		}
	}
}

// apart leaves what is left of the group to other readers: the file at hand takes long.
func (rd *reader) apart() {
	rest := len(rd.results) + 1
	if rest < len(rd.group) {
		rd.queue.giveBack(rd.group[rest:])
		rd.group = rd.group[:rest]
	}
}

// pause gives the turn up for a while.
func (rd *reader) pause(ctx context.Context, wait time.Duration) error {
	rd.apart()
	return rd.turn.pause(ctx, wait)
}

// read reads one file of a folder whole, through one descriptor.
func (rd *reader) read(ctx context.Context, dir *drive.Dir, j Job) (drive.Info, []checksum.Sum, error) {
	if err := rd.turn.begin(ctx); err != nil {
		return drive.Info{}, nil, err
	}
	if rd.o.Start != nil {
		rd.o.Start(j)
	}
	f, look, err := dir.OpenFile(nameOf(j.Path))
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

func (rd *reader) readFile(ctx context.Context, f drive.File, look drive.Info, j Job) ([]checksum.Sum, error) {
	if look.Size >= smallSize {
		rd.apart()
	}
	if err := rd.settle(ctx, f, look); err != nil {
		return nil, err
	}
	if err := rd.takeLease(f); err != nil {
		return nil, err
	}
	aside, err := rd.onDevice(f, look)
	if err != nil {
		return nil, err
	}
	rd.in = footage{reader: rd, ctx: ctx, fd: f.Fd(), size: look.Size, pages: pages{cache: &rd.cache}, around: aside}
	sums, err := rd.sums.Read(ctx, &rd.in, j.Algorithms...)
	if err != nil {
		return nil, err
	}
	after, err := f.Look()
	switch {
	case err != nil:
		return nil, err
	case !look.Same(after, rd.d.FileSystem().Strong):
		return nil, ErrChanged
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
func (rd *reader) settle(ctx context.Context, f drive.File, look drive.Info) error {
	grain := coarseGrain
	if rd.d.FileSystem().Strong {
		grain = fineGrain
	}
	age := quiet(look)
	if age < 0 || age >= grain {
		return nil
	}
	if err := rd.pause(ctx, grain-age); err != nil {
		return err
	}
	again, err := f.Look()
	if err == nil && !look.Same(again, rd.d.FileSystem().Strong) {
		err = ErrChanged
	}
	return err
}

// quiet is how long ago the file last changed; negative where its times lie in the future.
func quiet(look drive.Info) time.Duration {
	return time.Since(time.Unix(0, max(look.ModTime, look.ChangeTime)))
}
