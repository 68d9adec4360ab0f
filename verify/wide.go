package verify

import (
	"context"
	"slices"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

const (
	// wideReaders is how many files are read at once where they are hashed in one core's
	// lanes: it fills those of two cores, which are faster than most drives.
	wideReaders = 16
	// wideSize is from how many bytes on a file is worth that.
	wideSize = 1 << 20
)

// widening is readers beyond the usual, which wait until it is known whether a job is one
// that they are for.
type widening struct {
	readers int
	known   chan struct{} // closed once it is known
	wanted  bool          // set before
	done    bool          // for whoever sets it
}

func newWidening(d *drive.Drive, o Options, readers int) *widening {
	w := &widening{known: make(chan struct{})}
	fsys := d.FileSystem()
	if o.Readers == 0 && o.Limit == 0 && !o.Polite && !fsys.Rotating && fsys.Local {
		w.readers = max(0, wideReaders-readers)
	}
	return w
}

// widen lets the further readers begin, or end. It is for one goroutine to call.
func (p *pool) widen(wanted bool) {
	w := p.wide
	if w.done {
		return
	}
	w.done, w.wanted = true, wanted
	if wanted {
		p.turns.more(w.readers)
		p.queue.more(w.readers)
	}
	close(w.known)
}

// gains is true where a job's file is hashed in less time beside others.
func (w *widening) gains(j Job) bool {
	return w.readers > 0 && j.Size >= wideSize &&
		slices.ContainsFunc(j.Algorithms, func(a checksum.Algorithm) bool { return a.Lanes() > 1 })
}

// wait waits until it is known whether a further reader is wanted.
func (w *widening) wait(ctx context.Context) bool {
	select {
	case <-w.known:
		return w.wanted
	case <-ctx.Done():
		return false
	}
}
