package verify

import (
	"context"
	"testing"
	"time"
)

// However many large files there are, one reader is left for the others.
func TestQueueKeepsAReaderForSmallFiles(t *testing.T) {
	q := newQueue(2) // three readers
	ctx, cancel := context.WithCancel(t.Context())
	push := func(size int64) {
		t.Helper()
		if !q.push(ctx, ticket{Job: Job{Size: size}}) {
			t.Fatal("push says that ctx has ended")
		}
	}
	push(large)
	push(large)
	push(large + 1)
	push(1)
	var taken []int64
	for {
		got, ok := q.try()
		if !ok {
			break
		}
		taken = append(taken, got.Size)
	}
	if len(taken) != 3 || taken[2] != 1 {
		t.Errorf("got sizes %v, want two large ones and the small one", taken)
	}
	push(2)
	if got, ok := q.take(ctx); !ok || got.Size != 2 {
		t.Errorf("got %d, want the second small one", got.Size)
	}
	q.done(ticket{Job: Job{Size: 1}})
	if _, ok := q.try(); ok {
		t.Error("the third large one is given out before one is done")
	}
	q.end()
	time.AfterFunc(10*time.Millisecond, func() { q.done(ticket{Job: Job{Size: large}}) })
	if got, ok := q.take(ctx); !ok || got.Size != large+1 {
		t.Errorf("got %d, %t, want the third large one", got.Size, ok)
	}
	if _, ok := q.take(ctx); ok {
		t.Error("there is more than was pushed")
	}
	cancel()
	if q.push(ctx, ticket{}) {
		t.Error("something is pushed after the end")
	}
}

func TestQueueIsShort(t *testing.T) {
	q := newQueue(2)
	for range 3 {
		q.push(t.Context(), ticket{Job: Job{Size: smallSize}})
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if q.push(ctx, ticket{Job: Job{Size: smallSize}}) {
		t.Error("a fourth job waits for three readers")
	}
	time.AfterFunc(10*time.Millisecond, func() { q.try() })
	if !q.push(t.Context(), ticket{Job: Job{Size: smallSize}}) {
		t.Error("there is no room after one was taken")
	}
}

// Whoever waits for room for a small file gets it before the readers run out of work.
func TestQueueOfSmallFilesIsLonger(t *testing.T) {
	q := newQueue(2)
	for range manyJobs {
		q.push(t.Context(), ticket{})
	}
	pushed := make(chan bool)
	go func() { pushed <- q.push(t.Context(), ticket{}) }()
	for range manyJobs / 2 {
		if _, ok := q.try(); !ok {
			t.Fatal("too few jobs")
		}
	}
	if !<-pushed {
		t.Error("there is no room")
	}
}
