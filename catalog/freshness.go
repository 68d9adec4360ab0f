package catalog

import (
	"time"

	"footagefs/catalog/roll"
)

// freshness is how fresh what is known of a roll is, and what is kept of its last look. It
// is guarded by the roll's mu, like all that a rollState keeps.
type freshness struct {
	fresh     roll.Freshness
	cost      time.Duration // of the last look
	lookedAt  time.Time     // when the last look ended, well or not
	failed    error         // why it did not end well; nil where it did, or where that says nothing of the roll
	meanwhile []result      // what was observed while a look is under way
	linked    bool          // some of its files have other names: a change may come by one of those
	glanced   time.Time     // when it was last seen that its files are the same, without a look
	inodes    inodeRange    // of its files, as of the last look
	told      []uint64      // inode numbers of changed files whose folders the listeners are still to be told of
}

const (
	// freshFor is how long a look is as good as new where no watch covers the roll.
	freshFor = 2 * time.Second
	// mostPause bounds the time between two looks at a roll that never stops changing.
	mostPause = time.Second
	// mostUnwatched bounds the same where nothing tells of changes and somebody asks.
	mostUnwatched = 10 * time.Second
)

// happened makes the roll's next freshness. It is true where the roll may be shown
// otherwise from now on: whoever calls it bumps the version.
func (r *rollState) happened(e roll.Event, at time.Time) (shown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.happen(e, at)
}

// happen is happened for a caller that holds r.mu.
func (r *rollState) happen(e roll.Event, at time.Time) (shown bool) {
	was := r.fresh
	r.fresh = r.fresh.After(e, at)
	return r.fresh.Confirmed != was.Confirmed
}

// tell says that something of the roll may have changed, and wakes the drive's keeper.
func (c *Catalog) tell(r *rollState) {
	r.happened(roll.Told, c.now())
	r.drive.wakeKeeper()
}

// wakeKeeper has the drive's keeper look what there is to do.
func (ds *driveState) wakeKeeper() {
	select {
	case ds.wake <- struct{}{}:
	default: // it was told already
	}
}

// isDue is true where a look at the roll is owed.
func (r *rollState) isDue() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fresh.Due()
}

// pause is how long a roll that was just looked at is left alone although something was
// told of it: one that never stops changing must not take all of a core.
func (f *freshness) pause() time.Duration { return min(4*f.cost, mostPause) }

// beginLook begins to collect what is observed while an inventory is being taken.
func (r *rollState) beginLook(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meanwhile = nil
	r.happen(roll.LookBegan, at)
}

// giveUpLook ends a look without a result; why is nil where that says nothing of the roll.
// It is true where the roll is shown otherwise.
func (r *rollState) giveUpLook(why error, at time.Time) (shown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := roll.LookDropped
	if why != nil {
		e, shown, r.failed = roll.LookFailed, true, why // its finding says it
	}
	r.meanwhile, r.lookedAt = nil, at
	r.cost = max(r.cost, mostPause/4) // it is not tried again and again
	return r.happen(e, at) || shown
}

// endLook takes over a new inventory, and what was observed while it was taken. One that
// was begun before the drive went says nothing any more. It is true where the roll is
// shown otherwise, whatever its summary says.
func (r *rollState) endLook(inv *inventory, at time.Time, cost time.Duration) (shown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	results := r.meanwhile
	r.meanwhile, r.lookedAt, r.cost = nil, at, cost
	if r.fresh.State != roll.Looking {
		return false
	}
	if r.inv != nil {
		inv.keepHolds(r.inv)
	}
	for i := range results {
		if !inv.apply(&results[i]) {
			r.happen(roll.Told, at)
		}
	}
	shown = r.failed != nil
	r.inv, r.linked, r.inodes, r.failed = inv, inv.linked, inv.inodes, nil
	r.revision = max(r.revision, inv.revision)
	return r.happen(roll.LookEnded, at) || shown
}

// wantsLook is true where who asks for the roll has to look at it first. covers says
// whether a watch tells of changes of a roll whose files have other names, or have none;
// need, that its inventory is asked for.
func (r *rollState) wantsLook(now time.Time, covers func(linked bool) bool, need bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.usedAt = now
	switch {
	case r.fresh.State == roll.Away:
		return false
	case r.inv == nil && need, r.fresh.AsOf.IsZero():
		return true
	case r.fresh.State == roll.Looking: // by another, who will be done soon
		return false
	case r.fresh.Due():
		return now.Sub(r.lookedAt) > r.pause()
	case covers(r.linked):
		return false
	}
	return now.Sub(r.fresh.AsOf) > max(freshFor, min(20*r.cost, mostUnwatched))
}

// wasLookedAt is true where a look ended since the start, or since the drive came back,
// well or not.
func (r *rollState) wasLookedAt() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.fresh.AsOf.IsZero() || r.fresh.State == roll.Stale
}

// hasLinks is true where files of the roll have other names.
func (r *rollState) hasLinks() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.linked
}

// isBehind is true where the catalog's file holds observations that the roll's inventory
// was not made from.
func (r *rollState) isBehind(revision int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return revision != r.revision
}

// doubtOverdue has the roll shown as pending where it waits for its look too long. It is
// true where that is new.
func (r *rollState) doubtOverdue(now time.Time) (shown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fresh.IsOverdue(now) && r.happen(roll.Overdue, now)
}

// isLoaded is true where the roll's inventory is in memory.
func (r *rollState) isLoaded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inv != nil
}
