package catalog

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
	"footagefs/verify"
	"footagefs/verify/finding"
)

// Verify looks at the selected rolls and reads what is not known of them, all drives at
// once. It ends when nothing more can be read; what another process is reading is waited
// for. Findings tells what came of it, Unfinished what is left.
func (c *Catalog) Verify(ctx context.Context, f Filter, o VerifyOptions) error {
	began := c.now()
	if err := c.Inventory(ctx, f); err != nil {
		return err
	}
	stop := c.showProgress(f, o)
	defer stop()
	for {
		known := map[*rollState]bool{}
		for _, r := range c.states(f) {
			known[r] = true
		}
		g, reading := errgroup.WithContext(ctx)
		for _, ds := range c.driveStates() {
			g.Go(func() error { return c.verifyDrive(reading, ds, f, o) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		c.LookAgain(ctx, f, began)
		came := slices.ContainsFunc(c.states(f), func(r *rollState) bool { return !known[r] })
		if !came || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// watchDelay is how long a watch takes to tell of a change, generously.
const watchDelay = 300 * time.Millisecond

// LookAgain looks at the selected rolls once more before something is concluded from them:
// directory hashes can be compared now, reading may have taken hours, and what was read may
// have changed since, or rolls have come that nobody knows of yet. It reads no footage. A
// drive that hangs is left as it is known. Where nothing tells of changes, no look counts
// from before since: that is when whoever wants to know began to ask.
func (c *Catalog) LookAgain(ctx context.Context, f Filter, since time.Time) {
	for _, ds := range c.driveStates() {
		if watched, _ := c.coverage(ds); watched {
			_ = sleep(ctx, watchDelay)
			break
		}
	}
	c.rescanAll(ctx, f)
	for _, r := range c.states(f) {
		if ctx.Err() != nil || c.isOffline(r.drive) || r.drive.pulse.hangs() || !c.mayBeOther(r, since) {
			continue
		}
		if err := c.refresh(ctx, r); err != nil {
			c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
		}
	}
	c.saveSummaries(ctx)
}

// rescanAll looks at the structure of the selected rolls' drives, all at once.
func (c *Catalog) rescanAll(ctx context.Context, f Filter) {
	c.askDrives(ctx, f, func(ds *driveState) {
		if c.isOffline(ds) || ds.pulse.hangs() {
			return
		}
		ds.pulse.begin() // a scan does not tell whether the drive answers, so it is asked first
		_, err := ds.handle().Stat(".")
		ds.pulse.end()
		if err == nil {
			c.rescan(ctx, ds)
		}
	})
}

// mayBeOther is true where a roll may have changed since it was looked at: where that was
// told, and where nothing would tell and a look at its files and folders finds it so.
func (c *Catalog) mayBeOther(r *rollState, since time.Time) bool {
	watched, byFile := c.coverage(r.drive)
	read := r.readInThisRun()
	r.mu.Lock()
	// Of a look that is under way nobody knows whether it saw what was told before it began.
	due, old := r.fresh.Due() || r.fresh.State == roll.Looking, r.fresh.OlderThan(since) || c.now().Sub(r.fresh.AsOf) > freshFor
	covered := watched && byFile // else a file may have got another name since, and have changed by that
	r.mu.Unlock()
	return due || (read || old && !covered) && !r.sameAgain()
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
		wait := rd.heldBack()
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
		if why, do := c.unfinished(r); why != "" {
			list = append(list, r.place(finding.New(finding.NotVerified, r.found.Path, "not verified: "+why).Doing(do)))
		}
	}
	sortFindings(list)
	return list
}

// unfinished says why something of a roll is still to be read, "" where nothing is, and what
// to do.
func (c *Catalog) unfinished(r *rollState) (why, do string) {
	again := finding.Of(finding.NotVerified).Do
	offline := c.isOffline(r.drive)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch why = r.heldBack(); {
	case offline:
		return "its drive is not here", "plug it in and verify again"
	case r.failed != nil, r.sum.Status == RollUnreadable && !r.sum.Counts.Known:
		return "", "" // that is a finding of its own
	case r.fresh.AsOf.IsZero():
		return "it was stopped before the roll was looked at", again
	case r.sum.Status == RollUnverified && r.sum.Covered:
		return "its manifest records no checksum to compare with", "have the manifest made again"
	case why != "":
		return why, "verify again when that is over"
	case r.sum.Counts.Known && r.sum.Counts.Pending == 0:
		return "", ""
	}
	return "it was stopped before all files were read", again
}

// heldBack tells of the first file that could not be read properly: one that is not
// verified, or was to be read again; or that changed since it was read. The caller holds
// r.mu.
func (r *rollState) heldBack() string {
	if r.inv == nil {
		return ""
	}
	quiet := r.sum.Counts.Known && r.sum.Counts.Pending == 0
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		if quiet && e.hold == "" {
			continue // nothing is said of it below
		}
		switch v := r.inv.judge(r, e, e.look, e.there); {
		case !e.there:
		case v.status == verify.Pending && e.hold != "",
			v.status == verify.Verified && e.hold != "" && v.obs.ReadAt < e.heldAt.UnixNano():
			return e.item.Path + ": " + e.hold
		case v.status == verify.Pending && e.obs != nil:
			return e.item.Path + ": it changed after it was read"
		}
	}
	return ""
}
