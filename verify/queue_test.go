package verify

import (
	"context"
	"slices"
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
		group := q.try(nil)
		if len(group) == 0 {
			break
		}
		for _, got := range group {
			taken = append(taken, got.Size)
		}
	}
	if len(taken) != 3 || taken[2] != 1 {
		t.Errorf("got sizes %v, want two large ones and the small one", taken)
	}
	push(2)
	if got := q.take(ctx, nil); len(got) != 1 || got[0].Size != 2 {
		t.Errorf("got %v, want the second small one", got)
	}
	q.done(ticket{Job: Job{Size: 1}})
	if got := q.try(nil); len(got) > 0 {
		t.Error("the third large one is given out before one is done")
	}
	q.end()
	time.AfterFunc(10*time.Millisecond, func() { q.done(ticket{Job: Job{Size: large}}) })
	if got := q.take(ctx, nil); len(got) != 1 || got[0].Size != large+1 {
		t.Errorf("got %v, want the third large one", got)
	}
	if got := q.take(ctx, nil); len(got) > 0 {
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
	time.AfterFunc(10*time.Millisecond, func() { q.try(nil) })
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
	for taken := 0; taken < manyJobs/2; {
		group := q.try(nil)
		if len(group) == 0 {
			t.Fatal("too few jobs")
		}
		taken += len(group)
	}
	if !<-pushed {
		t.Error("there is no room")
	}
}

// Small files of one folder are taken together; of few, some are left to the others.
func TestQueueGivesSmallFilesTogether(t *testing.T) {
	q := newQueue(2)
	for i := range 60 {
		job := Job{Path: "a/clip"}
		if i >= 50 {
			job.Path = "b/clip"
		}
		q.push(t.Context(), ticket{Job: job, number: int64(i)})
	}
	var sizes []int
	var group []ticket
	for next := int64(0); ; {
		if group = q.try(group); len(group) == 0 {
			break
		}
		for _, got := range group {
			if got.number != next || folderOf(got.Path) != folderOf(group[0].Path) {
				t.Fatalf("got %v, want number %d next, of one folder", group, next)
			}
			next++
		}
		sizes = append(sizes, len(group))
	}
	if want := []int{16, 15, 10, 7, 2, 4, 3, 2, 1}; !slices.Equal(sizes, want) {
		t.Errorf("got groups of %v, want %v", sizes, want)
	}
}

// Whoever waits with a large file is told when one is taken, and small ones behind it come.
func TestQueueTellsThatALargeOneWasTaken(t *testing.T) {
	q := newQueue(2) // three readers
	for range 3 {
		q.push(t.Context(), ticket{Job: Job{Size: large}})
	}
	pushed := make(chan bool, 1)
	go func() {
		q.push(t.Context(), ticket{Job: Job{Size: large}})
		q.push(t.Context(), ticket{Job: Job{Size: 1}})
		pushed <- true
	}()
	time.Sleep(50 * time.Millisecond)
	if got := q.try(nil); len(got) != 1 {
		t.Fatal(got)
	}
	select {
	case <-pushed:
	case <-time.After(10 * time.Second):
		t.Error("there is room, and the one who waits for it was not told")
	}
}
