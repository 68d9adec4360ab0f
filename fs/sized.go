package fs

import (
	"sync"
	"time"
)

// Who wants an attribute mostly asks how large it is, and at once for its value. That is
// one question and takes one look at the drive, and both answers agree: what the size was
// told of is the value that is given. Any other question has a look of its own.

// valueAfter bounds how long after the size the value may be asked for.
const valueAfter = 2 * time.Millisecond

// sized keeps the values whose sizes were told last.
type sized struct{ slots [8]sizedValue }

type sizedValue struct {
	mu    sync.Mutex
	node  uint64 // 0: none
	name  string // "" for the list of names
	value []byte
	at    time.Time
}

func (s *sized) slot(n *node) *sizedValue { return &s.slots[n.id%uint64(len(s.slots))] }

// tell keeps a value of which no more than the size is told: there is no room for more.
func (s *sized) tell(n *node, name string, value, room []byte) {
	if len(room) > 0 {
		return
	}
	v := s.slot(n)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.node, v.name, v.value, v.at = n.id, name, append(v.value[:0], value...), time.Now()
}

// take is true, and gives the value, where its size was told just now and there is room
// for it. A value is given once.
func (s *sized) take(n *node, name string, value *[]byte, room []byte) bool {
	if len(room) == 0 {
		return false
	}
	v := s.slot(n)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.node != n.id || v.name != name || time.Since(v.at) > valueAfter {
		return false
	}
	v.node = 0
	*value = append((*value)[:0], v.value...)
	return true
}
