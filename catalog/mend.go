package catalog

import (
	"context"
	"time"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// mend has the catalog's file brought back where it can be, and has what this process knows
// go along to another one.
func (c *Catalog) mend(ctx context.Context) {
	if !c.store.Mend(ctx) {
		return
	}
	c.registering.Lock()
	defer c.registering.Unlock()
	if c.store.Replace(ctx, c.observations) {
		c.registerAgain(ctx)
	}
}

// observations are what the loaded inventories know.
func (c *Catalog) observations() map[store.Folder][]roll.Named {
	known := map[store.Folder][]roll.Named{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.rolls {
		r.mu.Lock()
		r.observations(known)
		r.mu.Unlock()
	}
	return known
}

// observations adds what is known of the files of a roll. The caller holds r.mu.
func (r *rollState) observations(known map[store.Folder][]roll.Named) {
	if r.inv == nil {
		return
	}
	for i := range r.inv.entries {
		if e := &r.inv.entries[i]; e.obs != nil {
			folder, name := drive.Split(drive.Join(r.fsPath(), e.item.Path))
			k := store.Folder{FS: r.drive.fsID, Path: folder}
			known[k] = append(known[k], roll.Named{Name: name, Observation: *e.obs})
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
		registered := c.register(ctx, ds, c.arriving(ctx, ds, found, nil), c.started.UnixNano())
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
func (r *rollState) startOver(k store.Roll, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dbID, r.revision = k.ID, k.Revision
	r.happen(roll.Told, now)
	r.sum.Revision = k.Revision
}
