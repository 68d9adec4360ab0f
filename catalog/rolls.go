package catalog

import (
	"sort"
)

// Rolls are the selected rolls, sorted as report.csv is.
func (c *Catalog) Rolls(f Filter) []Roll {
	all := c.allRolls()
	if f.all() {
		return all
	}
	var list []Roll
	for i := range all {
		if f.matches(&all[i]) {
			list = append(list, all[i])
		}
	}
	return list
}

// allRolls is the snapshot of this version: made once, never changed.
func (c *Catalog) allRolls() []Roll {
	c.mu.Lock()
	if c.snapAt == c.version && c.snapshot != nil {
		defer c.mu.Unlock()
		return c.snapshot
	}
	version := c.version
	list := make([]Roll, 0, len(c.rolls))
	for _, r := range c.rolls {
		r.mu.Lock()
		list = append(list, r.value(r.drive.offline))
		r.mu.Unlock()
	}
	c.mu.Unlock()
	sort.Slice(list, func(i, j int) bool { return rollLess(&list[i], &list[j]) })
	markDuplicates(list)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.snapshot, c.snapAt = list, version
	return list
}

// rollLess is the order of report.csv: type, date, name, path, drive, byte by byte.
func rollLess(a, b *Roll) bool {
	switch {
	case a.Type != b.Type:
		return a.Type < b.Type
	case a.Date != b.Date:
		return a.Date < b.Date
	case a.Name != b.Name:
		return a.Name < b.Name
	case a.Path != b.Path:
		return a.Path < b.Path
	}
	return a.Drive < b.Drive
}

// markDuplicates lets each roll of a duplicate name know of its finding.
func markDuplicates(list []Roll) {
	byID := map[RollID]Finding{}
	for _, f := range duplicates(list) {
		byID[f.RollID] = f
	}
	for i := range list {
		if f, ok := byID[list[i].ID]; ok {
			if !list[i].HasError {
				list[i].Message = f.Message
			}
			list[i].HasError = true
		}
	}
}

func (f Filter) all() bool {
	return f.Date == "" && f.Roll == "" && f.Type == "" && len(f.Drives)+len(f.Paths)+len(f.IDs) == 0
}

func (f Filter) matches(r *Roll) bool {
	if f.Date != "" && f.Date != r.Date || f.Roll != "" && f.Roll != r.Name || f.Type != "" && f.Type != r.Type {
		return false
	}
	return contains(f.Drives, r.Drive) && contains(f.IDs, r.ID) && f.near(r.Drive, r.Path)
}

// contains is true for a selection of nothing in particular, too.
func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return len(list) == 0
}

// near is true for what lies at or below one of the filter's places, or above one.
func (f Filter) near(d DriveID, path string) bool {
	for _, p := range f.Paths {
		_, in := relativeTo(p.Path, path)
		_, above := relativeTo(path, p.Path)
		if p.Drive == d && (in || above) {
			return true
		}
	}
	return len(f.Paths) == 0
}

func (c *Catalog) roll(id RollID) *rollState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rolls[id]
}

// states are the selected rolls' states, in the order of Rolls.
func (c *Catalog) states(f Filter) []*rollState {
	rolls := c.Rolls(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*rollState, 0, len(rolls))
	for i := range rolls {
		if r := c.rolls[rolls[i].ID]; r != nil {
			list = append(list, r)
		}
	}
	return list
}
