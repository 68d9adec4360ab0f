package verify

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A limit is kept on the average, whatever the size of the blocks, and not saved up.
func TestGateKeepsTheLimit(t *testing.T) {
	g := &gate{limit: 1000}
	start := time.Now()
	now, bytes := start, 0
	for _, n := range []int{500, 1, 2000, 0, 499, 1000} {
		for {
			p, wait := g.ask(now)
			if wait <= 0 {
				g.passed(p, now, n)
				bytes += n
				break
			}
			now = now.Add(wait)
		}
	}
	if took := now.Sub(start); bytes != 4000 || took != 3*time.Second {
		t.Errorf("%d bytes in %v, want 4000 with the last 1000 begun after 3s", bytes, took)
	}
	now = now.Add(time.Hour) // nothing was read
	p, _ := g.ask(now)
	g.passed(p, now, 1000)
	if _, wait := g.ask(now); wait != time.Second {
		t.Errorf("after an hour's rest the wait is %v, want 1s", wait)
	}
	if got := len(g.portion(make([]byte, 1<<20))); got != 64<<10 {
		t.Errorf("a portion has %d bytes", got)
	}
	if got := len((&gate{}).portion(make([]byte, 1<<20))); got != 1<<20 {
		t.Errorf("without a limit a portion has %d bytes", got)
	}
}

// While others use the device a block gets through now and then, one at a time.
func TestGateStandsBack(t *testing.T) {
	g, now := &gate{}, time.Now()
	if _, wait := g.ask(now); wait > 0 {
		t.Fatalf("nobody is there, wait is %v", wait)
	}
	var got []time.Duration
	start := now
	for ; now.Sub(start) < 20*time.Second; now = now.Add(sampleEvery) {
		g.others(now)
		p, wait := g.ask(now)
		if wait > 0 {
			continue
		}
		got = append(got, now.Sub(start))
		if _, wait := g.ask(now); wait <= 0 {
			t.Error("a second block gets through at once")
		}
		// The device is slow: a block takes 200 ms.
		g.passed(p, now.Add(200*time.Millisecond), 1<<20)
	}
	if len(got) != 3 || got[0] != trickleEvery || got[1] < 10*time.Second {
		t.Errorf("blocks got through at %v", got)
	}
	if _, wait := g.ask(now.Add(standBack)); wait > 0 {
		t.Errorf("others have gone, wait is %v", wait)
	}
}

func TestGatePassEnds(t *testing.T) {
	g := &gate{limit: 1}
	g.next = time.Now().Add(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := g.pass(ctx, &lease{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if _, err := g.pass(t.Context(), &lease{fd: -1, lost: true}); !errors.Is(err, ErrHeldOpen) {
		t.Errorf("got error %v, want ErrHeldOpen", err)
	}
}
