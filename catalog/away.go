package catalog

import (
	"context"
	"errors"
	"time"

	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// retryEvery is how often the drive's own folder is tried although no mount came.
const retryEvery = 10 * time.Second

// comeBack opens a drive again that was away, where it is the same one: at its folder, or
// wherever its file system is mounted now.
func (c *Catalog) comeBack(ctx context.Context, ds *driveState) bool {
	if c.isReleased(ds) {
		return false
	}
	var candidates []string
	before := ds.tried
	ds.sawMounts()
	for mount, dir := range ds.tried {
		if before[mount] == "" {
			candidates = append(candidates, dir)
		}
	}
	if time.Since(ds.retried) > retryEvery {
		ds.retried = time.Now()
		candidates = append(candidates, ds.dir)
	}
	for _, dir := range candidates {
		if d := openSoon(dir); d != nil && !c.takeBack(ctx, ds, d) {
			d.Close()
		}
		if !c.isOffline(ds) {
			return true
		}
	}
	return false
}

// openTime is how long a folder that may be the drive has to answer.
const openTime = 2 * time.Second

// openSoon opens a folder that may be a drive. It is nil where there is none, and where the
// folder does not answer: whatever was mounted lately is tried, and one file system that
// hangs must not keep a drive from coming back, nor the mount from ending.
func openSoon(dir string) *drive.Drive {
	opened := make(chan *drive.Drive, 1)
	go func() {
		d, err := drive.Open(dir)
		if err != nil {
			d = nil
		}
		opened <- d
	}()
	select {
	case d := <-opened:
		return d
	case <-time.After(openTime):
	}
	go func() {
		if d := <-opened; d != nil {
			d.Close()
		}
	}()
	return nil
}

// isReleased is true for a drive that the user wants to unmount, until it is unmounted.
func (c *Catalog) isReleased(ds *driveState) bool {
	c.mu.Lock()
	let := ds.let
	c.mu.Unlock()
	if !let {
		return false
	}
	for _, s := range drive.Sightings(ds.fs.Prefix) {
		if ds.tried[s.Mount] != "" && s.Dir == ds.dir {
			return true // still mounted there
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ds.let = false
	return false
}

// takeBack goes on with a newly opened drive where it is the one that was away.
func (c *Catalog) takeBack(ctx context.Context, ds *driveState, d *drive.Drive) bool {
	f := d.FileSystem()
	if f.ID != ds.fs.ID || f.Prefix != ds.fs.Prefix {
		return false
	}
	_, plug, err := c.store.FileSystem(ctx, f)
	if err != nil {
		plug = -1
	}
	old := ds.open.Swap(d)
	ds.plug.Store(plug)
	ds.scanner = structure.New(d, c.profile)
	if err := old.Close(); err != nil {
		c.log.Debug("closing a drive that was away", "drive", ds.dir, "error", err)
	}
	c.setOffline(ds, false)
	c.rescan(ctx, ds)
	return true
}

// sawMounts remembers the mounts at which the drive is, or was looked for.
func (ds *driveState) sawMounts() {
	ds.tried = map[string]string{}
	for _, s := range drive.Sightings(ds.fs.Prefix) {
		ds.tried[s.Mount] = s.Dir
	}
}

// releaseTime is how long reading may take to end. It is longer than a reader waits for a
// call that is under way; one that takes longer hangs.
const releaseTime = 5 * time.Second

// ErrInUse says that something of a released drive is still open.
var ErrInUse = errors.New("something of it is still open")

// Release lets go of a drive, so that it can be unmounted and pulled, and returns when
// nothing of it is open. ErrInUse says that some of it still is, although reading has ended.
func (c *Catalog) Release(ctx context.Context, id DriveID) error {
	for _, ds := range c.driveStates() {
		if ds.id != id {
			continue
		}
		c.mu.Lock()
		ds.let = true
		c.mu.Unlock()
		d := ds.handle()
		d.Release()
		c.setOffline(ds, true)
		select {
		case <-d.Free():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(releaseTime):
			return ErrInUse
		}
	}
	return errNoDrive
}
