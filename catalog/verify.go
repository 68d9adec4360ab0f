package catalog

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Verify looks at the selected rolls and reads what is not known of them, all drives at
// once. It ends when nothing more can be read; what another process is reading is waited
// for. Findings tells what came of it, Unfinished what is left.
func (c *Catalog) Verify(ctx context.Context, f Filter, o VerifyOptions) error {
	if err := c.Inventory(ctx, f); err != nil {
		return err
	}
	stop := c.showProgress(f, o)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	for _, ds := range c.driveStates() {
		g.Go(func() error { return c.verifyDrive(ctx, ds, f, o) })
	}
	err := g.Wait()
	if err != nil {
		return err
	}
	// Directory hashes, and what changed meanwhile.
	for _, r := range c.states(f) {
		r.mu.Lock()
		dirty := r.dirty
		r.mu.Unlock()
		if dirty && !c.isOffline(r.drive) {
			if err := c.refresh(ctx, r); err != nil {
				c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
			}
		}
	}
	c.saveSummaries(ctx)
	return nil
}

func (c *Catalog) driveStates() []*driveState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drives
}

// sharePoll is how often a run that waits for another process looks what that has stored.
const sharePoll = 300 * time.Millisecond

func (c *Catalog) verifyDrive(ctx context.Context, ds *driveState, f Filter, o VerifyOptions) error {
	since := c.now()
	for {
		rd := c.newReading(ds, f, o, true)
		rd.since = since
		read, shared, err := rd.run(ctx)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := c.heldBack(ds, f)
		switch {
		case c.isOffline(ds):
			return nil
		case shared:
			wait = sharePoll
		case wait == 0 && read == 0:
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if shared {
			c.catchUp(ctx, ds)
		}
	}
}

// heldBack is how long to wait until a file that could not be read properly may be tried
// again; 0 where none is left to try.
func (c *Catalog) heldBack(ds *driveState, f Filter) time.Duration {
	f.Drives = []DriveID{ds.id}
	now := c.now()
	var wait time.Duration
	for _, r := range c.states(f) {
		r.mu.Lock()
		if r.inv != nil {
			for i := range r.inv.entries {
				e := &r.inv.entries[i]
				if e.hold == "" || e.tries >= maxTries || !e.there {
					continue
				}
				left := max(e.notBefore.Sub(now), 10*time.Millisecond)
				if wait == 0 || left < wait {
					wait = left
				}
			}
		}
		r.mu.Unlock()
	}
	return wait
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// showProgress calls the options' Progress a few times a second until it is stopped.
func (c *Catalog) showProgress(f Filter, o VerifyOptions) (stop func()) {
	if o.Progress == nil {
		return func() {}
	}
	startBytes, startFiles := c.active.bytes.Load(), c.active.files.Load()
	total, files := c.left(f)
	if o.Force {
		total, files = 0, 0
		for _, r := range c.Rolls(f) {
			total += r.Counts.Size
			files += r.Counts.Found
		}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	show := func() {
		_, current := c.active.now()
		p := Progress{
			BytesDone: c.active.bytes.Load() - startBytes, FilesDone: int(c.active.files.Load() - startFiles),
			Current: current,
		}
		// The whole job, or what turned out to be more: the display never runs past its end.
		p.BytesTotal, p.FilesTotal = max(total, p.BytesDone), max(files, p.FilesDone)
		o.Progress(p)
	}
	wg.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			show()
			select {
			case <-done:
				show()
				return
			case <-tick.C:
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// Unfinished are the findings about rolls of which something is still to be read, and why.
func (c *Catalog) Unfinished(f Filter) []Finding {
	var list []Finding
	for _, r := range c.states(f) {
		if why := c.unfinished(r); why != "" {
			list = append(list, r.finding(Error, "not-verified", r.found.Path, r.found.Path+": not verified: "+why))
		}
	}
	sortFindings(list)
	return list
}

func (c *Catalog) unfinished(r *rollState) string {
	offline := c.isOffline(r.drive)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case offline || r.gone:
		return "its drive is not here; plug it in and verify again"
	case r.lookedAt.IsZero():
		return "it was stopped before the roll was looked at; verify again"
	case r.sum.Status == RollUnverified && r.sum.Covered:
		return "its manifest records no checksum to compare with; have the manifest made again"
	case r.sum.Counts.Known && r.sum.Counts.Pending == 0:
		return ""
	}
	if r.inv != nil {
		for i := range r.inv.entries {
			if e := &r.inv.entries[i]; e.hold != "" {
				return e.item.Path + ": " + e.hold + "; verify again when that is over"
			}
		}
	}
	return "it was stopped before all files were read; verify again"
}
