package catalog

import (
	"context"
	"errors"
	"sync"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

const pollEvery = 500 * time.Millisecond

// Background is what a catalog does for a live mount, beside answering: it keeps what is
// known of the drives current and, where it is told to, verifies.
type Background struct {
	c      *Catalog
	ctx    context.Context
	stop   context.CancelFunc
	looked chan struct{} // closed when the first looks are done, or were waited for long enough
	work   sync.WaitGroup
}

// Start begins to keep everything current: rolls and manifests that come, change or go are
// looked for, inventories are taken, and what other processes store is taken over. It goes on
// until ctx ends or Stop is called, the sooner of the two.
func (c *Catalog) Start(ctx context.Context) *Background {
	b := &Background{c: c, looked: make(chan struct{})}
	b.ctx, b.stop = context.WithCancel(ctx)
	for _, ds := range c.driveStates() {
		// The watch first: of a change between the first look and the watch nobody would tell.
		b.work.Go(func() { _ = c.watch(b.ctx, ds) })
		b.work.Go(func() { _ = c.keep(b.ctx, ds) })
	}
	b.work.Go(func() {
		err := c.awaitFirstLook(b.ctx)
		close(b.looked)
		if err == nil {
			_ = c.follow(b.ctx)
		}
	})
	return b
}

// AwaitFirstLooks returns when all rolls were looked at, or after a moment where that takes
// long, as of a drive with thousands of rolls. It is false where the work was stopped before.
func (b *Background) AwaitFirstLooks() bool {
	<-b.looked
	return b.ctx.Err() == nil
}

// Verify begins to read what is pending on the drives, after the first looks. It is called
// once at most, and not after Stop.
func (b *Background) Verify(o VerifyOptions) {
	for _, ds := range b.c.driveStates() {
		b.work.Go(func() {
			if b.AwaitFirstLooks() {
				_ = b.c.readAll(b.ctx, ds, o)
			}
		})
	}
}

// Stop ends the work and returns when nothing of it runs any more and what was read is
// stored. It may be called more than once.
func (b *Background) Stop() {
	b.stop()
	b.work.Wait()
}

// follow takes over what other processes store, stores summaries, and notices what waits
// for a look too long. It asks no drive anything: one that hangs must not keep it.
func (c *Catalog) follow(ctx context.Context) error {
	for {
		if err := sleep(ctx, pollEvery); err != nil {
			return err
		}
		c.doubtOverdue()
		c.mend(ctx)
		c.saveSummaries(ctx)
		if !c.store.Changed(ctx) {
			continue
		}
		for _, ds := range c.driveStates() {
			c.catchUp(ctx, ds)
		}
	}
}

// doubtOverdue has the rolls that wait for a look for too long shown as pending.
func (c *Catalog) doubtOverdue() {
	shown := false
	for _, r := range c.states(Filter{}) {
		shown = r.doubtOverdue(c.now()) || shown
	}
	if shown {
		c.bump()
	}
}

// catchUp has the rolls looked at of which another process stored something.
func (c *Catalog) catchUp(ctx context.Context, ds *driveState) {
	revisions := c.store.Revisions(ctx, ds.fsID, ds.fs.Prefix)
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		if rev, known := revisions[r.row()]; known && r.isBehind(rev) {
			c.tell(r)
		}
	}
}

// rescan looks at the drive's structure again.
func (c *Catalog) rescan(ctx context.Context, ds *driveState) {
	ds.scanning.Lock()
	defer ds.scanning.Unlock()
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
	if r.inv == nil || r.fresh.State != roll.Current {
		r.mu.Unlock()
		return
	}
	type seen struct {
		path string
		look roll.Look
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
		info, err := r.drive.handle().Stat(drive.Join(r.found.Path, s.path))
		if err != nil || roll.LookOf(info) != s.look {
			c.tell(r)
			return
		}
	}
}

// watch has the kernel tell what changes, where it does.
func (c *Catalog) watch(ctx context.Context, ds *driveState) error {
	for ctx.Err() == nil {
		d := ds.handle()
		err := d.Watch(ctx, func(covers, byFile bool) {
			c.setWatched(ds, covers, byFile)
			c.tellAll(ds) // what changed before the watch was there is found by a look
		}, func(ch drive.Change) { c.changed(ds, ch) })
		c.setWatched(ds, false, false)
		c.tellAll(ds) // or what changed since the watch was lost would not be seen for long
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

// tellAll has everything of a drive looked at again.
func (c *Catalog) tellAll(ds *driveState) {
	c.mu.Lock()
	ds.stale = true
	c.mu.Unlock()
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		r.happened(roll.Told, c.now())
	}
	ds.wakeKeeper()
}

func (c *Catalog) setWatched(ds *driveState, covers, byFile bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ds.watched, ds.byFile = covers, byFile
}

// OnChange has fn called with the folder in which something changed, as soon as a watch
// tells; "." where anything may have.
func (c *Catalog) OnChange(fn func(d DriveID, folder string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onChange = append(c.onChange, fn)
}

// changed takes what a watch tells.
func (c *Catalog) changed(ds *driveState, ch drive.Change) {
	if ch.Folder != "" {
		c.changedIn(ds, ch.Folder)
	}
	if len(ch.Files) > 0 {
		c.changedFiles(ds, ch.Files)
	}
}

// changedIn marks what a change in a folder may concern.
func (c *Catalog) changedIn(ds *driveState, folder string) {
	inRoll := false
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		_, in := drive.Relative(r.found.Path, folder)
		_, above := drive.Relative(folder, r.found.Path)
		if in || above {
			r.happened(roll.Told, c.now())
		}
		inRoll = inRoll || in && folder != r.found.Path
	}
	if !inRoll {
		c.mu.Lock()
		ds.stale = true
		c.mu.Unlock()
	}
	ds.wakeKeeper()
	c.tellListeners(ds, folder)
}

// changedFiles marks the rolls in which files lie that were changed by another name than
// the one they have there.
func (c *Catalog) changedFiles(ds *driveState, inodes []uint64) {
	for _, r := range c.states(Filter{Drives: []DriveID{ds.id}}) {
		if r.mayHave(inodes) {
			c.tell(r)
			c.tellFolders(r)
		}
	}
}

// tellFolders tells the listeners of the folders in which files lie of which only the inode
// number was told, once an inventory says where that is.
func (c *Catalog) tellFolders(r *rollState) {
	for _, folder := range r.takeTold() {
		c.tellListeners(r.drive, drive.Join(r.found.Path, folder))
	}
}

func (c *Catalog) tellListeners(ds *driveState, folder string) {
	c.mu.Lock()
	listeners := c.onChange
	c.mu.Unlock()
	for _, fn := range listeners {
		fn(ds.id, folder)
	}
}
