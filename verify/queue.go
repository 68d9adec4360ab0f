package verify

import (
	"context"
	"slices"
	"strings"
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

// groupSize is how many small files of one folder a reader takes at once: handing each over
// would cost as much as reading it. On a slow drive that is a few seconds' work at most.
const groupSize = 16

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

// more lets n more readers take jobs.
func (q *queue) more(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.readers += n
	q.change.Broadcast()
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

// try takes jobs that are read together, if there are any, into a group that is used again.
func (q *queue) try(group []ticket) []ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pop(group[:0])
}

// take waits for jobs; none says that there are no more, or that ctx has ended.
func (q *queue) take(ctx context.Context, group []ticket) []ticket {
	q.wait(ctx, func() bool {
		group = q.pop(group[:0])
		return len(group) > 0 || q.ended && len(q.jobs)+len(q.apart) == 0
	})
	return group
}

// pop takes a job that may be read now, and small ones that follow it in the same folder;
// of few, no more than leave some to the other readers. The caller holds mu.
func (q *queue) pop(group []ticket) []ticket {
	if len(q.apart) > 0 && q.busy < q.readers-1 {
		q.busy++
		group = append(group, q.apart[0])
		q.apart = q.apart[1:]
		q.change.Broadcast() // whoever waits for room
		return group
	}
	before, most := len(q.jobs), min(groupSize, len(q.jobs)/q.readers+1)
	for len(q.jobs) > 0 && (len(group) == 0 || len(group) < most && together(&group[0].Job, &q.jobs[0].Job)) {
		group = append(group, q.jobs[0])
		q.jobs = q.jobs[1:]
	}
	now := len(q.jobs)
	if len(group) > 0 && (now < q.readers || before > manyJobs/2 && now <= manyJobs/2) {
		q.change.Broadcast() // whoever waits for room; not for each job of many
	}
	return group
}

// together is true for small files of one folder.
func together(a, b *Job) bool {
	return a.Size < smallSize && b.Size < smallSize && folderOf(a.Path) == folderOf(b.Path)
}

func folderOf(path string) string { return path[:strings.LastIndexByte(path, '/')+1] }

func nameOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// giveBack puts jobs back that were taken and not begun.
func (q *queue) giveBack(rest []ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = slices.Concat(rest, q.jobs)
	q.change.Broadcast()
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
