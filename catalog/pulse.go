package catalog

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// pulse tells a drive that works from one that hangs: every look notes that it begins, that
// the drive answered, and that it ends.
type pulse struct {
	asking atomic.Int32
	answer atomic.Int64 // when the drive last answered, or was first asked since; ns since the epoch
}

// hangsAfter is how long a drive may take to answer before nobody waits for it who asks
// for all drives.
const hangsAfter = 3 * time.Second

// beatEvery is after how many files of a look it is noted that the drive answers.
const beatEvery = 256

var errHangs = errors.New("the drive does not answer")

func (p *pulse) begin() {
	if p.asking.Add(1) == 1 {
		p.beat()
	}
}

func (p *pulse) beat() { p.answer.Store(time.Now().UnixNano()) }

func (p *pulse) end() {
	p.beat()
	p.asking.Add(-1)
}

// hangs is true while the drive is asked and has not answered for too long.
func (p *pulse) hangs() bool {
	return p.asking.Load() > 0 && time.Now().UnixNano()-p.answer.Load() > int64(hangsAfter)
}

// Freshen makes what is known of the selected rolls as fresh as a look allows, all drives at
// once. A drive that hangs is left as it is known.
func (c *Catalog) Freshen(ctx context.Context, f Filter) {
	c.askDrives(ctx, f, func(ds *driveState) {
		sel := f
		sel.Drives = []DriveID{ds.id}
		g := new(errgroup.Group)
		g.SetLimit(atATime)
		for _, r := range c.states(sel) {
			g.Go(func() error {
				if err := c.current(ctx, r, false); err != nil {
					c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
				}
				return nil
			})
		}
		_ = g.Wait() // nothing returns an error
	})
	c.saveSummaries(ctx)
}

// askDrives calls ask with each of the selected rolls' drives, all at once, and waits until
// it returns, or for no longer than the drive answers.
func (c *Catalog) askDrives(ctx context.Context, f Filter, ask func(*driveState)) {
	var awaits []func()
	for _, ds := range c.driveStates() {
		if !contains(f.Drives, ds.id) {
			continue
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			ask(ds)
		}()
		awaits = append(awaits, func() { c.awaitUnlessHung(ctx, ds, done) })
	}
	for _, await := range awaits {
		await()
	}
}

// awaitUnlessHung waits until done is closed, or for no longer than the drive answers.
func (c *Catalog) awaitUnlessHung(ctx context.Context, ds *driveState, done <-chan struct{}) {
	tick := time.NewTicker(hangsAfter / 10)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			if ds.pulse.hangs() {
				return
			}
		}
	}
}
