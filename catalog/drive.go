package catalog

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// driveState is a drive given to the catalog. What is set once is set by AddDrive before
// others see it; the rest is guarded by Catalog.mu.
type driveState struct {
	id   DriveID
	name string
	dir  string
	open atomic.Pointer[drive.Drive] // replaced when the drive comes back
	fs   drive.FileSystem
	fsID int64
	plug atomic.Int64 // this plug-in of it; another one after the drive was away

	scanner  *structure.Scanner
	rolls    map[string]*rollState // by path
	days     []structure.Day
	findings []structure.Finding // of the structure
	unread   map[string]error    // folders that could not be read when it was last scanned
	gone     []structure.Finding // rolls that are not there any more
	offline  bool
	let      bool // released by the user: it stays offline until it is given again
	watched  bool // a watch covers all of it
	byFile   bool // and tells of files that are changed by names outside of it

	// Of keep's goroutine alone.
	tried   map[string]string // mounts that were looked at, and where the drive would be
	retried time.Time         // when its own folder was last tried

	stale bool // its structure may have changed

	scanning sync.Mutex    // one look at its structure at a time; held over I/O
	wake     chan struct{} // tells its keeper that something is to be looked at
	pulse    pulse
}

func (ds *driveState) handle() *drive.Drive { return ds.open.Load() }

// AddDrive opens a drive and looks at its structure, never at its files. A folder that is
// a drive already, or lies in or above one, is refused.
func (c *Catalog) AddDrive(ctx context.Context, dir string) (*Drive, error) {
	c.giving.Lock()
	defer c.giving.Unlock()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the drive %s: %w", dir, err)
	}
	if err := c.checkApart(abs); err != nil {
		return nil, err
	}
	d, err := drive.Open(abs)
	if err != nil {
		return nil, fmt.Errorf("opening the drive %s: %w", dir, err)
	}
	ds := &driveState{dir: abs, fs: d.FileSystem(), rolls: map[string]*rollState{}, wake: make(chan struct{}, 1)}
	ds.open.Store(d)
	if ds.fs.Clone {
		c.note(fmt.Sprintf("%s: another drive with the same identity is here (a clone); the two share no results", dir))
	}
	if err := c.identify(ctx, ds); err != nil {
		d.Close()
		return nil, err
	}
	if other := c.sharing(ds.fs); other != nil {
		d.Close()
		return nil, sameDriveError(abs, other.dir)
	}
	ds.scanner = structure.New(d, c.profile)
	found, err := c.lookAtStructure(ctx, ds)
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("looking at the drive %s: %w", dir, err)
	}
	c.mu.Lock()
	ds.id = DriveID(len(c.drives) + 1)
	ds.name = c.uniqueName(d.Name())
	c.drives = append(c.drives, ds)
	c.mu.Unlock()
	c.adopt(ctx, ds, found, c.started)
	v := c.driveValue(ds)
	return &v, nil
}

