package verify

import (
	"context"
	"sync/atomic"
	"time"
)

// turns is how many readers read at once; who waits gets in in the order of coming.
type turns struct {
	// slice is how long a reader may go on while others wait: one huge file must not starve
	// the rest, and a rotating disk must not be sent to and fro between two files.
	slice   time.Duration
	taken   chan struct{} // has room for as many as ever
	n       int
	waiting atomic.Int32
}

func newTurns(n int) *turns {
	t := &turns{slice: 5 * time.Second, taken: make(chan struct{}, max(n, wideReaders)), n: n}
	for range cap(t.taken) - n {
		t.taken <- struct{}{}
	}
	return t
}

// more gives n more turns, wideReaders in all at most.
func (t *turns) more(n int) {
	t.n += n
	for range n {
		<-t.taken
	}
}

// turn is one reader's.
type turn struct {
	*turns
	held  bool
	since time.Time
}

// begin waits for a turn, unless the reader has one.
func (t *turn) begin(ctx context.Context) error {
	if t.held {
		return t.goOn(ctx)
	}
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	t.held, t.since = true, time.Now()
	return nil
}

// end gives the turn up, if the reader has one.
func (t *turn) end() {
	if t.held {
		t.held = false
		<-t.taken
	}
}

// goOn lets others have their turn after a slice of time. It ends with ctx's error.
func (t *turn) goOn(ctx context.Context) error {
	if t.waiting.Load() == 0 || time.Since(t.since) < t.slice {
		return context.Cause(ctx)
	}
	t.end()
	return t.begin(ctx)
}

// pause gives the turn up for a while.
func (t *turn) pause(ctx context.Context, wait time.Duration) error {
	t.end()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
	}
	return t.begin(ctx)
}
