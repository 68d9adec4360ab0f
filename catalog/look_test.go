package catalog

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
)

// A first look waits for small drives, and for nothing that takes long.
func TestFirstLook(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
	c := s.open()
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	defer func() { cancel(); g.Wait() }()
	keep := func() { g.Go(func() error { return c.keep(ctx, c.driveStates()[0]) }) }
	keep()
	if err := c.awaitFirstLook(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Rolls(Filter{}) {
		if !r.Counts.Known {
			t.Errorf("%s was not looked at", r.Name)
		}
	}
	for _, r := range c.states(Filter{}) { // somebody looks at it and never ends
		r.refreshing.Lock()
		defer r.refreshing.Unlock()
		r.happened(roll.Returned, c.now())
	}
	began := time.Now()
	if err := c.awaitFirstLook(t.Context()); err != nil || time.Since(began) > 4*time.Second {
		t.Errorf("got %v after %v, want none after %v", err, time.Since(began), mostFirst)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := c.awaitFirstLook(ended); err == nil {
		t.Error("got no error of a context that ended")
	}
}
