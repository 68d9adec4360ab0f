package catalog

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// reading is one run of the readers over one drive: it hands out jobs, fairly between
// rolls, and takes the results.
type reading struct {
	c     *Catalog
	ds    *driveState
	sel   Filter
	o     VerifyOptions
	since time.Time // with Force: what was read later than this was read for this run
	final bool      // files that cannot be read properly now are left after a few tries

	cancel context.CancelCauseFunc // ends the run

	storing sync.Mutex // a batch; held over SQL

	mu      sync.Mutex
	cond    *sync.Cond
	active  []*rollJobs
	turn    int
	line    []*rollState // what is taken next
	linedUp time.Time
	done    map[*rollState]time.Time // when they had their turn in this run
	busy    map[*rollState]bool      // being read by another process
	batch   []result
	full    chan struct{}       // asks for the batch to be stored
	unshown map[*rollState]bool // of what was stored; their summaries are to follow
	soonest time.Time           // when the first of the files that are held back may be tried
}

// rollJobs is a roll that is being read: claimed, so that no other process reads it too.
type rollJobs struct {
	r     *rollState
	queue []*fileJob
	out   int // handed out, no result yet
}

// fileJob is one file to read; it travels to its result. A mismatch is read again before
// it is believed: found holds what the last reading computed.
type fileJob struct {
	jobs   *rollJobs
	path   string
	entry  int // its place in the inventory as it was then
	size   int64
	algos  []checksum.Algorithm
	found  []checksum.Sum
	rounds int
}

// result is an observation to be stored.
type result struct {
	r     *rollState
	path  string
	entry int // as in its fileJob
	obs   roll.Observation
}

// atOnce is how many rolls share the readers: one huge file does not hold up the others.
const atOnce = 4

// What is handed out of a roll before it is another one's turn: one file, of small ones
// some that are read in no time.
const (
	turnFiles = 32
	turnBytes = 1 << 20
)

// maxRounds bounds the readings of one file whose bytes come out differently each time.
const maxRounds = 4

func (c *Catalog) newReading(ds *driveState, sel Filter, o VerifyOptions, final bool) *reading {
	rd := &reading{c: c, ds: ds, sel: sel, o: o, since: c.now(), final: final,
		done: map[*rollState]time.Time{}, busy: map[*rollState]bool{},
		full: make(chan struct{}, 1), unshown: map[*rollState]bool{}}
	rd.cond = sync.NewCond(&rd.mu)
	return rd
}

// run reads until nothing is left that can be read now. It returns whether anything was
// read, and whether another process is reading some of it.
func (rd *reading) run(ctx context.Context) (read int64, shared bool, err error) {
	var count atomic.Int64
	ctx, cancel := context.WithCancelCause(ctx)
	rd.cancel = cancel
	stop := context.AfterFunc(ctx, func() {
		rd.mu.Lock() // or a waiter that is about to wait would miss it
		defer rd.mu.Unlock()
		rd.cond.Broadcast()
	})
	var keep sync.WaitGroup
	keep.Go(func() { rd.keepUp(ctx) })
	err = verify.Run(ctx, rd.ds.handle(), rd.jobs(ctx), verify.Options{
		Readers: rd.o.Readers, Limit: rd.o.Limit, Polite: rd.o.Polite,
		Progress: rd.c.active.read, Start: func(j verify.Job) { rd.c.active.start(rd.ds, j.Path) },
	}, func(res verify.Result) error {
		count.Add(1)
		rd.c.active.finish(rd.ds, res.Path, res.Err == nil)
		rd.take(ctx, res)
		return nil
	})
	cancel(nil)
	stop()
	keep.Wait()
	rd.flush(context.WithoutCancel(ctx), true)
	rd.giveBack(context.WithoutCancel(ctx))
	if errors.Is(err, drive.ErrGone) {
		rd.c.setOffline(rd.ds, true)
		err = nil
	}
	return count.Load(), len(rd.busy) > 0, err
}

