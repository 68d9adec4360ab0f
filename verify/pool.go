package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"footagefs/verify/drive"
)

// push hands a job to the readers; false says that the run has ended. The job has a
// result to come in either case.
func (p *pool) push(ctx context.Context, j Job) bool {
	p.mu.Lock()
	p.next++
	t := ticket{Job: j, number: p.next}
	p.out[t.number] = j
	p.mu.Unlock()
	return p.queue.push(ctx, t)
}

// finish hands a result over, unless its job was given up. An error that concerns the
// whole drive ends the run.
func (p *pool) finish(number int64, r Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, open := p.out[number]; !open {
		return
	}
	delete(p.out, number)
	if err := p.done(r); err != nil {
		p.cancel(err)
	}
	if errors.Is(r.Err, drive.ErrGone) {
		p.cancel(fmt.Errorf("reading %s: %w", r.Path, drive.ErrGone))
	}
}

// give gives up all jobs that have no result yet, in the order in which they came.
func (p *pool) give(err error) {
	p.mu.Lock()
	open := slices.Sorted(maps.Keys(p.out))
	p.mu.Unlock()
	for _, number := range open {
		p.mu.Lock()
		j := p.out[number]
		p.mu.Unlock()
		p.finish(number, Result{Job: j, Err: err, At: time.Now()})
	}
}

// work reads one file after the other. A turn is kept from file to file while it lasts.
func (p *pool) work(ctx context.Context) {
	rd := &reader{pool: p, turn: turn{turns: p.turns}}
	defer rd.turn.end()
	if p.o.Polite {
		defer p.gate.count(lowerPriority())() // of this goroutine's thread, which ends with it
	}
	for {
		t, ok := p.queue.try()
		if !ok {
			rd.turn.end()
			t, ok = p.queue.take(ctx)
		}
		if !ok {
			return
		}
		r := Result{Job: t.Job}
		r.Info, r.Sums, r.Err = rd.read(ctx, t.Job)
		r.At = time.Now()
		p.queue.done(t)
		p.finish(t.number, r)
	}
}
