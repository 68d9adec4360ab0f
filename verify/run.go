package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"sync"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

var (
	// ErrChanged says that a file changed, or was replaced, while it was read.
	ErrChanged = errors.New("it changed while it was read")
	// ErrHeldOpen says that another program has the file open for writing.
	ErrHeldOpen = errors.New("another program has it open for writing")
)

// Job is one file to read.
type Job struct {
	Path       string // relative to the drive
	Size       int64  // bytes, as far as known
	Algorithms []checksum.Algorithm
	Key        any // travels to the result
}

// Result is what came of a job. Err tells that there are no sums: the drive's error with
// its errno, ErrChanged, ErrHeldOpen, drive.ErrGone, or the context's.
type Result struct {
	Job
	Info drive.Info // the look that the sums belong to
	Sums []checksum.Sum
	Err  error
	At   time.Time // when the reading ended
}

// Options say how files are read.
type Options struct {
	Readers  int               // files at once; 0: one on a rotating disk, else one a core
	Limit    int64             // bytes a second, of all readers; 0: none
	Polite   bool              // lowest I/O priority, stand back while others use the device
	Progress func(bytes int64) // called after each block, by several goroutines at once
	Start    func(Job)         // called before each file, likewise
}

// yieldAfter is how long one file may keep others waiting: after it, another reader is
// let in, so that one huge file does not starve the rest even where reading one at a time
// is fastest.
const yieldAfter = 20 * time.Second

// Run reads the jobs' files and calls done with each result, one at a time, in the order
// in which they end. Every job that was taken from jobs gets its result, also when ctx
// ends. Run ends with ctx's error, done's, or drive.ErrGone; what is wrong with one file
// is that file's result and ends nothing.
func Run(ctx context.Context, d *drive.Drive, jobs iter.Seq[Job], o Options, done func(Result) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := &pool{
		d: d, o: o, done: done, cancel: cancel, gate: newGate(d, o),
		queue: make(chan Job), turns: make(chan struct{}, readers(d, o)),
	}
	var watch, workers sync.WaitGroup
	watch.Go(func() { p.gate.watch(ctx) })
	for range cap(p.turns) + 1 {
		workers.Go(func() { p.work(ctx) })
	}
	for j := range jobs {
		select {
		case p.queue <- j:
		case <-ctx.Done():
			p.finish(Result{Job: j, Err: context.Cause(ctx)})
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(p.queue)
	workers.Wait()
	err := context.Cause(ctx)
	cancel(nil)
	watch.Wait()
	return err
}

func readers(d *drive.Drive, o Options) int {
	switch {
	case o.Readers > 0:
		return o.Readers
	case d.FileSystem().Rotating:
		return 1
	}
	return max(2, runtime.GOMAXPROCS(0))
}

// pool is a bounded number of readers over one queue. There is one worker more than
// turns: it gets to read only where another one has held its turn for too long.
type pool struct {
	d      *drive.Drive
	o      Options
	done   func(Result) error
	cancel context.CancelCauseFunc
	queue  chan Job
	turns  chan struct{}
	gate   *gate

	mu sync.Mutex // one result at a time
}

// work reads one file after the other.
func (p *pool) work(ctx context.Context) {
	if p.o.Polite {
		lowerPriority() // of this goroutine's thread, which ends with it
	}
	for {
		select {
		case p.turns <- struct{}{}:
		case <-ctx.Done():
			return
		}
		j, ok := <-p.queue
		if !ok {
			<-p.turns
			return
		}
		var once sync.Once
		endTurn := func() { once.Do(func() { <-p.turns }) }
		late := time.AfterFunc(yieldAfter, endTurn)
		p.finish(p.read(ctx, j))
		late.Stop()
		endTurn()
	}
}

// finish hands a result over; an error that concerns the whole drive ends the run.
func (p *pool) finish(r Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.At.IsZero() {
		r.At = time.Now()
	}
	if err := p.done(r); err != nil {
		p.cancel(err)
	}
	if errors.Is(r.Err, drive.ErrGone) {
		p.cancel(fmt.Errorf("reading %s: %w", r.Path, drive.ErrGone))
	}
}

// read reads one file whole, through one descriptor. The looks before and after, by
// descriptor and by path, must be the same: sums belong to one look or to none.
func (p *pool) read(ctx context.Context, j Job) (r Result) {
	r.Job = j
	if r.Err = context.Cause(ctx); r.Err != nil {
		return r
	}
	if p.o.Start != nil {
		p.o.Start(j)
	}
	f, before, err := p.d.OpenFile(j.Path)
	if err != nil {
		r.Err = err
		return r
	}
	defer f.Close()
	r.Info = before
	lease, err := p.lease(ctx, f, before)
	if err != nil {
		r.Err = err
		return r
	}
	in := newFootage(ctx, f, p.gate, lease, p.o.Progress)
	sums, err := checksum.Read(ctx, in, j.Algorithms...)
	if err == nil && !lease.held() {
		err = ErrHeldOpen
	}
	r.At = time.Now()
	if err != nil {
		r.Err = fmt.Errorf("reading %s: %w", j.Path, err)
		return r
	}
	if r.Err = p.unchanged(j.Path, f, before); r.Err == nil {
		r.Sums = sums
	}
	return r
}

// unchanged compares the file, and what is at its path now, with the look before.
func (p *pool) unchanged(path string, f *os.File, before drive.Info) error {
	after, err := drive.StatFD(f)
	if err != nil {
		return fmt.Errorf("looking at %s after reading: %w", path, err)
	}
	now, err := p.d.Stat(path)
	switch {
	case errors.Is(err, drive.ErrGone):
		return err
	case err != nil || !sameLook(before, after, true) || !sameLook(before, now, p.d.FileSystem().Strong):
		return fmt.Errorf("reading %s: %w", path, ErrChanged)
	}
	return nil
}

// sameLook compares what a change moves; inode numbers only where they last.
func sameLook(a, b drive.Info, inode bool) bool {
	return a.Kind == b.Kind && a.Size == b.Size && a.ModTime == b.ModTime && a.ChangeTime == b.ChangeTime &&
		(!inode || a.Inode == b.Inode)
}
