package catalog

import (
	"context"
	"errors"
	"fmt"
	"reflect"

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
type Info struct {
	Path        string // "" in memory
	Size        int64  // bytes, with its journal
	Schema      int
	FileSystems int
	Rolls       int
	Gone        int // rolls that were not found any more when their place was looked at
	Manifests   int
	Files       int // files with a result
	Replaced    int // earlier results that a later one replaced; they are kept
}

// Info counts what the catalog holds.
func (c *Catalog) Info(ctx context.Context) (Info, error) { return c.store.Load().info(ctx) }

// Check looks over the whole file: its structure, and the checksum of every record. It
// returns a sentence for each damage.
func (c *Catalog) Check(ctx context.Context) ([]string, error) { return c.store.Load().check(ctx) }

// Prune forgets the rolls that are gone, with their results, and manifests that nothing
// refers to. It returns what was forgotten, a line each.
func (c *Catalog) Prune(ctx context.Context) ([]string, error) {
	list, err := c.store.Load().prune(ctx)
	if err != nil {
		return nil, fmt.Errorf("pruning the catalog: %w", err)
	}
	return list, nil
}
