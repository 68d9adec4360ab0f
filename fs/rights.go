package fs

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"footagefs/catalog"
	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// The library's paths to a roll go past the folders above it on its drive, whose permissions
// would keep some people out. So these folders are looked at, and what they deny is denied by
// the roll's own folder, by the folders that name it and by the reports that speak of it.

const (
	lookAgain = 500 * time.Millisecond // at what nobody tells of
	lookTold  = 10 * time.Second       // at what a watch tells of, all the same
	lookSoon  = 250 * time.Millisecond // at all, when a watch tells of something: an offload has it tell all the time
)

// rights knows which folders are closed to some. It is nil where nobody looks at the mount
// who could be denied anything: without allow_other the kernel lets its owner in alone.
type rights struct {
	me   uint32
	hung *hung
	now  func() time.Time

	mu     sync.Mutex
	drives map[catalog.DriveID]*guard
}

func newRights(o Options, h *hung, now func() time.Time) *rights {
	if !o.AllowOther {
		return nil
	}
	return &rights{me: uint32(os.Getuid()), hung: h, now: now, drives: make(map[catalog.DriveID]*guard)}
}

// guard looks at the folders of one drive, one look at a time.
type guard struct {
	stale atomic.Bool // something changed in one of parents

	mu      sync.Mutex // held over looks at the drive, which are given up in time
	handle  *drive.Drive
	layout  *tree.Layout
	more    map[string]bool // folders that reports name, beside those of the layout
	unknown bool            // some of them were never looked at
	known   map[string]bool // folders that were looked at
	parents map[string]bool // the folders that these lie in
	closed  *closed
	above   time.Time // when the folders above the drive, and its root, were last looked at
	inside  time.Time // when the others were
}

// closed is what is closed to some. It never changes.
type closed struct {
	drive  catalog.DriveID
	above  []drive.Access          // above the drive, what not everybody may pass
	inside map[string]drive.Access // on the drive, what not everybody may list and pass
	holds  map[string]bool         // the folders above these
}

// allClosed is what is believed of a drive that never was looked at.
func (r *rights) allClosed(id catalog.DriveID) *closed {
	return &closed{drive: id, above: []drive.Access{{UID: r.me, Owner: mayAll}}}
}

// empty is true where everything is open to everybody.
func (c *closed) empty() bool { return len(c.above)+len(c.inside) == 0 }

// open is true where everybody may look at a folder, at all that is known of below it, and
// at all names above it.
func (c *closed) open(path string) bool {
	if c.empty() {
		return true
	}
	if _, self := c.inside[path]; self || len(c.above) > 0 || c.holds[path] {
		return false
	}
	for dir, _ := tree.Split(path); dir != ""; dir, _ = tree.Split(dir) {
		if _, is := c.inside[dir]; is {
			return false
		}
	}
	return true
}

// pass adds the gates on the way to a folder: who may pass them may come to it.
func (c *closed) pass(g *gates, path string) { c.way(g, path, mayPass) }

// list adds the gates before a folder's name: who may pass them may know that it is there.
func (c *closed) list(g *gates, path string) { c.way(g, path, mayLook) }

func (c *closed) way(g *gates, path string, needs uint8) {
	for i := range c.above {
		g.add(gateAt{drive: c.drive, above: i + 1}, c.above[i], mayPass)
	}
	if len(c.inside) == 0 {
		return
	}
	for dir, _ := tree.Split(path); dir != ""; dir, _ = tree.Split(dir) {
		c.self(g, dir, needs)
	}
}

// self adds a folder itself as a gate.
func (c *closed) self(g *gates, path string, needs uint8) {
	if a, is := c.inside[path]; is && everybody(a)&needs != needs {
		g.add(gateAt{drive: c.drive, path: path, needs: needs}, a, needs)
	}
}

// gates are folders through all of which somebody has to come.
type gates struct {
	list []drive.Access
	here map[gateAt]bool // so that a gate before many rolls counts once
}

// gateAt says which gate it is.
type gateAt struct {
	drive catalog.DriveID
	above int
	path  string
	needs uint8
}

func (g *gates) add(at gateAt, a drive.Access, needs uint8) {
	if g.here[at] {
		return
	}
	if g.here == nil {
		g.here = make(map[gateAt]bool)
	}
	g.here[at] = true
	g.list = append(g.list, gate(a, needs))
}

// changed notes that something changed in a folder of a drive; "." stands for anything.
func (r *rights) changed(id catalog.DriveID, folder string) {
	g := r.guard(id)
	if folder == everything {
		g.stale.Store(true)
		return
	}
	// The lock may be held over a look at the drive, and who calls this must not wait.
	if !g.mu.TryLock() {
		g.stale.Store(true)
		return
	}
	defer g.mu.Unlock()
	if g.parents[folder] || g.known[folder] {
		g.stale.Store(true)
	}
}

