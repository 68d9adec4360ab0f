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
	if p.wide.gains(j) {
		p.widen(true)
	}
	p.mu.Lock()
	p.next++
	t := ticket{Job: j, number: p.next}
	p.out[t.number] = j
	p.mu.Unlock()
	return p.queue.push(ctx, t)
}

// finish hands results over that a group's first tickets have come to.
func (p *pool) finish(group []ticket, results []Result) {
	p.giving.Lock()
	defer p.giving.Unlock()
	for i := range results {
		p.give(group[i].number, results[i])
	}
}

// give hands a result over, unless its job was given up. An error that concerns the
// whole drive ends the run. The caller holds giving.
func (p *pool) give(number int64, r Result) {
	p.mu.Lock()
	_, open := p.out[number]
	delete(p.out, number)
	p.mu.Unlock()
	if !open {
		return
	}
	if err := p.done(r); err != nil {
		p.cancel(err)
	}
	if errors.Is(r.Err, drive.ErrGone) {
		p.cancel(fmt.Errorf("reading %s: %w", r.Path, drive.ErrGone))
	}
}

// giveUp gives up all jobs that have no result yet, in the order in which they came.
func (p *pool) giveUp(err error) {
	p.giving.Lock()
	defer p.giving.Unlock()
	p.mu.Lock()
	open := maps.Clone(p.out)
	p.mu.Unlock()
	for _, number := range slices.Sorted(maps.Keys(open)) {
		p.give(number, Result{Job: open[number], Err: err, At: time.Now()})
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
		if rd.group = p.queue.try(rd.group); len(rd.group) == 0 {
			rd.turn.end()
			rd.group = p.queue.take(ctx, rd.group)
		}
		if len(rd.group) == 0 {
			return
		}
		rd.readGroup(ctx)
		p.queue.done(rd.group[0])
		p.finish(rd.group, rd.results)
	}
}
