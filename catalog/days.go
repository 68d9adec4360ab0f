package catalog

import (
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// Days are the day folders and bad-date folders of all drives.
func (c *Catalog) Days() []DayFolder {
	rolls := c.Rolls(Filter{})
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []DayFolder
	for _, ds := range c.drives {
		done := imported(ds, rolls)
		for _, d := range ds.days {
			list = append(list, DayFolder{
				Drive: ds.id, Path: d.Path, Name: d.Name, Bad: d.Bad, Imported: !d.Bad && done[d.Path],
			})
		}
	}
	return list
}

// imported are the day folders of a drive with at least one roll, all verified, and no
// error finding in or on them.
func imported(ds *driveState, rolls []Roll) map[string]bool {
	done := map[string]bool{}
	for i := range rolls {
		if r := &rolls[i]; r.Drive == ds.id {
			verified, seen := done[r.DayFolder]
			done[r.DayFolder] = (verified || !seen) && r.Status == RollVerified && !r.HasError
		}
	}
	for _, list := range [][]structure.Finding{ds.findings, ds.gone} {
		for i := range list {
			if list[i].Severity == Error {
				undone(done, list[i].Path)
			}
		}
	}
	return done
}

// undone takes back that the folders in or on which a finding is are done.
func undone(done map[string]bool, path string) {
	for ; path != "."; path, _ = drive.Split(path) {
		delete(done, path)
	}
	delete(done, ".")
}
