package catalog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"footagefs/catalog/roll"
	"footagefs/catalog/structure"
)

// retryEvery is how often what could not be stored is tried again, and how often the
// drive's own folder is tried although no mount came.
const retryEvery = 10 * time.Second

// mend brings the catalog's file back where it can: what could not be written is written,
// a damaged file is kept aside, and where the file was removed another one is begun. What
// this process knows goes along; the rest is read again.
func (c *Catalog) mend(ctx context.Context) {
	s := c.store.Load()
	if err := s.inPlace(); err != nil {
		c.storeFailed(err)
	}
	c.mu.Lock()
	why, since := c.broken, c.now().Sub(c.failing)
	failing := !c.failing.IsZero()
	c.mu.Unlock()
	switch {
	case why != nil:
		c.replaceStore(ctx, why)
	case failing && since > retryEvery:
		c.writeBacklog(ctx)
	}
}

// writeBacklog writes what could not be written before.
func (c *Catalog) writeBacklog(ctx context.Context) {
	if _, err := c.store.Load().record(ctx, nil, nil); err != nil {
		c.storeFailed(err)
		return
	}
	c.storeWorks()
}

// replaceStore goes on with another file, or in memory where none can be had.
func (c *Catalog) replaceStore(ctx context.Context, why error) {
	c.registering.Lock()
	defer c.registering.Unlock()
	c.mu.Lock()
	done := c.broken == nil // by another goroutine
	c.mu.Unlock()
	if done {
		return
	}
	old := c.store.Load()
	fresh, err := c.successor(ctx, old, why)
	if err == nil {
		if err = c.moveInto(ctx, fresh, old); err != nil {
			fresh.close()
		}
	}
	if err == nil {
		c.useStore(fresh)
	} else if err := c.forget(ctx, fmt.Errorf("the catalog %s cannot be used any more (%s)", old.path, reasonOf(why))); err != nil {
		c.log.Warn("replacing the catalog", "error", err)
		return
	}
	c.registerAgain(ctx)
}

// useStore has everybody use a store from now on. The one before stays open a while for
// those who still do.
func (c *Catalog) useStore(s *store) {
	old := c.store.Swap(s)
	c.mu.Lock()
	c.broken, c.failing = nil, time.Time{}
	retired := c.retired
	c.retired = old
	c.mu.Unlock()
	if retired != nil {
		retired.close()
	}
}

// successor opens what takes the place of a damaged or removed file.
func (c *Catalog) successor(ctx context.Context, old *store, why error) (*store, error) {
	if isDamage(why) {
		return c.beginAnew(ctx, old.path, old.file, true, why)
	}
	if old.path == "" {
		return nil, why
	}
	c.note("the catalog %s was removed or replaced while it was in use; what this run knows was stored in the new one", old.path)
	if err := makeFolder(old.path); err != nil {
		return nil, err
	}
	return openStore(ctx, old.path, c.now)
}

// beginAnew keeps a damaged catalog aside, for whoever wants to look at it, and begins a
// new one in its place. What it knew is read again: a lost catalog costs time, never truth.
// Where another process was first, its new one is used. A file that is not known to be a
// catalog, as one that was in use is, and does not look like one is left as it is.
func (c *Catalog) beginAnew(ctx context.Context, path string, damaged os.FileInfo, known bool, damage error) (*store, error) {
	unlock, err := lockFile(path)
	if err != nil {
		return nil, fmt.Errorf("keeping the damaged catalog aside: %w", err)
	}
	defer unlock()
	if now, err := os.Stat(path); err == nil && (damaged == nil || os.SameFile(now, damaged)) {
		if !known && !wasCatalog(path) {
			return nil, errNoCatalog
		}
		aside, err := keepAside(path, c.now())
		if err != nil {
			return nil, err
		}
		c.note("the catalog %s is damaged (%s): it was kept as %s and begun anew; files will be read again", path, reasonOf(damage), aside)
	}
	return openStore(ctx, path, c.now)
}

// keepAside renames a damaged file and what belongs to it.
func keepAside(path string, now time.Time) (aside string, err error) {
	name := path + ".damaged-" + now.UTC().Format("20060102T150405Z")
	aside = name
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s-%d", name, n)
	}
	// SQLite would apply the old file's journal to the new one.
	for _, suffix := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("keeping the damaged catalog aside: %w", err)
		}
	}
	return aside, nil
}

// moveInto registers the drives in a new store, and has it write what could not be written
// to the old one, and what the loaded inventories know.
func (c *Catalog) moveInto(ctx context.Context, fresh, old *store) error {
	for _, ds := range c.driveStates() {
		f := ds.handle().FileSystem()
		if err := fresh.adoptFileSystem(ctx, f, ds.fsID, ds.plug.Load()); err != nil {
			return err
		}
	}
	known := map[seenKey][]named{}
	c.mu.Lock()
	for _, r := range c.rolls {
		r.mu.Lock()
		r.observations(known)
		r.mu.Unlock()
	}
	c.mu.Unlock()
	old.mu.Lock()
	for k, list := range old.overlay {
		known[k] = mergeSeen(known[k], list, nil)
	}
	old.mu.Unlock()
	_, err := fresh.record(ctx, known, nil)
	return err
}

// observations adds what is known of the files of a roll. The caller holds r.mu.
func (r *rollState) observations(known map[seenKey][]named) {
	if r.inv == nil {
		return
	}
	for i := range r.inv.entries {
		if e := &r.inv.entries[i]; e.obs != nil {
			folder, name := splitPath(joinPath(r.fsPath(), e.item.Path))
			k := seenKey{r.drive.fsID, folder}
			known[k] = append(known[k], named{name, *e.obs})
		}
	}
}

// registerAgain stores the rolls in a new store. The caller holds c.registering.
func (c *Catalog) registerAgain(ctx context.Context) {
	for _, ds := range c.driveStates() {
		c.mu.Lock()
		var found []structure.Roll
		for _, r := range ds.rolls {
			r.mu.Lock()
			found = append(found, r.found)
			r.mu.Unlock()
		}
		c.mu.Unlock()
		registered, err := c.register(ctx, ds, c.arriving(ctx, ds, found, nil), c.started.UnixNano())
		if err != nil {
			c.storeFailed(err)
		}
		c.mu.Lock()
		for path, r := range ds.rolls {
			r.startOver(registered[path], c.now())
			c.unsaved[r] = true
		}
		c.mu.Unlock()
	}
	c.bump()
}

// startOver makes the roll one of another catalog's row.
func (r *rollState) startOver(k storedRoll, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dbID, r.revision = k.id, k.revision
	r.happen(roll.Told, now)
	r.sum.Revision = k.revision
}
