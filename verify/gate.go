package verify

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"footagefs/verify/drive"
)

// gate says when a reader may read its next block: within the limit, and, where the run
// is polite, while others leave the device alone.
type gate struct {
	limit int64  // bytes a second; 0: none
	stat  string // the device's counters; "" where there are none or nobody asks
	ours  atomic.Int64

	mu    sync.Mutex
	next  time.Time // when the limit lets the next block through
	until time.Time // others are busy until then
}

func newGate(d *drive.Drive, o Options) *gate {
	g := &gate{limit: o.Limit}
	if device := d.FileSystem().Device; o.Polite && device != "" {
		g.stat = "/sys/class/block/" + device + "/stat"
	}
	return g
}

const (
	sampleEvery = 100 * time.Millisecond
	// standBack is how long readers wait after others used the device.
	standBack = 250 * time.Millisecond
	// atLeast is after how long a reader reads a block even while others are busy:
	// verification must end some day.
	atLeast = 2 * time.Second
	// foreign is how many bytes in a sample are others' and not noise.
	foreign = 256 << 10
)

// watch samples how much of the device's traffic is not ours, until ctx ends.
func (g *gate) watch(ctx context.Context) {
	if g.stat == "" {
		return
	}
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	last, ok := traffic(g.stat)
	ours := g.ours.Load()
	for ok {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var now, mine int64
		if now, ok = traffic(g.stat); !ok {
			return
		}
		mine = g.ours.Load()
		// The kernel reads ahead of us: what a sample has too much, the next has too little.
		if now-last-2*(mine-ours) > foreign {
			g.mu.Lock()
			g.until = time.Now().Add(standBack)
			g.mu.Unlock()
		}
		last, ours = now, mine
	}
}

// traffic is how many bytes the device has read and written (the kernel counts sectors of
// 512 bytes in fields 3 and 7).
func traffic(path string) (int64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	f := strings.Fields(string(b))
	if len(f) < 7 {
		return 0, false
	}
	read, err1 := strconv.ParseInt(f[2], 10, 64)
	written, err2 := strconv.ParseInt(f[6], 10, 64)
	return (read + written) * 512, err1 == nil && err2 == nil
}

// pass waits until the next block may be read. A lease that is wanted back meanwhile is
// given back at once.
func (g *gate) pass(ctx context.Context, l *lease) error {
	for start := time.Now(); ; {
		wait := g.wait(start)
		if wait <= 0 {
			return context.Cause(ctx)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(wait, sampleEvery)):
		}
		if !l.held() {
			return ErrHeldOpen
		}
	}
}

// wait is how long a reader that has waited since start must wait still.
func (g *gate) wait(start time.Time) time.Duration {
	if g.limit <= 0 && g.stat == "" {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	wait := g.next.Sub(now)
	if now.Sub(start) < atLeast {
		wait = max(wait, g.until.Sub(now))
	}
	return wait
}

// passed counts bytes that were read against the limit.
func (g *gate) passed(n int) {
	g.ours.Add(int64(n))
	if g.limit <= 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); g.next.Before(now) {
		g.next = now
	}
	g.next = g.next.Add(time.Duration(float64(n) / float64(g.limit) * float64(time.Second)))
}
