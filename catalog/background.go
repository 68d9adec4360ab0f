package catalog

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

const (
	tickEvery  = time.Second      // looks for what came, changed or went
	slowTick   = 10 * time.Second // the same where a watch tells
	roundEvery = 10 * time.Minute // everything is looked at again
	pollEvery  = 500 * time.Millisecond
)

// Background keeps everything current until ctx ends: it looks for rolls and manifests
// that come, change or go, takes inventories, takes over what other processes store, and,
// where read is true, verifies. First it looks at the drives for a moment, and calls
// looked; what that returns ends it.
func (c *Catalog) Background(ctx context.Context, read bool, o VerifyOptions, looked func() error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, ds := range c.driveStates() {
		// Before the first look: a change after it would need another one.
		g.Go(func() error { return c.watch(ctx, ds) })
	}
	g.Go(func() error {
		if err := c.firstLook(ctx, g); err != nil {
			return err
		}
		if err := looked(); err != nil {
			return err
		}
		g.Go(func() error { return c.follow(ctx) })
		for _, ds := range c.driveStates() {
			g.Go(func() error { return c.keep(ctx, ds) })
			if read {
				g.Go(func() error { return c.readAll(ctx, ds, o) })
			}
		}
		return nil
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// follow takes over what other processes store, and stores summaries.
func (c *Catalog) follow(ctx context.Context) error {
	var version int64
	for {
		if err := sleep(ctx, pollEvery); err != nil {
			return err
		}
		c.mend(ctx)
		c.saveSummaries(ctx)
		now, changed := c.store.Load().changed(ctx, version)
		if version = now; !changed {
			continue
		}
		for _, ds := range c.driveStates() {
			c.catchUp(ctx, ds)
		}
	}
}

// catchUp looks again at the rolls of which another process stored something.
func (c *Catalog) catchUp(ctx context.Context, ds *driveState) {
	revisions, err := c.store.Load().revisions(ctx, ds.fsID, ds.fs.Prefix)
	if err != nil {
		c.storeFailed(err)
		return
	}
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		if rev, known := revisions[r.row()]; known {
			c.catchUpRoll(ctx, r, rev)
		}
	}
}

// catchUpRoll looks at a roll again where its observations are not of the revision that
// the catalog holds.
func (c *Catalog) catchUpRoll(ctx context.Context, r *rollState, revision int64) {
	r.mu.Lock()
	behind := revision != r.revision
	r.dirty = r.dirty || behind
	r.mu.Unlock()
	if behind && !c.isOffline(r.drive) {
		if err := c.refresh(ctx, r); err != nil {
			c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
		}
	}
}

// keep looks at a drive's structure and at the rolls that changed, on a tick.
func (c *Catalog) keep(ctx context.Context, ds *driveState) error {
	var lastScan time.Time
	for first := true; ; first = false { // the first time the drive was scanned just now
		start := time.Now()
		switch {
		case ds.handle().Gone():
			c.setOffline(ds, true)
			if !c.comeBack(ctx, ds) {
				break
			}
			fallthrough
		default:
			ds.sawMounts()
			if !first && c.scanDue(ds, time.Since(lastScan)) {
				lastScan = start
				c.rescan(ctx, ds)
			}
			c.lookRound(ctx, ds)
		}
		// Looking takes a twentieth of the time at the most.
		if err := sleep(ctx, max(tickEvery, 20*time.Since(start))); err != nil {
			return err
		}
	}
}

func (c *Catalog) scanDue(ds *driveState, since time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.stale || !ds.watched || since > slowTick
}

// rescan looks at the drive's structure again.
func (c *Catalog) rescan(ctx context.Context, ds *driveState) {
	c.adding.Lock()
	defer c.adding.Unlock()
	c.mu.Lock()
	ds.stale = false
	c.mu.Unlock()
	found, err := c.lookAtStructure(ctx, ds)
	switch {
	case errors.Is(err, drive.ErrGone):
		c.setOffline(ds, true)
	case err != nil:
		c.log.Debug("looking at a drive", "drive", ds.dir, "error", err)
	case c.differs(ds, found):
		c.adopt(ctx, ds, found, c.now())
	}
}

// lookRound takes the inventories that are due: of rolls that changed, whose manifests
// changed, that were never looked at, or not for a round.
func (c *Catalog) lookRound(ctx context.Context, ds *driveState) {
	watched := c.isWatched(ds)
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		if ctx.Err() != nil {
			return
		}
		if !watched {
			c.checkManifests(r)
		}
		r.mu.Lock()
		age := c.now().Sub(r.lookedAt)
		due := r.lookedAt.IsZero() || r.dirty && age > 10*r.cost || age > roundEvery
		r.mu.Unlock()
		if !due {
			continue
		}
		c.giveWay(ctx)
		if err := c.refresh(ctx, r); err != nil {
			c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
			if errors.Is(err, drive.ErrGone) {
				return
			}
		}
	}
	c.saveSummaries(ctx)
}

// Who lists folders of the mount goes before looks at rolls, which cost him the drive and
// a core; but no roll waits for longer than mostWay.
const (
	inUse   = 50 * time.Millisecond // after a request
	mostWay = 300 * time.Millisecond
)

// Used says that somebody lists folders at this moment.
func (c *Catalog) Used() { c.used.Store(time.Now().UnixNano()) }

// giveWay waits while somebody does.
func (c *Catalog) giveWay(ctx context.Context) {
	began := time.Now()
	for now := began; now.Sub(began) < mostWay && now.UnixNano()-c.used.Load() < int64(inUse); now = time.Now() {
		if sleep(ctx, inUse/5) != nil {
			return
		}
	}
}

// checkManifests looks at the files that say what a roll should hold: a few a roll.
func (c *Catalog) checkManifests(r *rollState) {
	r.mu.Lock()
	if r.inv == nil || r.dirty {
		r.mu.Unlock()
		return
	}
	type seen struct {
		path string
		look look
	}
	var list []seen
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		if e.there && mhl.IsManifestFile(e.item.Path) {
			list = append(list, seen{e.item.Path, e.look})
		}
	}
	r.mu.Unlock()
	for _, s := range list {
		info, err := r.drive.handle().Stat(joinPath(r.found.Path, s.path))
		if err != nil || lookOf(info) != s.look {
			r.mu.Lock()
			r.dirty = true
			r.mu.Unlock()
			return
		}
	}
}

