package catalog

// Days are the day folders and bad-date folders of all drives.
func (c *Catalog) Days() []DayFolder {
	rolls := c.Rolls(Filter{})
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []DayFolder
	for _, ds := range c.drives {
		for _, d := range ds.days {
			list = append(list, DayFolder{
				Drive: ds.id, Path: d.Path, Name: d.Name, Bad: d.Bad,
				Imported: !d.Bad && imported(ds, d, rolls),
			})
		}
	}
	return list
}

// imported is true for a day folder with at least one roll, all verified, and no error
// finding in or on it.
func imported(ds *driveState, d foundDay, rolls []Roll) bool {
	n := 0
	for i := range rolls {
		r := &rolls[i]
		if r.Drive != ds.id || r.DayFolder != d.Path {
			continue
		}
		if r.Status != RollVerified || r.HasError {
			return false
		}
		n++
	}
	for _, list := range [][]Finding{ds.findings, ds.gone} {
		for _, f := range list {
			if _, in := relativeTo(d.Path, f.Path); in && f.Severity == Error {
				return false
			}
		}
	}
	return n > 0
}
