package verify

import (
	"context"
	"errors"
	"iter"
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
// its errno, ErrChanged, ErrHeldOpen, drive.ErrGone, io.ErrUnexpectedEOF where the drive
// gave fewer bytes than the file has, or what ended the run.
type Result struct {
	Job
	Info drive.Info // the look that the sums belong to
	Sums []checksum.Sum
	Err  error
	At   time.Time // when the reading ended
}

// Options say how files are read.
type Options struct {
	Readers  int               // files at once; 0: one on a rotating disk, else as many as pay
	Limit    int64             // bytes a second, of all readers; 0: none
	Polite   bool              // lowest I/O priority, stand back while others use the device
	Progress func(bytes int64) // called after each block, by several goroutines at once
	Start    func(Job)         // called before each file, likewise
}

// grace is how long a run that was ended waits for calls that are under way. A thread
// that waits for a dead device cannot be interrupted; it is left behind and ends, and
// closes its file, when the device answers.
const grace = 1500 * time.Millisecond

// Run reads the jobs' files and calls done with each result, one at a time, in the order
// in which they end. Every job that was taken from jobs gets its result, also when ctx
// ends, within two seconds of it. Run ends with ctx's error, done's, or drive.ErrGone; what
// is wrong with one file is that file's result and ends nothing.
func Run(ctx context.Context, d *drive.Drive, jobs iter.Seq[Job], o Options, done func(Result) error) error {
	return newPool(d, o, done).run(ctx, jobs)
}

func (p *pool) run(ctx context.Context, jobs iter.Seq[Job]) error {
	ctx, p.cancel = context.WithCancelCause(ctx)
	defer p.cancel(nil)
	p.start(ctx)
	for j := range jobs {
		if !p.push(ctx, j) {
			break
		}
	}
	p.queue.end()
	p.widen(false)
	select {
	case <-p.finished:
	case <-p.abandoned:
	}
	err := context.Cause(ctx)
	p.cancel(nil)
	p.watchers.Wait()
	p.giveUp(err) // what nobody has taken from the queue
	return err
}

// readers is how many files are read at once, unless their algorithm gains from more.
func readers(d *drive.Drive, o Options) int {
	switch {
	case o.Readers > 0:
		return o.Readers
	case d.FileSystem().Rotating:
		return 1
	}
	return max(2, runtime.GOMAXPROCS(0))
}

// pool is a bounded number of readers over one queue. There is one reader more than
// turns, so that there is always somebody to let in when another has had a long turn.
type pool struct {
	d     *drive.Drive
	o     Options
	gate  *gate
	queue *queue
	turns *turns
	wide  *widening
	sums  checksum.Reader
	cache cache
	sync  synced
	// suspect is true of a file of which memory may hold what the device does not.
	suspect func(drive.Info) bool
	cancel  context.CancelCauseFunc

	finished  chan struct{} // closed once all readers have ended
	abandoned chan struct{} // closed once those that did not end in time are given up
	watchers  sync.WaitGroup

	giving sync.Mutex // one result at a time; before mu
	done   func(Result) error

	mu   sync.Mutex    // never held while done is called, for which makers of jobs need not wait
	out  map[int64]Job // what was taken from the jobs and has no result yet
	next int64
}

func newPool(d *drive.Drive, o Options, done func(Result) error) *pool {
	n := readers(d, o)
	return &pool{
		d: d, o: o, done: done, suspect: d.MayBeDirty, out: map[int64]Job{},
		gate: newGate(d, o), queue: newQueue(n), turns: newTurns(n), wide: newWidening(d, o, n),
		finished: make(chan struct{}), abandoned: make(chan struct{}),
	}
}

// start starts the readers and what watches over them.
func (p *pool) start(ctx context.Context) {
	var readers sync.WaitGroup
	for range p.turns.n + 1 {
		readers.Go(func() { p.work(ctx) })
	}
	for range p.wide.readers {
		readers.Go(func() {
			if p.wide.wait(ctx) {
				p.work(ctx)
			}
		})
	}
	go func() { // ends with the last reader, which may be long after the run on a dead device
		readers.Wait()
		close(p.finished)
	}()
	p.watchers.Go(func() { p.gate.watch(ctx) })
	p.watchers.Go(func() { p.watch(ctx) })
}

// watch ends the run when the drive goes, and gives up readers that do not end.
func (p *pool) watch(ctx context.Context) {
	select {
	case <-p.finished:
		return
	case <-p.d.GoneC():
		p.cancel(drive.ErrGone)
	case <-ctx.Done():
	}
	select {
	case <-p.finished:
	case <-time.After(grace):
	}
	p.giveUp(context.Cause(ctx)) // wakes whoever makes the jobs, and waits for their results
	close(p.abandoned)
}
