package catalog

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"footagefs/catalog/store"
	"footagefs/catalog/structure"
)

// errNoDrive says that a drive's number is not one of this catalog.
var errNoDrive = errors.New("no such drive")

// differs is true where a scan found another structure than is known.
func (c *Catalog) differs(ds *driveState, found *structure.Structure) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ds.offline || len(found.Rolls) != len(ds.rolls) || !reflect.DeepEqual(found.Days, ds.days) || !reflect.DeepEqual(found.Findings, ds.findings) {
		return true
	}
	for i := range found.Rolls {
		f := &found.Rolls[i]
		r := ds.rolls[f.Path]
		if r == nil {
			return true
		}
		r.mu.Lock()
		same := r.sameRoot(f)
		r.mu.Unlock()
		if !same {
			return true
		}
	}
	return false
}

// sameRoot compares two looks at a roll's root. Inode numbers count only where they last.
// The caller holds r.mu.
func (r *rollState) sameRoot(f *structure.Roll) bool {
	return r.found.RootSum == f.RootSum && (r.found.Inode == f.Inode || !r.drive.fs.Strong)
}

func (r *rollState) rootSum() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found.RootSum
}

// Info describes the catalog's file.
type Info = store.Info

// PlaceError says why a catalog cannot lie where the user wants it, and what to do.
type PlaceError = store.PlaceError

// Info counts what the catalog holds.
func (c *Catalog) Info(ctx context.Context) (Info, error) { return c.store.Info(ctx) }

// Check looks over the whole file: its structure, and the checksum of every record. It
// returns a sentence for each damage.
func (c *Catalog) Check(ctx context.Context) ([]string, error) {
	damages, err := c.store.Check(ctx)
	var list []string
	for _, d := range damages {
		text := d.What
		if d.Path != "" {
			text = fmt.Sprintf("the record of %s %s is damaged", d.What, Escape(d.Path))
		}
		list = append(list, text)
	}
	return list, err
}

// Prune forgets the rolls that are gone, with their results, and manifests that nothing
// refers to. It returns what was forgotten, a line each.
func (c *Catalog) Prune(ctx context.Context) ([]string, error) {
	list, err := c.store.Prune(ctx)
	if err != nil {
		return nil, fmt.Errorf("pruning the catalog: %w", err)
	}
	return list, nil
}
