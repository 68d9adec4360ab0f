package mhl

import "strings"

// arena keeps many short strings in few allocations.
type arena struct {
	b    strings.Builder
	size int
}

func (a *arena) keep(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if a.b.Cap()-a.b.Len() < len(text) {
		a.size = min(max(1<<10, 2*a.size), 256<<10)
		a.b.Reset()
		a.b.Grow(max(a.size, len(text)))
	}
	start := a.b.Len()
	a.b.Write(text)
	return a.b.String()[start:]
}

// slab keeps many short slices in few allocations.
type slab[T any] struct {
	block []T
}

// keep returns a copy of v, nil where it is empty.
func (s *slab[T]) keep(v []T) []T {
	if len(v) == 0 {
		return nil
	}
	if cap(s.block)-len(s.block) < len(v) {
		s.block = make([]T, 0, max(min(max(8, 2*cap(s.block)), 4096), len(v)))
	}
	start := len(s.block)
	s.block = append(s.block, v...)
	return s.block[start:len(s.block):len(s.block)]
}

// slabs collects values one by one, and never moves what it has.
type slabs[T any] struct {
	blocks [][]T
	n      int
}

func (s *slabs[T]) add(v T) {
	last := len(s.blocks) - 1
	if last < 0 || len(s.blocks[last]) == cap(s.blocks[last]) {
		s.blocks = append(s.blocks, make([]T, 0, min(max(8, s.n), 4096)))
		last++
	}
	s.blocks[last] = append(s.blocks[last], v)
	s.n++
}

// all returns the values in one slice and forgets them; nil where there are none.
func (s *slabs[T]) all() []T {
	if s.n == 0 {
		return nil
	}
	all := make([]T, 0, s.n)
	for i := range s.blocks {
		all = append(all, s.blocks[i]...)
		s.blocks[i] = nil
	}
	*s = slabs[T]{}
	return all
}
