package catalog

import (
	"context"
	"slices"
	"time"

	"footagefs/verify"
	"footagefs/verify/checksum"
)

// queue lists the files of a roll that are to be read, not more than most.
func (rd *reading) queue(ctx context.Context, r *rollState, most int) []*fileJob {
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
	files := make([]fileJob, 0, min(most, rd.expected(r)))
	var algos, last []checksum.Algorithm
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		switch wanted, at := rd.wants(r, e); {
		case !wanted:
		case at.IsZero():
			if algos = verify.AppendAlgorithms(algos[:0], e.item); !slices.Equal(algos, last) {
				last = slices.Clone(algos) // the same of most files of a roll: one for all
			}
			files = append(files, fileJob{path: e.item.Path, entry: i, size: e.look.Size, algos: last})
		default:
			rd.expect(at)
		}
		if len(files) >= most {
			break
		}
	}
	queue := make([]*fileJob, len(files))
	for i := range files {
		queue[i] = &files[i]
	}
	return queue
}

// expected is how many files of a roll are to be read, about. The caller holds r.mu.
func (rd *reading) expected(r *rollState) int {
	if n := r.sum.Counts; n.Known && !rd.o.Force && !rd.o.Recheck {
		return n.Pending + n.Unreadable
	}
	return len(r.inv.entries)
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
	return rd.o.Force || rd.o.Recheck || r.fresh.Due() || !n.Known || n.Pending > 0 || n.Unreadable > 0
}

// unreadableAgain is after how long an unreadable file is tried again while mounted.
const unreadableAgain = 10 * time.Minute

// wants is true for a file that is to be read: now, or not before the time that comes with
// it. The caller holds r.mu.
func (rd *reading) wants(r *rollState, e *entry) (wanted bool, notBefore time.Time) {
	now := rd.c.now()
	if !e.there || len(e.item.Records)+len(e.item.Failed) == 0 || rd.final && e.tries >= maxTries {
		return false, time.Time{}
	}
	v := r.inv.judge(r, e, e.look, e.there)
	switch v.status {
	case verify.Pending:
	case verify.Unreadable:
		if v.obs == nil || v.obs.ReadAt >= rd.since.UnixNano() || !rd.final && now.Sub(v.obs.ReadTime()) < unreadableAgain && v.obs.ReadAt >= rd.c.started.UnixNano() {
			return false, time.Time{}
		}
	default:
		again := v.obs != nil && v.obs.ReadAt < rd.since.UnixNano() &&
			(rd.o.Force || rd.o.Recheck && !strong(v.obs, rd.ds) && v.obs.Plug != rd.ds.plug.Load())
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
