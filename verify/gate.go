package verify

import (
	"context"
	"math"
	"sync"
	"time"

	"footagefs/verify/drive"
)

const (
	// sampleEvery is how often it is looked at who uses the device.
	sampleEvery = 25 * time.Millisecond
	// standBack is how long readers wait after others used the device.
	standBack = 300 * time.Millisecond
	// noise is how many bytes of others in the last few samples are not worth standing back.
	noise = 64 << 10
	// politely is how many bytes a polite reader asks for at once: what it has asked for is
	// ahead of everybody else's next request.
	politely = 256 << 10
	// While others are busy one block is read now and then, because verification must
	// end some day: at most every trickleEvery, and for a trickleShare of the time.
	trickleEvery = 2 * time.Second
	trickleShare = 40
)

// gate says when a reader may read its next block: within the limit, and, where the run
// is polite, while others leave the device alone.
type gate struct {
	limit int64  // bytes a second; 0: none
	usage *usage // of the device; nil where nobody asks, or nothing is known of it

	mu      sync.Mutex
	next    time.Time // when the limit lets the next block through
	until   time.Time // others are busy until then
	trickle time.Time // when a block may be read all the same
}

func newGate(d *drive.Drive, o Options) *gate {
	g := &gate{limit: o.Limit}
	if o.Polite {
		g.usage = newUsage(d.FileSystem())
	}
	return g
}

// count makes a reader's thread known, by its number, until done is called.
func (g *gate) count(thread int) (done func()) {
	if g.usage == nil {
		return func() {}
	}
	return g.usage.count(thread)
}

// watch looks at who uses the device until ctx ends.
func (g *gate) watch(ctx context.Context) {
	if g.usage == nil {
		return
	}
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for recent := int64(0); ; recent /= 2 {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if recent += g.usage.others(); recent >= noise {
				g.others(now)
			}
		}
	}
}

// others notes that others use the device now.
func (g *gate) others(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.Before(now) {
		g.trickle = now.Add(trickleEvery)
	}
	g.until = now.Add(standBack)
}

// portion is how much of b may be read at once, so that others do not wait for long, and
// a low limit is kept evenly.
func (g *gate) portion(b []byte) []byte {
	const least = 64 << 10
	if g.usage != nil {
		b = b[:min(len(b), politely)]
	}
	if g.limit > 0 {
		b = b[:min(int64(len(b)), max(g.limit/4, least))]
	}
	return b
}

// pass is a block that was let through.
type pass struct {
	at      time.Time
	trickle bool // while others are busy
}

// pass waits until a block may be read. A lease that is wanted back meanwhile is given
// back at once.
func (g *gate) pass(ctx context.Context, l *lease) (pass, error) {
	if g.limit <= 0 && g.usage == nil {
		return pass{}, context.Cause(ctx)
	}
	for {
		p, wait := g.ask(time.Now())
		if wait <= 0 {
			return p, context.Cause(ctx)
		}
		select {
		case <-ctx.Done():
			return pass{}, context.Cause(ctx)
		case <-time.After(min(wait, sampleEvery)):
		}
		if !l.held() {
			return pass{}, ErrHeldOpen
		}
	}
}

// ask lets a block through, or says how long to wait before asking again.
func (g *gate) ask(now time.Time) (pass, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pass{at: now}
	if wait := g.until.Sub(now); wait > 0 {
		if now.Before(g.trickle) {
			return p, wait
		}
		p.trickle = true
	}
	if wait := g.next.Sub(now); wait > 0 {
		return p, wait
	}
	if p.trickle { // one at a time: passed says when the next one may
		g.trickle = now.Add(math.MaxInt64)
	}
	return p, 0
}

// passed counts the n bytes that were read of a block that was let through.
func (g *gate) passed(p pass, now time.Time, n int) {
	if g.usage != nil {
		g.usage.returned.Add(int64(n))
	}
	if g.limit <= 0 && !p.trickle {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.trickle {
		g.trickle = now.Add(max(trickleEvery, trickleShare*now.Sub(p.at)))
	}
	if g.limit > 0 {
		if g.next.Before(p.at) {
			g.next = p.at
		}
		g.next = g.next.Add(time.Duration(float64(n) / float64(g.limit) * float64(time.Second)))
	}
}
