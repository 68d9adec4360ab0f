package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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

	mu      sync.Mutex
	cond    *sync.Cond
	active  []*rollJobs
	turn    int
	line    []*rollState // what is taken next
	linedUp time.Time
	done    map[*rollState]time.Time // when they had their turn in this run
	busy    map[*rollState]bool      // being read by another process
	batch   []result
	soonest time.Time // when the first of the files that are held back may be tried
}

// rollJobs is a roll that is being read: claimed, so that no other process reads it too.
type rollJobs struct {
	r     *rollState
	queue []fileJob
	out   int // handed out, no result yet
}

// fileJob is one file to read. A mismatch is read again before it is believed: found
// holds what the last reading computed.
type fileJob struct {
	path   string
	size   int64
	algos  []checksum.Algorithm
	found  []checksum.Sum
	rounds int
}

// jobKey travels with a job to its result.
type jobKey struct {
	jobs *rollJobs
	file fileJob
}

// result is an observation to be stored.
type result struct {
	r    *rollState
	path string
	obs  observation
}

// atOnce is how many rolls share the readers: one huge file does not hold up the others.
const atOnce = 4

// maxRounds bounds the readings of one file whose bytes come out differently each time.
const maxRounds = 4

func (c *Catalog) newReading(ds *driveState, sel Filter, o VerifyOptions, final bool) *reading {
	rd := &reading{c: c, ds: ds, sel: sel, o: o, since: c.now(), final: final,
		done: map[*rollState]time.Time{}, busy: map[*rollState]bool{}}
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
	rd.flush(context.WithoutCancel(ctx))
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
			jobs, file, ok := rd.next(ctx)
			if !ok {
				return
			}
			job := verify.Job{
				Path: joinPath(jobs.r.found.Path, file.path), Size: file.size,
				Algorithms: file.algos, Key: jobKey{jobs, file},
			}
			if !yield(job) {
				return
			}
		}
	}
}

func (rd *reading) next(ctx context.Context) (*rollJobs, fileJob, bool) {
	for ctx.Err() == nil {
		rd.fillUp(ctx)
		rd.mu.Lock()
		for i := range rd.active {
			j := rd.active[(rd.turn+i)%len(rd.active)]
			if len(j.queue) > 0 {
				file := j.queue[0]
				j.queue = j.queue[1:]
				j.out++
				rd.turn++
				rd.mu.Unlock()
				return j, file, true
			}
		}
		if ctx.Err() != nil || !slices.ContainsFunc(rd.active, func(j *rollJobs) bool { return j.out > 0 }) {
			rd.mu.Unlock()
			return nil, fileJob{}, false
		}
		rd.cond.Wait()
		rd.mu.Unlock()
	}
	return nil, fileJob{}, false
}

// fillUp takes further rolls where there is room: those asked for first, then the newest
// day's.
func (rd *reading) fillUp(ctx context.Context) {
	rd.retire(ctx)
	for ctx.Err() == nil {
		r := rd.candidate()
		if r == nil {
			return
		}
		queue := rd.queue(ctx, r)
		if len(queue) == 0 {
			rd.markDone(r)
			continue
		}
		if !rd.claim(ctx, r) {
			rd.markBusy(r)
			continue
		}
		// Another process may have read it between the look and the claim.
		rd.c.catchUp(ctx, rd.ds)
		if queue = rd.queue(ctx, r); len(queue) == 0 {
			rd.unclaim(ctx, r)
			rd.markDone(r)
			continue
		}
		rd.markDone(r)
		rd.mu.Lock()
		rd.active = append(rd.active, &rollJobs{r: r, queue: queue})
		rd.mu.Unlock()
	}
}

func (rd *reading) markDone(r *rollState) {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	rd.done[r] = time.Now()
}

func (rd *reading) markBusy(r *rollState) {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	rd.busy[r] = true
}

// againAfter is when a roll that had its turn may have another in the same run: something
// in it may have changed.
const againAfter = 10 * time.Second

// open is true for a roll whose turn it may be. The caller holds rd.mu.
func (rd *reading) open(r *rollState) bool {
	at, had := rd.done[r]
	if rd.busy[r] || had && time.Since(at) < againAfter {
		return false
	}
	return !slices.ContainsFunc(rd.active, func(j *rollJobs) bool { return j.r == r })
}

