package catalog

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// A first look waits for small drives, and for nothing that takes long.
func TestFirstLook(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
	c := s.open()
	var g errgroup.Group
	if err := c.firstLook(t.Context(), &g); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Rolls(Filter{}) {
		if !r.Counts.Known {
			t.Errorf("%s was not looked at", r.Name)
		}
	}
	for _, r := range c.states(Filter{}) { // somebody looks at it and never ends
		r.refreshing.Lock()
	}
	began := time.Now()
	if err := c.firstLook(t.Context(), &g); err != nil || time.Since(began) > 4*time.Second {
		t.Errorf("got %v after %v, want none after %v", err, time.Since(began), mostFirst)
	}
	for _, r := range c.states(Filter{}) {
		r.refreshing.Unlock()
	}
	g.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.firstLook(ctx, &g); err == nil {
		t.Error("got no error of a context that ended")
	}
}
