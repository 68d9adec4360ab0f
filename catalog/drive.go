package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"time"

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

	scanner  *scanner
	rolls    map[string]*rollState // by path
	days     []foundDay
	findings []Finding // of the structure
	gone     []Finding // rolls that are not there any more
	offline  bool
	let      bool // released by the user: it stays offline until it is given again
	watched  bool // a watch covers all of it

	// Of keep's goroutine alone.
	tried   map[string]string // mounts that were looked at, and where the drive would be
	retried time.Time         // when its own folder was last tried

	stale bool // its structure may have changed
}

func (ds *driveState) handle() *drive.Drive { return ds.open.Load() }

// AddDrive opens a drive and looks at its structure, never at its files. A folder that is
// a drive already, or lies in or above one, is refused.
func (c *Catalog) AddDrive(ctx context.Context, dir string) (*Drive, error) {
	c.adding.Lock()
	defer c.adding.Unlock()
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
	ds := &driveState{dir: abs, fs: d.FileSystem(), rolls: map[string]*rollState{}}
	ds.open.Store(d)
	if ds.fs.Clone {
		c.note("%s: another drive with the same identity is here (a clone); the two share no results", dir)
	}
	if err := c.identify(ctx, ds); err != nil {
		d.Close()
		return nil, err
	}
	if other := c.sharing(ds.fs); other != nil {
		d.Close()
		return nil, sameDriveError(abs, other.dir)
	}
	ds.scanner = newScanner(d, c.profile)
	found, err := ds.scanner.scan(ctx)
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
		if isWithin(real, other) || isWithin(other, real) {
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
		_, in := relativeTo(ds.fs.Prefix, f.Prefix)
		_, above := relativeTo(f.Prefix, ds.fs.Prefix)
		if ds.fs.ID == f.ID && (in || above) {
			return ds
		}
	}
	return nil
}

