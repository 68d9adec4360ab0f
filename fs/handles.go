package fs

import "sync"

// handles are the open things of one kind by the number that the kernel was given.
type handles[T any] struct {
	mu   sync.RWMutex
	last uint64
	open map[uint64]*T
}

func (h *handles[T]) add(t *T) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = make(map[uint64]*T)
	}
	h.last++
	h.open[h.last] = t
	return h.last
}

// get is nil for a number that was never given or is closed.
func (h *handles[T]) get(number uint64) *T {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.open[number]
}

// all is what is open now.
func (h *handles[T]) all() []*T {
	h.mu.RLock()
	defer h.mu.RUnlock()
	list := make([]*T, 0, len(h.open))
	for _, t := range h.open {
		list = append(list, t)
	}
	return list
}

// remove returns what was open, so that it is closed once.
func (h *handles[T]) remove(number uint64) *T {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.open[number]
	delete(h.open, number)
	return t
}
