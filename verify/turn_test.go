package verify

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestTurnsPass(t *testing.T) {
	all := newTurns(1)
	a, b := turn{turns: all}, turn{turns: all}
	ctx := t.Context()
	if err := a.begin(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.goOn(ctx); err != nil || !a.held {
		t.Errorf("nobody waits: error %v, held %t", err, a.held)
	}
	got := make(chan error)
	go func() { got <- b.begin(ctx) }()
	for all.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := a.goOn(ctx); err != nil || !a.held {
		t.Errorf("within its slice: error %v, held %t", err, a.held)
	}
	a.since = a.since.Add(-all.slice)
	go func() { got <- a.goOn(ctx) }()
	if err := <-got; err != nil || !b.held { // a is given to b first
		t.Fatalf("error %v, held %t", err, b.held)
	}
	b.end()
	if err := <-got; err != nil || !a.held {
		t.Errorf("error %v, held %t", err, a.held)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.begin(ended); !errors.Is(err, context.Canceled) || b.held {
		t.Errorf("after the end: error %v, held %t", err, b.held)
	}
	if err := a.pause(ended, time.Hour); !errors.Is(err, context.Canceled) || a.held {
		t.Errorf("a pause after the end: error %v, held %t", err, a.held)
	}
	a.end()
	if len(all.taken) != cap(all.taken)-1 {
		t.Error("a turn is lost")
	}
}