// retire gives back the rolls that have nothing left to hand out or to wait for.
func (rd *reading) retire(ctx context.Context) {
	rd.mu.Lock()
	var over []*rollState
	rd.active = slices.DeleteFunc(rd.active, func(j *rollJobs) bool {
		if len(j.queue) > 0 || j.out > 0 {
			return false
		}
		over = append(over, j.r)
		return true
	})
	rd.mu.Unlock()
	if len(over) == 0 {
		return
	}
	// What was found must be stored before another process may look for work here.
	rd.flush(ctx)
	for _, r := range over {
		rd.unclaim(ctx, r)
		r.mu.Lock()
		r.dirty = true // directory hashes can be compared now
		r.mu.Unlock()
	}
}

// lineUpEvery is how often the rolls are lined up anew: some may have come meanwhile, or
// been asked for.
const lineUpEvery = time.Second

// candidate is the next roll to take, nil where there is none or no room.
func (rd *reading) candidate() *rollState {
	rd.mu.Lock()
	full, late := len(rd.active) >= atOnce, time.Since(rd.linedUp) > lineUpEvery
	rd.mu.Unlock()
	if full {
		return nil
	}
	if late {
		line := rd.candidates()
		rd.mu.Lock()
		rd.line, rd.linedUp = line, time.Now()
		rd.mu.Unlock()
	}
	rd.mu.Lock()
	defer rd.mu.Unlock()
	for len(rd.line) > 0 {
		r := rd.line[0]
		rd.line = rd.line[1:]
		if rd.open(r) {
			return r
		}
	}
	return nil
}

// candidates are the rolls that may have something to read, in the order of reading.
func (rd *reading) candidates() []*rollState {
	c := rd.c
	sel := rd.sel
	sel.Drives = []DriveID{rd.ds.id}
	rolls := c.Rolls(sel)
	c.mu.Lock()
	first := slices.Clone(c.next)
	c.mu.Unlock()
	asked := func(r *Roll) bool {
		return slices.ContainsFunc(first, func(f Filter) bool { return f.matches(r) })
	}
	slices.SortStableFunc(rolls, func(a, b Roll) int {
		switch x, y := asked(&a), asked(&b); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		case a.Date != b.Date:
			return cmpString(b.Date, a.Date)
		}
		return cmpString(a.Path, b.Path)
	})
	var list []*rollState
	c.mu.Lock()
	defer c.mu.Unlock()
	rd.mu.Lock()
	defer rd.mu.Unlock()
	for i := range rolls {
		r := c.rolls[rolls[i].ID]
		if r != nil && rd.open(r) && rolls[i].Status != RollOffline {
			list = append(list, r)
		}
	}
	return list
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// queue lists the files of a roll that are to be read.
func (rd *reading) queue(ctx context.Context, r *rollState) []fileJob {
	if !rd.mayHaveWork(r) {
		return nil
	}
	if err := rd.c.current(ctx, r, true); err != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return nil
	}
	var queue []fileJob
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		switch wanted, at := rd.wants(r, e); {
		case !wanted:
		case at.IsZero():
			queue = append(queue, fileJob{path: e.item.Path, size: e.look.size, algos: verify.Algorithms(&e.item)})
		default:
			rd.expect(at)
		}
	}
	return queue
}

// expect notes that a file may be tried at a later time.
func (rd *reading) expect(at time.Time) {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if rd.soonest.IsZero() || at.Before(rd.soonest) {
		rd.soonest = at
	}
}

// heldBack is how long to wait until a file that could not be read properly may be tried
// again; 0 where none is left to try.
func (rd *reading) heldBack() time.Duration {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	if rd.soonest.IsZero() {
		return 0
	}
	return max(rd.soonest.Sub(rd.c.now()), 10*time.Millisecond)
}

// mayHaveWork spares a roll's inventory where its summary says that nothing is left.
func (rd *reading) mayHaveWork(r *rollState) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.sum.Counts
	return rd.o.Force || rd.o.Recheck || r.dirty || !n.Known || n.Pending > 0 || n.Unreadable > 0
}

// unreadableAgain is after how long an unreadable file is tried again while mounted.
const unreadableAgain = 10 * time.Minute

