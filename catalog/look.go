package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
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
	// mostFirst is how long the first looks at the drives are waited for: a small drive is
	// complete then, a large one is there at once.
	mostFirst = 500 * time.Millisecond
	// glance is how long it takes before it is judged how long the rest would.
	glance = 25 * time.Millisecond
	// tooMany rolls are never looked at in mostFirst.
	tooMany = 1000
)

// awaitFirstLook waits for the keepers' first looks where that takes no longer than
// mostFirst. Where the first moments show that it would, as of a drive with thousands of
// rolls, it returns then; the keepers go on.
func (c *Catalog) awaitFirstLook(ctx context.Context) error {
	rolls := c.states(Filter{})
	if len(rolls) > tooMany {
		return ctx.Err()
	}
	began := time.Now()
	for {
		looked := 0
		for _, r := range rolls {
			if r.wasLookedAt() || c.isOffline(r.drive) {
				looked++
			}
		}
		took := time.Since(began)
		// Those that are being looked at may be nearly done, and count: a few rolls are
		// always waited for.
		slow := took > glance && time.Duration(len(rolls))*glance > time.Duration(looked+atATime)*mostFirst
		if looked == len(rolls) || slow || took > mostFirst {
			return ctx.Err()
		}
		if err := sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
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
	start := c.now()
	r.beginLook(start)
	var inv *inventory
	err := withPatience(ctx, func() (err error) {
		inv, err = c.takeInventory(ctx, r)
		return err
	})
	var shown bool
	switch {
	case err == nil:
		shown = r.endLook(inv, c.now(), c.now().Sub(start))
		c.account(r)
	case ctx.Err() != nil, errors.Is(err, drive.ErrGone):
		shown = r.giveUpLook(nil, c.now())
	default:
		shown = r.giveUpLook(err, c.now())
	}
	if shown {
		c.bump()
	}
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, drive.ErrGone) {
			c.setOffline(r.drive, true)
		}
		return err
	}
	c.rederive(r)
	c.tellFolders(r)
	return nil
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

// current makes the roll's inventory as fresh as a look allows: taken where there is
// none, again where something changed and where looks are old, but never more often than
// they cost little.
func (c *Catalog) current(ctx context.Context, r *rollState, need bool) error {
	watched, byFile := c.coverage(r.drive)
	covers := func(linked bool) bool { return watched && (byFile || !linked) }
	if !r.wantsLook(c.now(), covers, need) {
		return nil
	}
	if r.drive.pulse.hangs() { // whoever waits for its lock would hang, too
		if need && !r.isLoaded() {
			return fmt.Errorf("looking at %s: %w", r.found.Path, errHangs)
		}
		return nil
	}
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	// Another caller may have looked while this one waited.
	if !r.wantsLook(c.now(), covers, need) {
		return nil
	}
	return c.refreshLocked(ctx, r)
}

// coverage says whether a watch tells of all changes on a drive, and whether it tells of a
// file that is changed by another name, too.
func (c *Catalog) coverage(ds *driveState) (watched, byFile bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.watched, ds.byFile
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
	if !changed {
		return
	}
	event := roll.Returned
	if offline {
		event = roll.Went
	}
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		r.happened(event, c.now())
	}
	c.bump()
	ds.wakeKeeper()
}
