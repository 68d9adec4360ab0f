package catalog

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"footagefs/catalog/roll"
)

// fillUp takes further rolls where there is room: those asked for first, then the newest
// day's.
func (rd *reading) fillUp(ctx context.Context) {
	rd.retire(ctx)
	for ctx.Err() == nil {
		r := rd.candidate()
		if r == nil {
			return
		}
		queue := rd.queue(ctx, r, 1)
		if len(queue) == 0 {
			rd.markDone(r)
			continue
		}
		if !rd.claim(ctx, r) {
			rd.markBusy(r)
			continue
		}
		// Another process may have read it between the look and the claim.
		if revision := rd.c.storedRevision(ctx, r); revision != 0 && r.isBehind(revision) {
			if err := rd.c.refresh(ctx, r); err != nil {
				rd.c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
			}
		}
		if queue = rd.queue(ctx, r, math.MaxInt); len(queue) == 0 {
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
	rd.flush(ctx, true)
	for _, r := range over {
		rd.letGo(ctx, r)
	}
}

// letGo gives back a roll of which something was read: it is looked at again where
// directory hashes can be compared now, where the reading took its time, and where neither
// a watch nor the end of the run would tell of a change.
func (rd *reading) letGo(ctx context.Context, r *rollState) {
	rd.unclaim(ctx, r)
	watched, byFile := rd.c.coverage(rd.ds)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wasRead = true
	blind := !rd.final && (!watched || r.linked && !byFile)
	if blind || r.inv == nil || r.inv.hashed || rd.c.now().Sub(r.inv.at) > freshFor {
		r.happen(roll.Told, rd.c.now())
		rd.ds.wakeKeeper()
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
			return strings.Compare(b.Date, a.Date)
		}
		return strings.Compare(a.Path, b.Path)
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

func (rd *reading) claim(ctx context.Context, r *rollState) bool {
	return rd.c.store.Claim(ctx, rd.ds.fsID, r.fsPath())
}

func (rd *reading) unclaim(ctx context.Context, r *rollState) {
	rd.c.store.Unclaim(ctx, rd.ds.fsID, r.fsPath())
}

func (rd *reading) giveBack(ctx context.Context) {
	rd.mu.Lock()
	active := rd.active
	rd.active = nil
	rd.mu.Unlock()
	for _, j := range active {
		rd.letGo(ctx, j.r)
	}
}
