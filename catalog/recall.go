package catalog

import (
	"context"

	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// lookAtStructure scans a drive. Rolls that the catalog knows in folders that cannot be
// listed at this moment are among what it finds: they are not gone, and they must not stand
// in the reports with what was once read of them, nor be left out.
func (c *Catalog) lookAtStructure(ctx context.Context, ds *driveState) (*structure.Structure, error) {
	var found *structure.Structure
	err := withPatience(ctx, func() (err error) {
		found, err = ds.scanner.Scan(ctx)
		return err
	})
	if drive.IsShortage(err) { // in one folder, maybe, as of a driver that is out of memory
		found, err = ds.scanner.ScanShort(ctx)
	}
	if err != nil || len(found.Unread) == 0 {
		return found, err
	}
	c.recall(ds, found, c.store.Rolls(ctx, ds.fsID, ds.fs.Prefix))
	return found, nil
}

// recall adds the known rolls in folders that could not be read to what a scan found.
func (c *Catalog) recall(ds *driveState, found *structure.Structure, known []store.Roll) {
	have := map[string]bool{}
	for i := range found.Rolls {
		have[found.Rolls[i].Path] = true
	}
	holds := map[string]bool{} // known to hold rolls, whatever else it was taken for before
	for _, k := range known {
		folder, _ := drive.Split(k.Path)
		holds[folder] = holds[folder] || !k.Gone
	}
	var recalled []structure.Known
	for _, k := range known {
		rel, ok := drive.Relative(ds.fs.Prefix, k.Path)
		if !ok || k.Gone || have[rel] || holds[k.Path] || !found.UnreadAbove(rel) {
			continue
		}
		f, ok := structure.At(c.profile, ds.dir, rel)
		if !ok {
			continue
		}
		switch info, err := ds.handle().Stat(rel); {
		case err == nil && info.Kind == drive.Folder:
			f.RootSum = structure.RootSum(info)
		case err == nil || !saysOfFolder(err):
			continue // it is not there any more
		}
		f.Inode = k.Inode
		recalled = append(recalled, f)
	}
	found.Recall(recalled)
}