// wants is true for a file that is to be read: now, or not before the time that comes with
// it. The caller holds r.mu.
func (rd *reading) wants(r *rollState, e *entry) (wanted bool, notBefore time.Time) {
	now := rd.c.now()
	if !e.there || len(verify.Algorithms(&e.item)) == 0 || rd.final && e.tries >= maxTries {
		return false, time.Time{}
	}
	v := r.inv.judge(r, e, e.look, e.there)
	switch v.status {
	case verify.Pending:
	case verify.Unreadable:
		if v.obs == nil || v.obs.readAt >= rd.since.UnixNano() || !rd.final && now.Sub(v.obs.read()) < unreadableAgain && v.obs.readAt >= rd.c.started.UnixNano() {
			return false, time.Time{}
		}
	default:
		again := v.obs != nil && v.obs.readAt < rd.since.UnixNano() &&
			(rd.o.Force || rd.o.Recheck && !v.obs.strong(rd.ds) && v.obs.plug != rd.ds.plug.Load())
		if !again {
			return false, time.Time{}
		}
	}
	if now.Before(e.notBefore) {
		return true, e.notBefore
	}
	if age := youngFor(rd.ds, e.look, now); age > 0 {
		e.holdBack("it changed a moment ago", now, age)
		return true, e.notBefore
	}
	return true, time.Time{}
}

// holdBack leaves a file for later.
func (e *entry) holdBack(why string, now time.Time, wait time.Duration) {
	e.tries++
	e.hold, e.heldAt, e.notBefore = why, now, now.Add(wait)
}

// take turns a result into an observation, or holds the file back.
func (rd *reading) take(ctx context.Context, res verify.Result) {
	key := res.Key.(jobKey)
	r, file := key.jobs.r, key.file
	again := rd.judgeResult(r, &file, res)
	rd.mu.Lock()
	defer rd.mu.Unlock()
	key.jobs.out--
	if again {
		key.jobs.queue = append(key.jobs.queue, file)
	}
	rd.cond.Broadcast()
}

// judgeResult stores a result for the next batch; it returns true where the file must be
// read again before its result is believed.
func (rd *reading) judgeResult(r *rollState, file *fileJob, res verify.Result) (again bool) {
	obs := observation{look: lookOf(res.Info), sums: res.Sums, readAt: res.At.UnixNano(), firstAt: res.At.UnixNano(), plug: rd.ds.plug.Load()}
	switch err := res.Err; {
	case err == nil && tooYoung(rd.ds, obs.look, res.At):
		// Another change within the same step of the clock would not show.
		rd.holdBack(r, file.path, "it changed a moment ago")
		return false
	case err == nil:
		if rd.believe(r, file, &obs) {
			break
		}
		file.found = res.Sums
		file.rounds++
		if file.rounds < maxRounds {
			return true
		}
		obs.sums, obs.failure = nil, "its bytes come out differently each time they are read"
	case errors.Is(err, verify.ErrChanged):
		rd.holdBack(r, file.path, "it changed while it was read")
		return false
	case errors.Is(err, verify.ErrHeldOpen):
		rd.holdBack(r, file.path, "another program has it open for writing")
		return false
	case errors.Is(err, drive.ErrGone):
		rd.c.setOffline(rd.ds, true)
		rd.cancel(drive.ErrGone)
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, iofs.ErrNotExist), errors.Is(err, drive.ErrNotRegular):
		r.mu.Lock()
		r.dirty = true
		r.mu.Unlock()
		rd.holdBack(r, file.path, "it went while it was read")
		return false
	default:
		obs.failure = reasonOf(err)
		if obs.look == (look{}) {
			rd.lookAgain(r, file.path, &obs)
		}
	}
	rd.mu.Lock()
	rd.batch = append(rd.batch, result{r, file.path, obs})
	rd.mu.Unlock()
	return false
}

// lookAgain gives a file that could not be opened the look it had in the inventory.
func (rd *reading) lookAgain(r *rollState, path string, obs *observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv != nil {
		if e := r.inv.find(path); e != nil {
			obs.look = e.look
		}
	}
}

// believe is true for a result that agrees with the manifest, and for one that came out
// twice in a row: a bad cable or memory must not condemn good footage, nor pass bad.
func (rd *reading) believe(r *rollState, file *fileJob, obs *observation) bool {
	if file.rounds > 0 {
		return slices.Equal(file.found, obs.sums)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return true
	}
	e := r.inv.find(file.path)
	return e == nil || verify.Judge(&e.item, obs.size, obs.sums).Status != verify.Mismatch
}

// maxTries is how often a file that cannot be read properly is tried by a run that ends.
const maxTries = 3

// holdBack leaves a file for later.
func (rd *reading) holdBack(r *rollState, path, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return
	}
	if e := r.inv.find(path); e != nil {
		wait := 2 * time.Second
		if !rd.final {
			wait = min(time.Duration(e.tries+1)*5*time.Second, time.Minute)
		}
		e.holdBack(why, rd.c.now(), wait)
		r.dirty = true
	}
}

