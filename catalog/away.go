package catalog

import (
	"context"
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
		if d, err := drive.Open(dir); err == nil && !c.takeBack(ctx, ds, d) {
			d.Close()
		}
		if !c.isOffline(ds) {
			return true
		}
	}
	return false
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

// Release lets go of a drive at once, so that it can be unmounted and pulled.
func (c *Catalog) Release(ctx context.Context, id DriveID) error {
	for _, ds := range c.driveStates() {
		if ds.id == id {
			c.mu.Lock()
			ds.let = true
			c.mu.Unlock()
			ds.handle().Release()
			c.setOffline(ds, true)
			return nil
		}
	}
	return errNoDrive
}