func (r *rights) guard(id catalog.DriveID) *guard {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.drives[id]
	if g == nil {
		g = new(guard)
		r.drives[id] = g
	}
	return g
}

// of is what is closed on a drive, as of half a second ago at most.
func (r *rights) of(v *view, id catalog.DriveID) *closed { return r.ofMore(v, id, nil) }

// ofMore is of, with folders that are in no way to a roll: from now on they count, too.
func (r *rights) ofMore(v *view, id catalog.DriveID, more map[string]bool) *closed {
	g := r.guard(id)
	g.mu.Lock()
	defer g.mu.Unlock()
	if more != nil {
		g.more, g.unknown = more, g.unknown || !subset(more, g.known)
	}
	d := v.drive(id)
	if d.handle == nil {
		return r.last(g, id)
	}
	l := g.due(v, d, r.now())
	if l == nil {
		return g.closed
	}
	found := make(chan *inspection, 1)
	answered := r.hung.patiently(d.handle, func() {
		l.take(d.handle)
		found <- l
	})
	if answered && !d.handle.Gone() {
		g.learn(<-found, v, d, r.now())
	} else {
		g.stale.Store(true) // a drive that went is as it was last known
	}
	return r.last(g, id)
}

func (r *rights) last(g *guard, id catalog.DriveID) *closed {
	if g.closed == nil {
		return r.allClosed(id)
	}
	return g.closed
}

// due is what has to be looked at, nil where all is as it was a moment ago.
func (g *guard) due(v *view, d *driveView, now time.Time) *inspection {
	again := lookAgain
	if d.watched {
		again = lookTold
	}
	since := now.Sub(g.inside)
	l := &inspection{all: g.closed == nil || g.handle != d.handle || since >= again || since >= lookSoon && g.stale.Load()}
	if l.all {
		g.stale.Store(false) // before the look: what changes meanwhile makes it stale again
	}
	if l.all || g.layout != v.layout || g.unknown {
		g.want(l, v.layout, d.id)
	}
	if !l.all && len(l.folders) == 0 && now.Sub(g.above) < lookAgain {
		g.layout, g.unknown = v.layout, false
		return nil
	}
	return l
}

// want adds the folders on the way to rolls and days, and those that reports name: all of
// them, or those that are not known yet.
func (g *guard) want(l *inspection, layout *tree.Layout, id catalog.DriveID) {
	l.folders = make(map[string]bool)
	want := func(path string) {
		for dir := path; dir != "" && !l.folders[dir] && (l.all || !g.known[dir]); dir, _ = tree.Split(dir) {
			l.folders[dir] = true
		}
	}
	for _, r := range layout.Rolls {
		if r.Drive == id {
			want(r.Path)
		}
	}
	for _, side := range []string{tree.SourceName, tree.ImportedName} {
		if f := layout.Folders[tree.WorkspacesName+"/"+side]; f != nil {
			for i := range f.Items {
				if f.Items[i].Place.Drive == id {
					want(f.Items[i].Place.Path)
				}
			}
		}
	}
	l.mayBeGone = make(map[string]bool)
	for path := range g.more {
		for dir := path; dir != "" && !l.folders[dir]; dir, _ = tree.Split(dir) {
			l.mayBeGone[dir] = true
		}
		want(path)
	}
}

func subset(a, b map[string]bool) bool {
	for path := range a {
		if !b[path] {
			return false
		}
	}
	return true
}

// learn keeps what was found.
func (g *guard) learn(l *inspection, v *view, d *driveView, now time.Time) {
	c := &closed{drive: d.id, above: l.above, inside: make(map[string]drive.Access), holds: make(map[string]bool)}
	if l.all {
		g.known, g.parents, g.inside = l.folders, make(map[string]bool), now
	} else {
		for path, a := range g.closed.inside {
			c.inside[path] = a
		}
	}
	for path := range l.folders {
		dir, _ := tree.Split(path)
		g.known[path], g.parents[dir] = true, true
	}
	delete(c.inside, ".") // looked at each time
	for path, a := range l.inside {
		c.inside[path] = a
	}
	for path := range c.inside {
		for dir, _ := tree.Split(path); dir != ""; dir, _ = tree.Split(dir) {
			c.holds[dir] = true
		}
	}
	g.closed, g.layout, g.handle, g.above, g.unknown = c, v.layout, d.handle, now, false
}
