package catalog

import (
	"sort"
	"sync"
	"sync/atomic"
)

// activity counts what the readers of a catalog do. Its zero value is ready.
type activity struct {
	bytes atomic.Int64
	files atomic.Int64

	mu      sync.Mutex
	reading map[place]int
	last    place
}

// place is a path of a drive.
type place struct {
	ds   *driveState
	path string
}

func (p place) String() string {
	if p.ds == nil {
		return ""
	}
	return p.ds.name + "/" + p.path
}

func (a *activity) read(n int64) { a.bytes.Add(n) }

func (a *activity) start(ds *driveState, path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reading == nil {
		a.reading = map[place]int{}
	}
	a.last = place{ds, path}
	a.reading[a.last]++
}

func (a *activity) finish(ds *driveState, path string, read bool) {
	if read {
		a.files.Add(1)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := place{ds, path}
	switch n := a.reading[key]; n {
	case 0: // a stop kept it from being started
	case 1:
		delete(a.reading, key)
	default:
		a.reading[key] = n - 1
	}
}

func (a *activity) now() (list []string, last string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for path := range a.reading {
		list = append(list, path.String())
	}
	sort.Strings(list)
	return list, a.last.String()
}

// Activity is what is being read now, and how much is left of all rolls.
func (c *Catalog) Activity() Activity {
	var a Activity
	a.Reading, a.Current = c.active.now()
	a.BytesDone, a.FilesDone = c.active.bytes.Load(), int(c.active.files.Load())
	left, files := c.left(Filter{})
	a.BytesTotal, a.FilesTotal = a.BytesDone+left, a.FilesDone+files
	c.mu.Lock()
	a.Paused = c.paused
	c.mu.Unlock()
	return a
}

// left is how much of the selected rolls is still to be read, as far as is known.
func (c *Catalog) left(f Filter) (bytes int64, files int) {
	for _, r := range c.Rolls(f) {
		if r.Status != RollOffline {
			bytes += r.PendingBytes
			files += r.Counts.Pending
		}
	}
	return bytes, files
}

// Pause stops background verification until Resume; what is being read is read again then.
func (c *Catalog) Pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
	close(c.pausing)
	c.pausing = make(chan struct{})
}

// Resume lets background verification go on.
func (c *Catalog) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		c.paused = false
		close(c.resumed)
		c.resumed = make(chan struct{})
	}
}

// Next has the selected rolls read before all others.
func (c *Catalog) Next(f Filter) {
	c.mu.Lock()
	c.next = append([]Filter{f}, c.next[:min(len(c.next), 15)]...)
	c.mu.Unlock()
	c.bump()
}