// watch has the kernel tell what changes, where it does.
func (c *Catalog) watch(ctx context.Context, ds *driveState) error {
	for ctx.Err() == nil {
		d := ds.handle()
		err := d.Watch(ctx, func(covers bool) {
			c.mu.Lock()
			ds.watched = covers
			c.mu.Unlock()
			// What changed before the watch was there is found by a look.
			for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
				r.mu.Lock()
				r.dirty = r.dirty || r.looking || !r.lookedAt.IsZero() && c.now().Sub(r.lookedAt) < time.Second
				r.mu.Unlock()
			}
		}, func(folder string) { c.changedIn(ds, folder) })
		c.mu.Lock()
		ds.watched = false
		c.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			c.log.Debug("watching a drive", "drive", ds.dir, "error", err)
		}
		for ctx.Err() == nil && ds.handle() == d {
			if sleep(ctx, tickEvery) != nil {
				break
			}
		}
	}
	return ctx.Err()
}

// OnChange has fn called with the folder in which something changed, as soon as a watch
// tells; "." where anything may have.
func (c *Catalog) OnChange(fn func(d DriveID, folder string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onChange = append(c.onChange, fn)
}

// changedIn marks what a change in a folder may concern.
func (c *Catalog) changedIn(ds *driveState, folder string) {
	inRoll := false
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		_, in := relativeTo(r.found.Path, folder)
		_, above := relativeTo(folder, r.found.Path)
		if in || above {
			r.mu.Lock()
			r.dirty = true
			r.mu.Unlock()
		}
		inRoll = inRoll || in && folder != r.found.Path
	}
	c.mu.Lock()
	if !inRoll {
		ds.stale = true
	}
	listeners := c.onChange
	c.mu.Unlock()
	for _, fn := range listeners {
		fn(ds.id, folder)
	}
}