// checkApart refuses drives that share bytes: one place for every byte.
func (c *Catalog) checkApart(abs string) error {
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return fmt.Errorf("opening the drive %s: %w", abs, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ds := range c.drives {
		other, err := filepath.EvalSymlinks(ds.dir)
		if err != nil {
			other = ds.dir
		}
		_, in := drive.Relative(other, real)
		_, above := drive.Relative(real, other)
		if in || above {
			return sameDriveError(abs, ds.dir)
		}
	}
	return nil
}

func sameDriveError(a, b string) error {
	return fmt.Errorf("%s and %s are the same drive, or one lies in the other; give one of them", a, b)
}

// sharing is the drive that has a folder in common with a file system: the same one may be
// mounted at several places.
func (c *Catalog) sharing(f drive.FileSystem) *driveState {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ds := range c.drives {
		_, in := drive.Relative(ds.fs.Prefix, f.Prefix)
		_, above := drive.Relative(f.Prefix, ds.fs.Prefix)
		if ds.fs.ID == f.ID && (in || above) {
			return ds
		}
	}
	return nil
}

// identify registers the drive's file system with the catalog.
func (c *Catalog) identify(ctx context.Context, ds *driveState) error {
	id, plug, err := c.store.FileSystem(ctx, ds.fs)
	// Nothing is known of it and nothing can be stored. In another file, where this one is
	// damaged, or in memory everything can.
	for n := 0; n < 2 && err != nil && ctx.Err() == nil; n++ {
		c.store.GiveUp(err)
		c.mend(ctx)
		id, plug, err = c.store.FileSystem(ctx, ds.fs)
	}
	if err != nil {
		return err
	}
	ds.fsID = id
	ds.plug.Store(plug)
	return nil
}

// uniqueName makes a drive's name unique among those given; the caller holds c.mu.
func (c *Catalog) uniqueName(name string) string {
	unique := name
	for n := 2; ; n++ {
		taken := false
		for _, ds := range c.drives {
			taken = taken || strings.EqualFold(ds.name, unique)
		}
		if !taken {
			return unique
		}
		unique = fmt.Sprintf("%s (%d)", name, n)
	}
}

// adopt makes what a scan found the drive's structure: new rolls are registered, renamed
// ones keep their results, vanished ones are said to be gone.
//
// The drive is asked first, without a lock that others need: it may hang. What it said is
// registered with the file that it was held against.
func (c *Catalog) adopt(ctx context.Context, ds *driveState, found *structure.Structure, seenAt time.Time) {
	for {
		n := news{edition: c.store.Edition(), found: found}
		n.known = c.knownRolls(ctx, ds)
		n.arrivals = c.arriving(ctx, ds, found.Rolls, n.known)
		n.missed = c.missed(ds, found, n)
		if c.settle(ctx, ds, n, seenAt) {
			return
		}
	}
}

// news is what a scan of a drive found, held against what is remembered.
type news struct {
	edition int64 // of the store
	found   *structure.Structure
	known   map[string]store.Roll // by their paths from the file system's root
	arrivals
	missed []missedRoll
}

// knownRolls are the rolls that the catalog knows on a drive, by their paths from the file
// system's root.
func (c *Catalog) knownRolls(ctx context.Context, ds *driveState) map[string]store.Roll {
	known := c.store.Rolls(ctx, ds.fsID, ds.fs.Prefix)
	byPath := make(map[string]store.Roll, len(known))
	for _, k := range known {
		byPath[k.Path] = k
	}
	return byPath
}

// settle registers what adopt found out and has it shown. It is false where the catalog's
// file was replaced meanwhile.
func (c *Catalog) settle(ctx context.Context, ds *driveState, n news, seenAt time.Time) bool {
	c.registering.Lock()
	defer c.registering.Unlock()
	if c.store.Edition() != n.edition {
		return false
	}
	registered := c.register(ctx, ds, n.arrivals, seenAt.UnixNano())
	found := n.found
	fresh := c.newRolls(ds, found.Rolls, n.known, registered)
	gone := c.goneRolls(ctx, ds, found, n.missed)
	c.mu.Lock()
	here := make(map[string]*rollState, len(found.Rolls))
	for i := range found.Rolls {
		path := found.Rolls[i].Path
		r := ds.rolls[path]
		if r == nil {
			if r = fresh[path]; r == nil {
				continue
			}
			c.lastRoll++
			r.id = c.lastRoll
			c.rolls[r.id] = r
			c.roster = nil
		}
		if k, ok := registered[path]; ok {
			r.follow(k)
		}
		here[path] = r
	}
	for path, r := range ds.rolls {
		if here[path] == nil {
			delete(c.rolls, r.id)
			c.roster = nil
		}
	}
	ds.rolls, ds.days, ds.findings, ds.gone = here, found.Days, found.Findings, gone
	ds.unread = found.Unread
	c.mu.Unlock()
	for i := range found.Rolls {
		here[found.Rolls[i].Path].rootChanged(found.Rolls[i], c.now())
	}
	c.setOffline(ds, false)
	ds.wakeKeeper()
	c.bump()
	return true
}

// rootChanged takes over a fresh look at the roll's root listing.
func (r *rollState) rootChanged(f structure.Roll, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.sameRoot(&f) {
		r.happen(roll.Told, now)
	}
	r.found.RootSum, r.found.Inode = f.RootSum, f.Inode
}

// refill completes remembered findings with what is not remembered with them.
func (r *rollState) refill(list []Finding) []Finding {
	for i := range list {
		list[i] = r.place(list[i].Finding)
	}
	return list
}

func (c *Catalog) driveValue(ds *driveState) Drive {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Drive{ID: ds.id, Name: ds.name, Dir: ds.dir, Handle: ds.handle(), Offline: ds.offline, Watched: ds.watched}
}

// Drives are the drives given, in their order.
func (c *Catalog) Drives() []Drive {
	c.mu.Lock()
	states := c.drives
	c.mu.Unlock()
	list := make([]Drive, len(states))
	for i, ds := range states {
		list[i] = c.driveValue(ds)
	}
	return list
}
