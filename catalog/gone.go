package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"sort"

	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// missedRoll is a roll that the catalog knows at a place where a scan found none.
type missedRoll struct {
	store.Roll
	rel    string // its path on the drive
	folder bool   // there is a folder, which is no roll now
}

// missed are the rolls that the catalog knows and a scan did not find, where the drive says
// whether there is a folder in their place.
func (c *Catalog) missed(ds *driveState, found *structure.Structure, n news) []missedRoll {
	here := map[string]bool{}
	for _, f := range found.Rolls {
		here[drive.Join(ds.fs.Prefix, f.Path)] = true
	}
	for _, m := range n.moves {
		here[m.From.Path] = true
	}
	var list []missedRoll
	for full, k := range n.known {
		rel, below := drive.Relative(ds.fs.Prefix, full)
		if here[full] || !below {
			continue
		}
		if found.UnreadAbove(rel) {
			continue // it may be there
		}
		info, err := ds.handle().Stat(rel)
		folder := err == nil && (info.Kind == drive.Folder || info.Kind == drive.Foreign)
		if folder || err == nil || errors.Is(err, iofs.ErrNotExist) { // else nothing can be said
			list = append(list, missedRoll{k, rel, folder})
		}
	}
	return list
}

// goneRolls are the findings about rolls that the catalog knows at a place of this drive
// where no folder is any more.
func (c *Catalog) goneRolls(ctx context.Context, ds *driveState, found *structure.Structure, missed []missedRoll) []structure.Finding {
	var list []structure.Finding
	marks := map[int64]bool{}
	for _, k := range missed {
		if k.folder {
			if k.Gone { // it is there again and is read differently
				marks[k.ID] = false
			}
			continue
		}
		if !k.Gone {
			marks[k.ID] = true
		}
		_, name := drive.Split(k.rel)
		list = append(list, structure.Finding{
			Finding: finding.New(finding.RollGone, k.rel, "this roll was here before and is not any more"),
			Roll:    name,
		})
	}
	if len(marks) > 0 {
		c.store.MarkGone(ctx, marks)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	if len(list) > 1 && len(found.Rolls) == 0 {
		f := finding.New(finding.RollGone, ".", fmt.Sprintf("all %d rolls that were here before are gone", len(list))).
			Doing("copy them again, or forget them with footagefs catalog prune")
		return []structure.Finding{{Finding: f}}
	}
	return list
}
