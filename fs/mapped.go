package fs

import (
	"slices"
	"sync"
	"time"
)

// mapped are files that the kernel read itself and that somebody has mapped into memory
// still, although he has closed them. Of those the kernel tells nothing more: what is
// mapped is the drive's own file. The drive must stay held for them, since it is in use:
// else umount would succeed before the drive's data is written (see drive.clone).
type mapped struct {
	mu    sync.Mutex
	files []*openFile
}

// How often it is looked whether such a file is in use: often at first, since the kernel may
// be a moment behind with closing.
const (
	soonUnmapped = time.Millisecond
	lateUnmapped = 100 * time.Millisecond
)

// closeUnused closes a file that was read by the kernel when nobody has it mapped any more.
func (m *mapped) closeUnused(h *openFile) {
	if !h.file.OpenElsewhere() {
		h.file.Close()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files = append(m.files, h); len(m.files) == 1 {
		go m.follow()
	}
}

// follow ends when no such file is left.
func (m *mapped) follow() {
	for wait := soonUnmapped; ; wait = min(2*wait, lateUnmapped) {
		time.Sleep(wait)
		unused, left := m.sort()
		for _, h := range unused {
			h.file.Close()
		}
		if left == 0 {
			return
		}
	}
}

// sort takes out what is not in use, and says how many are.
func (m *mapped) sort() (unused []*openFile, left int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files = slices.DeleteFunc(m.files, func(h *openFile) bool {
		if h.file.OpenElsewhere() {
			return false
		}
		unused = append(unused, h)
		return true
	})
	return unused, len(m.files)
}

// list is what is mapped now.
func (m *mapped) list() []*openFile {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.files)
}