// jobs yields files roll by roll in turn. Where every queue is empty it waits for the
// results that are still out: one may ask for another reading.
func (rd *reading) jobs(ctx context.Context) iter.Seq[verify.Job] {
	return func(yield func(verify.Job) bool) {
		for ctx.Err() == nil {
			files := rd.next(ctx)
			if len(files) == 0 {
				return
			}
			for i, file := range files {
				job := verify.Job{
					Path: drive.Join(file.jobs.r.found.Path, file.path), Size: file.size,
					Algorithms: file.algos, Key: file,
				}
				if !yield(job) {
					rd.takeBack(files[i+1:])
					return
				}
			}
		}
	}
}

// next hands out files of one roll; none says that the run is over.
func (rd *reading) next(ctx context.Context) []*fileJob {
	for ctx.Err() == nil {
		rd.fillUp(ctx)
		rd.mu.Lock()
		for i := range rd.active {
			if j := rd.active[(rd.turn+i)%len(rd.active)]; len(j.queue) > 0 {
				rd.turn++
				files := j.handOut()
				rd.mu.Unlock()
				return files
			}
		}
		if ctx.Err() != nil || !slices.ContainsFunc(rd.active, func(j *rollJobs) bool { return j.out > 0 }) {
			rd.mu.Unlock()
			return nil
		}
		rd.cond.Wait()
		rd.mu.Unlock()
	}
	return nil
}

// handOut takes what is handed out in one turn. The caller holds the reading's mu.
func (j *rollJobs) handOut() []*fileJob {
	n, bytes := 1, j.queue[0].size
	for n < len(j.queue) && n < turnFiles {
		if bytes += j.queue[n].size; bytes > turnBytes {
			break
		}
		n++
	}
	files := j.queue[:n]
	j.queue = j.queue[n:]
	j.out += n
	for _, file := range files {
		file.jobs = j
	}
	return files
}

// takeBack takes back what was handed out and not begun by a run that is over.
func (rd *reading) takeBack(files []*fileJob) {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	for _, file := range files {
		file.jobs.out--
	}
}

const (
	flushEvery = 400 * time.Millisecond
	flushAt    = 4000 // results
)

// keepUp stores results and keeps claims alive while the readers run.
func (rd *reading) keepUp(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	beat := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rd.full:
			rd.flush(ctx, false)
			continue
		case <-tick.C:
		}
		rd.flush(ctx, true)
		rd.c.mend(ctx)
		if time.Since(beat) > store.ClaimLapse/4 {
			beat = time.Now()
			rd.heartbeat(ctx)
		}
	}
}

func (rd *reading) heartbeat(ctx context.Context) {
	rd.mu.Lock()
	active := slices.Clone(rd.active)
	rd.mu.Unlock()
	for _, j := range active {
		rd.claim(ctx, j.r)
	}
}

// flush commits what was found, also when the run ends meanwhile, and only then shows it,
// where it is to be shown: that takes as long for one result as for many. When it returns
// all that was found before is stored.
func (rd *reading) flush(ctx context.Context, show bool) {
	batch := rd.storeBatch(ctx)
	rd.mu.Lock()
	for i := range batch {
		rd.unshown[batch[i].r] = true
	}
	var rolls []*rollState
	if show {
		rolls = slices.Collect(maps.Keys(rd.unshown))
		clear(rd.unshown)
	}
	rd.mu.Unlock()
	rd.c.show(ctx, rolls)
}

// storeBatch stores what was found and returns it.
func (rd *reading) storeBatch(ctx context.Context) []result {
	rd.storing.Lock()
	defer rd.storing.Unlock()
	rd.mu.Lock()
	batch := rd.batch
	rd.batch = nil
	rd.mu.Unlock()
	if len(batch) > 0 {
		rd.c.commit(context.WithoutCancel(ctx), rd.ds, batch)
	}
	return batch
}
