package verify

import (
	"context"
	"sync"
)

// ticket is a job with the number that its result is asked for by.
type ticket struct {
	Job
	number int64
}

// large is a size in bytes from which a file takes minutes. Never are all readers busy
// with such files while smaller ones wait.
const large = 64 << 30

// Jobs wait in the queue for their reader: no more than there are readers, so that whoever
// makes them decides late; but more of small ones, of which none waits for long, so that
// whoever makes them and who reads them need not wait for each other all the time.
const (
	manyJobs  = 128
	fewBytes  = 16 << 20
	smallSize = fewBytes / manyJobs
)

// queue is where readers take jobs from. Large files wait apart while all but one of the
// readers have one.
type queue struct {
	readers int

	mu     sync.Mutex
	change *sync.Cond // of anything below
	jobs   []ticket
	apart  []ticket // large ones
	busy   int      // large ones that are being read
	ended  bool
}

// newQueue is a queue for one reader more than n.
func newQueue(n int) *queue {
	q := &queue{readers: n + 1}
	q.change = sync.NewCond(&q.mu)
	return q
}

// push waits for room and adds a job; false says that ctx has ended.
func (q *queue) push(ctx context.Context, t ticket) bool {
	list, room := &q.jobs, q.readers
	switch {
	case t.Size >= large:
		list = &q.apart
	case t.Size < smallSize:
		room = max(room, manyJobs)
	}
	return q.wait(ctx, func() bool {
		if len(*list) >= room {
			return false
		}
		*list = append(*list, t)
		q.change.Broadcast()
		return true
	})
}

// end says that there are no more jobs.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.change.Broadcast()
}

// try takes a job if there is one.
func (q *queue) try() (t ticket, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pop()
}

// take waits for a job; false says that there are no more, or that ctx has ended.
func (q *queue) take(ctx context.Context) (t ticket, ok bool) {
	q.wait(ctx, func() bool {
		t, ok = q.pop()
		return ok || q.ended && len(q.jobs)+len(q.apart) == 0
	})
	return t, ok
}

// pop takes a job that may be read now. The caller holds mu.
func (q *queue) pop() (t ticket, ok bool) {
	list := &q.jobs
	if len(q.apart) > 0 && q.busy < q.readers-1 {
		list = &q.apart
		q.busy++
	}
	if len(*list) == 0 {
		return t, false
	}
	t, *list = (*list)[0], (*list)[1:]
	if n := len(q.jobs); n < q.readers || n == manyJobs/2 {
		q.change.Broadcast() // whoever waits for room; not for each job of many
	}
	return t, true
}

// done says that a job that was taken has been read.
func (q *queue) done(t ticket) {
	if t.Size < large {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	q.change.Broadcast()
}

// wait waits until ready, which is called with mu held, is true; false says that ctx has
// ended first.
func (q *queue) wait(ctx context.Context, ready func() bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ctx.Err() == nil && ready() {
		return true
	}
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock() // or a waiter that is about to wait would miss it
		defer q.mu.Unlock()
		q.change.Broadcast()
	})
	defer stop()
	for ctx.Err() == nil {
		q.change.Wait()
		if ctx.Err() == nil && ready() {
			return true
		}
	}
	return false
}
