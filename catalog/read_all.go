package catalog

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// readAll verifies what is pending on a drive, again and again.
func (c *Catalog) readAll(ctx context.Context, ds *driveState, o VerifyOptions) error {
	recheck := o.Recheck
	since := c.now()
	for {
		if err := c.untilResumed(ctx); err != nil {
			return err
		}
		version := c.Version()
		o.Recheck = recheck
		rd := c.newReading(ds, Filter{}, o, false)
		if recheck {
			rd.since = since
		}
		read, _, err := c.readUnlessPaused(ctx, rd)
		if err != nil && !errors.Is(err, context.Canceled) { // which is what Pause does
			c.log.Warn("verifying", "drive", ds.dir, "error", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if read > 0 {
			continue
		}
		// Until something changes, or a file that was held back may be tried again.
		quiet, cancel := context.WithTimeout(ctx, 5*time.Second)
		c.Wait(quiet, version)
		cancel()
		if err := sleep(ctx, flushEvery); err != nil {
			return err
		}
	}
}

func (c *Catalog) untilResumed(ctx context.Context) error {
	c.mu.Lock()
	paused, resumed := c.paused, c.resumed
	c.mu.Unlock()
	if !paused {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-resumed:
		return nil
	}
}

// readUnlessPaused reads until there is nothing left, or Pause is called.
func (c *Catalog) readUnlessPaused(ctx context.Context, rd *reading) (int64, bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	paused, pausing := c.paused, c.pausing
	c.mu.Unlock()
	if paused {
		return 0, false, nil
	}
	done := make(chan struct{})
	var waiter errgroup.Group
	waiter.Go(func() error {
		select {
		case <-pausing:
			cancel()
		case <-done:
		}
		return nil
	})
	read, shared, err := rd.run(ctx)
	close(done)
	waiter.Wait()
	return read, shared, err
}
