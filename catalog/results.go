package catalog

import (
	"context"
	"errors"
	iofs "io/fs"
	"maps"
	"slices"
	"time"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/verify"
	"footagefs/verify/drive"
)

// take turns a result into an observation, or holds the file back.
func (rd *reading) take(ctx context.Context, res verify.Result) {
	file := res.Key.(*fileJob)
	jobs := file.jobs
	again := rd.judgeResult(jobs.r, file, res)
	rd.mu.Lock()
	defer rd.mu.Unlock()
	jobs.out--
	if again {
		jobs.queue = append(jobs.queue, file)
	}
	if again || jobs.out == 0 { // what next waits for
		rd.cond.Broadcast()
	}
}

// judgeResult stores a result for the next batch; it returns true where the file must be
// read again before its result is believed.
func (rd *reading) judgeResult(r *rollState, file *fileJob, res verify.Result) (again bool) {
	// No reading is older than its run, also where the clock was set back meanwhile: or it
	// would count as one from before, and the file be read again and again.
	at := max(res.At.UnixNano(), rd.since.UnixNano())
	obs := roll.Observation{Look: roll.LookOf(res.Info), Sums: res.Sums, ReadAt: at, FirstAt: at, Plug: rd.ds.plug.Load()}
	switch err := res.Err; {
	case err == nil && tooYoung(rd.ds, obs.Look, res.At):
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
		obs.Sums, obs.Failure = nil, "its bytes come out differently each time they are read"
	case errors.Is(err, verify.ErrChanged):
		rd.holdBack(r, file.path, "it changed while it was read")
		return false
	case errors.Is(err, verify.ErrInMemory):
		rd.holdBack(r, file.path, verify.ErrInMemory.Error())
		return false
	case errors.Is(err, verify.ErrHeldOpen):
		rd.holdBack(r, file.path, "another program has it open for writing")
		return false
	case drive.IsShortage(err):
		rd.holdBack(r, file.path, "this program had no more descriptors or memory to read it with ("+drive.Reason(err)+"; see ulimit -n)")
		return false
	case errors.Is(err, drive.ErrGone):
		rd.c.setOffline(rd.ds, true)
		rd.cancel(drive.ErrGone)
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, iofs.ErrNotExist), errors.Is(err, drive.ErrNotRegular):
		rd.holdBack(r, file.path, "it went while it was read")
		return false
	default:
		obs.Failure = drive.Reason(err)
		if obs.Look == (roll.Look{}) {
			rd.lookAgain(r, file.path, &obs)
		}
	}
	rd.mu.Lock()
	rd.batch = append(rd.batch, result{r, file.path, file.entry, obs})
	full := len(rd.batch) >= flushAt
	rd.mu.Unlock()
	if full {
		select {
		case rd.full <- struct{}{}:
		default: // it was asked for
		}
	}
	return false
}

// lookAgain gives a file that could not be opened the look it had in the inventory.
func (rd *reading) lookAgain(r *rollState, path string, obs *roll.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv != nil {
		if e := r.inv.find(path); e != nil {
			obs.Look = e.look
		}
	}
}

// believe is true for a result that agrees with the manifest, and for one that came out
// twice in a row: a bad cable or memory must not condemn good footage, nor pass bad.
func (rd *reading) believe(r *rollState, file *fileJob, obs *roll.Observation) bool {
	if file.rounds > 0 {
		return slices.Equal(file.found, obs.Sums)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return true
	}
	e := r.inv.findNear(file.path, file.entry)
	return e == nil || verify.Judge(e.item, obs.Size, obs.Sums).Status != verify.Mismatch
}

// retryFinal is how long a run that ends leaves a file alone that it could not read
// properly: a writer may be done with it by then.
const retryFinal = 4 * time.Second

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
		wait := retryFinal
		if !rd.final {
			wait = min(time.Duration(e.tries+1)*5*time.Second, time.Minute)
		}
		e.holdBack(why, rd.c.now(), wait)
	}
	r.happen(roll.Told, rd.c.now())
	r.drive.wakeKeeper()
}

// commit stores a batch and applies it to the inventories that are loaded. Who calls it
// shows the rolls.
func (c *Catalog) commit(ctx context.Context, ds *driveState, batch []result) {
	folders := map[store.Folder][]roll.Named{}
	rolls := map[*rollState]int64{}
	var last struct { // neighbours are of one roll and folder mostly
		r     *rollState
		shift int64
		dir   string
		key   store.Folder
	}
	for i := range batch {
		b := &batch[i]
		dir, name := drive.Split(b.path)
		if b.r != last.r {
			last.r, last.shift = b.r, b.r.shiftNow()
			rolls[b.r] = b.r.row()
			last.dir = ""
		}
		if dir != last.dir {
			last.dir, last.key = dir, store.Folder{FS: ds.fsID, Path: drive.Join(b.r.fsPath(), dir)}
		}
		b.obs.ModTime -= last.shift
		folders[last.key] = append(folders[last.key], roll.Named{Name: name, Observation: b.obs})
	}
	revisions := c.store.Record(ctx, folders, slices.Collect(maps.Values(rolls)))
	for i := range batch {
		if r := batch[i].r; !r.apply(&batch[i]) {
			c.tell(r)
		}
	}
	for r, row := range rolls {
		if !r.advance(row, revisions) {
			c.tell(r)
		}
	}
}

// show makes the summaries of rolls of which results were stored.
func (c *Catalog) show(ctx context.Context, rolls []*rollState) {
	for _, r := range rolls {
		c.rederive(r)
	}
	if len(rolls) > 0 {
		c.saveSummaries(ctx)
	}
}

// advance takes over the revision that a batch made. It is false where that is not the next
// one: another process stored something, too, and the roll is to be looked at again before
// it is of that revision.
func (r *rollState) advance(row int64, revisions map[int64]int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, ok := revisions[row]
	switch {
	case !ok || row != r.dbID || now <= r.revision:
	case now == r.revision+1:
		r.revision = now
	default:
		return false
	}
	return true
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
// being taken: that may have asked the catalog before the observation was there. It is
// false where another look is needed.
func (r *rollState) apply(b *result) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fresh.State == roll.Looking {
		r.meanwhile = append(r.meanwhile, *b)
	}
	return r.inv != nil && r.inv.apply(b)
}

// apply joins a committed observation to its entry. It is false where another look is
// needed: the entry and the observation are not of the same look at the file.
func (inv *inventory) apply(b *result) bool {
	e := inv.findNear(b.path, b.entry)
	if e == nil {
		return false
	}
	if e.obs != nil {
		b.obs = roll.Merge(*e.obs, b.obs)
	}
	e.obs = &b.obs // which keeps the batch: its results live as long as each other, mostly
	e.tries, e.hold, e.notBefore = 0, "", time.Time{}
	seen := b.obs.Look
	seen.ModTime += inv.shift
	if !e.there || e.look == seen {
		return e.there
	}
	// The file changed between the two looks, and only the later one is still true.
	if b.obs.ReadAt > inv.at.UnixNano() {
		e.look = seen
	}
	return false
}
