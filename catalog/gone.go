package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"sort"

	"footagefs/verify/drive"
)

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
	return drive.Relative(folder, path)
}
