package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/verify/drive"
)

// loadedEntries bounds the memory that inventories take: about 500 bytes an entry.
const loadedEntries = 200_000

// Inventory looks at every selected roll: its files are held against its manifests. No
// footage is read. A drive that is gone makes its rolls offline, and is no error.
func (c *Catalog) Inventory(ctx context.Context, f Filter) error {
	return c.inventories(ctx, c.states(f), func() {})
}

// atATime is how many rolls are looked at at a time.
const atATime = 2

// inventories looks at rolls and calls looked after each.
func (c *Catalog) inventories(ctx context.Context, rolls []*rollState, looked func()) error {
	g, looking := errgroup.WithContext(ctx)
	g.SetLimit(atATime)
	for _, r := range rolls {
		g.Go(func() error {
			defer looked()
			if err := c.refresh(looking, r); err != nil {
				c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
			}
			return looking.Err() // one roll that cannot be looked at is not the others' fault
		})
	}
	err := g.Wait()
	c.saveSummaries(ctx)
	return err
}

const (
	// mostFirst is how long a first look at the drives takes at most: a small drive is
	// complete then, a large one is there at once.
	mostFirst = 500 * time.Millisecond
	// glance is how long it takes before it is judged how long the rest would.
	glance = 25 * time.Millisecond
	// tooMany rolls are never looked at in mostFirst.
	tooMany = 1000
)

// firstLook is the Inventory of everything where that takes no longer than mostFirst. Where
// the first moments show that it would, as of a drive with thousands of rolls, it ends then;
// the tick looks at what is left.
func (c *Catalog) firstLook(ctx context.Context, g *errgroup.Group) error {
	look, cancel := context.WithCancel(ctx)
	defer cancel()
	rolls := c.states(Filter{})
	if len(rolls) > tooMany {
		return nil
	}
	var looked atomic.Int64
	defer time.AfterFunc(mostFirst, cancel).Stop()
	defer time.AfterFunc(glance, func() {
		// Those that are being looked at may be nearly done, and count: a few rolls are
		// always waited for.
		if time.Duration(len(rolls))*glance > time.Duration(looked.Load()+atATime)*mostFirst {
			cancel()
		}
	}).Stop()
	done := make(chan error, 1)
	g.Go(func() error { // which a large manifest, or a drive that hangs, may hold up for longer
		done <- c.inventories(look, rolls, func() { looked.Add(1) })
		return nil
	})
	select {
	case err := <-done:
		if err != nil && look.Err() == nil {
			return fmt.Errorf("looking at the drives: %w", err)
		}
	case <-look.Done():
	}
	return ctx.Err()
}

// refresh takes a roll's inventory, one at a time for each roll.
func (c *Catalog) refresh(ctx context.Context, r *rollState) error {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	return c.refreshLocked(ctx, r)
}

func (c *Catalog) refreshLocked(ctx context.Context, r *rollState) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.beginLook()
	start := time.Now()
	var inv *inventory
	err := withPatience(ctx, func() (err error) {
		inv, err = c.takeInventory(ctx, r)
		return err
	})
	if err != nil {
		switch {
		case ctx.Err() != nil:
			r.failLook(nil)
		case errors.Is(err, drive.ErrGone):
			r.failLook(nil)
			c.setOffline(r.drive, true)
		default:
			r.failLook(err)
			c.bump()
		}
		return err
	}
	failed := r.endLook(inv, c.now(), time.Since(start))
	c.account(r)
	c.rederive(r)
	if failed {
		c.bump() // the same summary shows again
	}
	return nil
}

// beginLook begins to collect what is observed while an inventory is being taken.
func (r *rollState) beginLook() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty, r.looking, r.meanwhile = false, true, nil
}

// failLook notes that a look did not end, and why; nil where that says nothing of the roll.
func (r *rollState) failLook(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty, r.looking, r.meanwhile = true, false, nil
	if why != nil {
		r.failed = why
	}
}

// endLook takes over a new inventory, and what was observed while it was taken. It is true
// where the look before it failed.
func (r *rollState) endLook(inv *inventory, now time.Time, cost time.Duration) (failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed = r.failed != nil
	if r.inv != nil {
		inv.keepHolds(r.inv)
	}
	for i := range r.meanwhile {
		if !inv.apply(&r.meanwhile[i]) {
			r.dirty = true
		}
	}
	r.looking, r.meanwhile = false, nil
	r.inv, r.lookedAt, r.cost, r.doubtful, r.failed = inv, now, cost, false, nil
	r.revision = max(r.revision, inv.revision)
	return failed
}

// keepHolds takes over which files are held back for a while, also of those that changed
// since: one that never stops changing must not be tried for ever.
func (inv *inventory) keepHolds(old *inventory) {
	for i := range old.entries {
		if o := &old.entries[i]; o.tries > 0 {
			if e := inv.find(o.item.Path); e != nil {
				e.notBefore, e.tries, e.hold, e.heldAt = o.notBefore, o.tries, o.hold, o.heldAt
			}
		}
	}
}

// account keeps the sum of loaded entries within bounds: the inventories that were not
// used for longest are let go of, never that of r. They are taken again when they are needed.
func (c *Catalog) account(r *rollState) {
	type use struct {
		r       *rollState
		at      time.Time
		entries int
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var loaded []use
	sum := 0
	for _, o := range c.rolls {
		o.mu.Lock()
		if o.inv != nil {
			sum += len(o.inv.entries)
			loaded = append(loaded, use{o, o.usedAt, len(o.inv.entries)})
		}
		o.mu.Unlock()
	}
	if sum <= loadedEntries {
		return
	}
	slices.SortFunc(loaded, func(a, b use) int { return a.at.Compare(b.at) })
	for _, o := range loaded {
		if sum <= loadedEntries*3/4 {
			return
		}
		if o.r != r {
			o.r.mu.Lock()
			o.r.inv = nil
			o.r.mu.Unlock()
			sum -= o.entries
		}
	}
}

// freshFor is how long a look is as good as new where no watch covers the drive.
const freshFor = 2 * time.Second

// current makes the roll's inventory as fresh as a look allows: taken where there is
// none, again where something changed and where looks are old, but never more often than
// they cost little.
func (c *Catalog) current(ctx context.Context, r *rollState, need bool) error {
	if !r.wantsLook(c.now(), c.isWatched(r.drive), need) {
		return nil
	}
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	// Another caller may have looked while this one waited.
	if !r.wantsLook(c.now(), c.isWatched(r.drive), need) {
		return nil
	}
	return c.refreshLocked(ctx, r)
}

func (r *rollState) wantsLook(now time.Time, watched, need bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.usedAt = now
	age := now.Sub(r.lookedAt)
	switch {
	case r.inv == nil && need:
		return true
	case r.lookedAt.IsZero():
		return true
	case r.dirty:
		return age > 5*r.cost
	case watched:
		return false
	}
	return age > freshFor && age > 20*r.cost
}

func (c *Catalog) isWatched(ds *driveState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.watched
}

func (c *Catalog) isOffline(ds *driveState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.offline
}

// setOffline changes whether a drive is here; its rolls' statuses follow.
func (c *Catalog) setOffline(ds *driveState, offline bool) {
	c.mu.Lock()
	changed := ds.offline != offline
	ds.offline = offline
	c.mu.Unlock()
	if changed {
		c.bump()
	}
}
