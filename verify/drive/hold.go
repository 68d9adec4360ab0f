package drive

import "sync/atomic"

// hold counts who uses something that can be closed at any time: it is closed by the
// last user after close was asked for, and nobody can take it from then on. A mutex
// would not do: a call that hangs on a dead device would keep Release waiting.
type hold struct{ n atomic.Int64 }

const closing = 1 << 62

// open allows use.
func (h *hold) open() { h.n.Store(1) }

// shut is true once close was called.
func (h *hold) shut() bool { n := h.n.Load(); return n == 0 || n&closing != 0 }

// take adds a user unless close was called.
func (h *hold) take() bool {
	for {
		n := h.n.Load()
		if n == 0 || n&closing != 0 {
			return false
		}
		if h.n.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// again adds another user for one that there is, also after close.
func (h *hold) again() { h.n.Add(1) }

// give removes a user and is true for the last one after close.
func (h *hold) give() bool { return h.n.Add(-1) == closing }

// close keeps further users out and is true where none is left. Only the first call counts.
func (h *hold) close() bool {
	for {
		n := h.n.Load()
		if n == 0 || n&closing != 0 {
			return false
		}
		if h.n.CompareAndSwap(n, n+closing-1) {
			return n == 1
		}
	}
}