// identify registers the drive's file system with the catalog, or finds it there where
// the catalog cannot be written.
func (c *Catalog) identify(ctx context.Context, ds *driveState) error {
	s := c.store.Load()
	id, plug, err := s.fileSystem(ctx, ds.fs)
	if err != nil {
		c.storeFailed(err)
		id, plug, err = s.knownFileSystem(ctx, ds.fs)
	}
	if err == nil {
		ds.fsID = id
		ds.plug.Store(plug)
		return nil
	}
	// Nothing is known of it and nothing can be stored: in memory everything can.
	if err := c.forget(ctx, fmt.Errorf("the catalog %s cannot be used (%s)", s.path, reasonOf(err))); err != nil {
		return err
	}
	if id, plug, err = c.store.Load().fileSystem(ctx, ds.fs); err != nil {
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
func (c *Catalog) adopt(ctx context.Context, ds *driveState, found *structure, seenAt time.Time) {
	known, err := c.store.Load().rollsBelow(ctx, ds.fsID, ds.fs.Prefix)
	if err != nil {
		c.storeFailed(err)
	}
	byPath := make(map[string]storedRoll, len(known))
	for _, k := range known {
		byPath[k.path] = k
	}
	registered, err := c.register(ctx, ds, found.rolls, byPath, seenAt.UnixNano())
	if err != nil {
		c.storeFailed(err)
	}
	fresh := c.newRolls(ds, found.rolls, byPath, registered)
	gone := c.goneRolls(ctx, ds, found, byPath)
	c.mu.Lock()
	here := make(map[string]*rollState, len(found.rolls))
	for i := range found.rolls {
		path := found.rolls[i].Path
		r := ds.rolls[path]
		if r == nil {
			if r = fresh[path]; r == nil {
				continue
			}
			c.lastRoll++
			r.id = c.lastRoll
			c.rolls[r.id] = r
		}
		if k, ok := registered[path]; ok {
			r.follow(k)
		}
		here[path] = r
	}
	for path, r := range ds.rolls {
		if here[path] == nil {
			delete(c.rolls, r.id)
		}
	}
	ds.rolls, ds.days, ds.findings, ds.gone, ds.offline, ds.stale = here, found.days, found.findings, gone, false, false
	c.mu.Unlock()
	for i := range found.rolls {
		here[found.rolls[i].Path].rootChanged(found.rolls[i])
	}
	c.bump()
}

// rootChanged takes over a fresh look at the roll's root listing.
func (r *rollState) rootChanged(f foundRoll) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty = r.dirty || !r.sameRoot(&f)
	r.found.RootSum, r.found.Inode = f.RootSum, f.Inode
}

// refill completes remembered findings with what is not remembered with them.
func (r *rollState) refill(list []Finding) []Finding {
	for i := range list {
		list[i] = r.fillIn(list[i])
	}
	return list
}

// goneRolls are the findings about rolls that the catalog knows at a place of this drive
// where no folder is any more.
func (c *Catalog) goneRolls(ctx context.Context, ds *driveState, found *structure, known map[string]storedRoll) []Finding {
	for _, f := range found.rolls {
		delete(known, joinPath(ds.fs.Prefix, f.Path))
	}
	var list []Finding
	marks := map[int64]bool{}
	for full, k := range known {
		rel, below := relativeTo(ds.fs.Prefix, full)
		if !below {
			continue
		}
		info, err := ds.handle().Stat(rel)
		switch folder := err == nil && (info.Kind == drive.Folder || info.Kind == drive.Foreign); {
		case folder && k.gone:
			marks[k.id] = false
			continue
		case folder, err != nil && !errors.Is(err, iofs.ErrNotExist):
			continue // it is there and is read differently, or nothing can be said
		}
		if !k.gone {
			marks[k.id] = true
		}
		_, name := splitPath(rel)
		list = append(list, Finding{
			Severity: Error, Code: "roll-gone", Roll: name, Path: rel, Drive: ds.id, DriveName: ds.name,
			Message: rel + ": this roll was here before and is not any more; copy it again, or forget it with footagefs catalog prune",
		})
	}
	if len(marks) > 0 {
		if err := c.store.Load().markGone(ctx, marks); err != nil {
			c.storeFailed(err)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	if len(list) > 1 && len(found.rolls) == 0 {
		return []Finding{{
			Severity: Error, Code: "roll-gone", Path: ".", Drive: ds.id, DriveName: ds.name,
			Message: fmt.Sprintf("%s: all %d rolls that were here before are gone; copy them again, or forget them with footagefs catalog prune", ds.name, len(list)),
		}}
	}
	return list
}

// relativeTo is path as seen from a folder of the same file system.
func relativeTo(folder, path string) (string, bool) {
	switch {
	case folder == ".":
		return path, true
	case path == folder:
		return ".", true
	case strings.HasPrefix(path, folder+"/"):
		return path[len(folder)+1:], true
	}
	return "", false
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

// Days are the day folders and bad-date folders of all drives.
func (c *Catalog) Days() []DayFolder {
	rolls := c.Rolls(Filter{})
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []DayFolder
	for _, ds := range c.drives {
		for _, d := range ds.days {
			list = append(list, DayFolder{
				Drive: ds.id, Path: d.Path, Name: d.Name, Bad: d.Bad,
				Imported: !d.Bad && imported(ds, d, rolls),
			})
		}
	}
	return list
}

// imported is true for a day folder with at least one roll, all verified, and no error
// finding in or on it.
func imported(ds *driveState, d foundDay, rolls []Roll) bool {
	n := 0
	for i := range rolls {
		r := &rolls[i]
		if r.Drive != ds.id || r.DayFolder != d.Path {
			continue
		}
		if r.Status != RollVerified || r.HasError {
			return false
		}
		n++
	}
	for _, list := range [][]Finding{ds.findings, ds.gone} {
		for _, f := range list {
			if _, in := relativeTo(d.Path, f.Path); in && f.Severity == Error {
				return false
			}
		}
	}
	return n > 0
}
