package fs

import (
	"sync"
	"sync/atomic"
	"time"

	"footagefs/catalog"
	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// view is the catalog as the mount shows it, at one version. It never changes.
type view struct {
	version uint64
	layout  *tree.Layout
	drives  map[catalog.DriveID]*driveView
	changed map[string]time.Time // when the names in each folder of the layout last changed
}

// driveView is a drive at one version of the catalog.
type driveView struct {
	id         catalog.DriveID
	handle     *drive.Drive // nil while it is away and was never here
	seed       number
	epoch      uint64 // how often it was opened anew
	strong     bool   // inode numbers and change times last
	watched    bool   // changes are told
	fileSystem string // identity, for counting a file system once
}

// drive is a drive by its number; one that is not there is away.
func (v *view) drive(id catalog.DriveID) *driveView {
	if d := v.drives[id]; d != nil {
		return d
	}
	return &driveView{id: id}
}

// views keeps the current view.
type views struct {
	cat          *catalog.Catalog
	verifiedOnly bool
	now          func() time.Time

	current atomic.Pointer[view]
	mu      sync.Mutex // one builder at a time
	pace    pace       // guarded by mu
}

// get is the view of the catalog's current version. While the catalog changes faster
// than views can be built at a fifth of the time, it is the last one.
func (vs *views) get() *view {
	v := vs.current.Load()
	if v != nil && v.version == vs.cat.Version() {
		return v
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v = vs.current.Load()
	start := vs.now()
	if v != nil && (v.version == vs.cat.Version() || !vs.pace.due(start)) {
		return v
	}
	v = vs.build(v, start)
	vs.current.Store(v)
	vs.pace.ended(start, vs.now())
	return v
}

// again is the view after a look at the drives, which come and go without a new version.
func (vs *views) again() *view {
	v := vs.get()
	same := true
	for _, d := range vs.cat.Drives() {
		was := v.drive(d.ID)
		same = same && was.watched == d.Watched && (d.Handle == nil || was.handle == d.Handle)
	}
	if same {
		return v
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v = vs.build(vs.current.Load(), vs.now())
	vs.current.Store(v)
	return v
}

// build asks the catalog. The version is read first: what changes meanwhile is built again.
func (vs *views) build(old *view, now time.Time) *view {
	version := vs.cat.Version()
	drives := vs.cat.Drives()
	v := &view{
		version: version,
		layout:  tree.New(vs.cat.Rolls(catalog.Filter{}), vs.cat.Days(), drives, vs.verifiedOnly),
		drives:  make(map[catalog.DriveID]*driveView, len(drives)),
		changed: make(map[string]time.Time),
	}
	if old == nil {
		old = &view{layout: &tree.Layout{}}
	}
	given := make(map[number]int)
	for _, d := range drives {
		dv := lookAt(d, old.drives[d.ID], given)
		v.drives[d.ID] = dv
	}
	for path, f := range v.layout.Folders {
		v.changed[path] = now
		if was := old.layout.Folders[path]; was != nil && was.SameNames(f) {
			v.changed[path] = old.changed[path]
		}
	}
	return v
}

// lookAt is a drive as it is now. A drive that is away keeps what was known of it, so
// that its numbers stay.
func lookAt(d catalog.Drive, old *driveView, given map[number]int) *driveView {
	if d.Handle == nil {
		if old == nil {
			return &driveView{id: d.ID, seed: firstNumber.text(d.Dir)}
		}
		return old
	}
	facts := d.Handle.FileSystem()
	dv := &driveView{id: d.ID, handle: d.Handle, strong: facts.Strong, watched: d.Watched, fileSystem: facts.ID}
	dv.seed = seed(facts, 0)
	if again := given[dv.seed]; again > 0 {
		given[dv.seed]++
		dv.seed = seed(facts, again)
	} else {
		given[dv.seed] = 1
	}
	if old != nil {
		dv.epoch = old.epoch
		if old.handle != nil && old.handle != d.Handle {
			dv.epoch++
		}
	}
	return dv
}

// away is true while nothing can be asked of the drive.
func (d *driveView) away() bool { return d.handle == nil || d.handle.Gone() }

// stat is one look at a path of the drive.
func (d *driveView) stat(path string) (drive.Info, error) {
	if d.handle == nil {
		return drive.Info{}, drive.ErrGone
	}
	return d.handle.Stat(path)
}

// pace keeps work that is done again at every change to a fifth of the time.
type pace struct {
	next time.Time
}

func (p *pace) due(now time.Time) bool { return !now.Before(p.next) }

func (p *pace) ended(start, end time.Time) {
	p.next = end.Add(min(4*end.Sub(start), time.Second))
}