const (
	flushEvery = 400 * time.Millisecond
	flushAt    = 2000 // results
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
		case <-tick.C:
		}
		rd.flush(ctx)
		rd.c.mend(ctx)
		if time.Since(beat) > claimLapse/4 {
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
		if _, err := rd.c.store.Load().claim(ctx, rd.ds.fsID, j.r.fsPath(), rd.c.owner); err != nil {
			rd.c.storeFailed(err)
		}
	}
}

// flush commits what was found, and only then shows it.
func (rd *reading) flush(ctx context.Context) {
	rd.mu.Lock()
	batch := rd.batch
	rd.batch = nil
	rd.mu.Unlock()
	if len(batch) > 0 {
		rd.c.commit(ctx, rd.ds, batch)
	}
}

func (rd *reading) claim(ctx context.Context, r *rollState) bool {
	s := rd.c.store.Load()
	holder, err := s.claim(ctx, rd.ds.fsID, r.fsPath(), rd.c.owner)
	if err != nil {
		rd.c.storeFailed(err)
		return true // without a catalog there is nobody to share with
	}
	if holder != rd.c.owner && ownerIsDead(holder) {
		if err = s.unclaim(ctx, rd.ds.fsID, r.fsPath(), holder); err == nil {
			holder, err = s.claim(ctx, rd.ds.fsID, r.fsPath(), rd.c.owner)
		}
		rd.c.storeFailed(err)
	}
	return holder == rd.c.owner
}

func (rd *reading) unclaim(ctx context.Context, r *rollState) {
	if err := rd.c.store.Load().unclaim(ctx, rd.ds.fsID, r.fsPath(), rd.c.owner); err != nil {
		rd.c.storeFailed(err)
	}
}

func (rd *reading) giveBack(ctx context.Context) {
	rd.mu.Lock()
	active := rd.active
	rd.active = nil
	rd.mu.Unlock()
	for _, j := range active {
		rd.unclaim(ctx, j.r)
	}
}

// commit stores a batch and applies it to the inventories that are loaded.
func (c *Catalog) commit(ctx context.Context, ds *driveState, batch []result) {
	folders := map[seenKey][]named{}
	rolls := map[*rollState]int64{}
	for i := range batch {
		b := &batch[i]
		b.obs.modTime -= b.r.shiftNow()
		folder, name := splitPath(joinPath(b.r.fsPath(), b.path))
		k := seenKey{ds.fsID, folder}
		folders[k] = append(folders[k], named{name, b.obs})
		rolls[b.r] = b.r.row()
	}
	revisions, err := c.store.Load().record(ctx, folders, rolls)
	if err != nil {
		c.storeFailed(fmt.Errorf("%d results: %w", len(batch), err))
	} else {
		c.storeWorks()
	}
	for _, b := range batch {
		b.r.apply(b)
	}
	for r, row := range rolls {
		r.advance(row, revisions)
		c.rederive(r)
	}
	c.saveSummaries(ctx)
}

// advance takes over the revision that a batch made. Where it is not the next one, another
// process stored something, too: the roll is looked at again before it is of that revision.
func (r *rollState) advance(row int64, revisions map[int64]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, ok := revisions[row]
	switch {
	case !ok || row != r.dbID || now <= r.revision:
	case now == r.revision+1:
		r.revision = now
	default:
		r.dirty = true
	}
}

func (r *rollState) shiftNow() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return 0
	}
	return r.inv.shift
}

// apply puts a committed observation into the loaded inventory, and into the one that is
// being taken: that may have asked the catalog before the observation was there.
func (r *rollState) apply(b result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.looking {
		r.meanwhile = append(r.meanwhile, b)
	}
	if r.inv == nil || !r.inv.apply(b) {
		r.dirty = true
	}
}

// apply joins a committed observation to its entry. It is false where another look is
// needed: the entry and the observation are not of the same look at the file.
func (inv *inventory) apply(b result) bool {
	e := inv.find(b.path)
	if e == nil {
		return false
	}
	merged := b.obs
	if e.obs != nil {
		merged = merge(*e.obs, b.obs)
	}
	e.obs = &merged
	e.tries, e.hold, e.notBefore = 0, "", time.Time{}
	seen := merged.look
	seen.modTime += inv.shift
	if !e.there || e.look == seen {
		return e.there
	}
	// The file changed between the two looks, and only the later one is still true.
	if merged.readAt > inv.at.UnixNano() {
		e.look = seen
	}
	return false
}
