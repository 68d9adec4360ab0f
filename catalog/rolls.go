package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"footagefs/verify/drive"
)

// Rolls are the selected rolls, sorted as report.csv is.
func (c *Catalog) Rolls(f Filter) []Roll {
	all := c.allRolls().rolls
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

// snapshot is all rolls at one version of the catalog. It is made once and never changed.
type snapshot struct {
	version    uint64
	rolls      []Roll // sorted as report.csv is
	duplicates []Finding
}

// roster is the rolls that are known, in the order of report.csv, with what stays true of
// them while they are the same ones.
type roster struct {
	states    []*rollState
	namesakes [][]int // places in states of rolls that have one type and name, letter case aside
}

// allRolls is the snapshot of this version.
func (c *Catalog) allRolls() *snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snapshot != nil && c.snapshot.version == c.version {
		return c.snapshot
	}
	all := c.inOrder()
	s := &snapshot{version: c.version, rolls: make([]Roll, len(all.states))}
	for i, r := range all.states {
		r.mu.Lock()
		s.rolls[i] = r.value(r.drive.offline)
		r.mu.Unlock()
	}
	s.duplicates = duplicates(s.rolls, all.namesakes)
	markDuplicates(s)
	c.snapshot = s
	return s
}

// inOrder sorts the rolls where some came or went since they were last sorted. The caller
// holds c.mu.
func (c *Catalog) inOrder() *roster {
	if c.roster == nil {
		states := slices.SortedFunc(maps.Values(c.rolls), byReport)
		c.roster = &roster{states, namesakes(states)}
	}
	return c.roster
}

// byReport is the order of report.csv: type, date, name, path, drive, byte by byte.
func byReport(a, b *rollState) int {
	return cmp.Or(
		strings.Compare(string(a.found.Type), string(b.found.Type)),
		strings.Compare(a.found.Date, b.found.Date),
		strings.Compare(a.found.Name, b.found.Name),
		strings.Compare(a.found.Path, b.found.Path),
		cmp.Compare(a.drive.id, b.drive.id))
}

func namesakes(states []*rollState) [][]int {
	type name struct {
		kind   RollType
		folded string
	}
	groups := make(map[name][]int, len(states))
	for i, r := range states {
		n := name{r.found.Type, strings.ToLower(r.found.Name)}
		groups[n] = append(groups[n], i)
	}
	var list [][]int
	for _, g := range groups {
		if len(g) > 1 {
			list = append(list, g)
		}
	}
	return list
}

// markDuplicates lets each roll of a duplicate name know of its finding.
func markDuplicates(s *snapshot) {
	if len(s.duplicates) == 0 {
		return
	}
	byID := make(map[RollID]string, len(s.duplicates))
	for i := range s.duplicates {
		f := &s.duplicates[i]
		byID[f.RollID] = f.Message()
	}
	for i := range s.rolls {
		r := &s.rolls[i]
		if message, ok := byID[r.ID]; ok {
			if !r.HasError {
				r.Message = message
			}
			r.HasError = true
		}
	}
}

// Only is f narrowed to these rolls; where there is none, nothing is selected.
func (f Filter) Only(rolls []Roll) Filter {
	f.Nothing = f.Nothing || len(rolls) == 0
	f.IDs = make([]RollID, len(rolls))
	for i := range rolls {
		f.IDs[i] = rolls[i].ID
	}
	return f
}

func (f Filter) all() bool { return f.wholeDrives() && len(f.Drives) == 0 }

// wholeDrives is true where nothing smaller than a drive is selected.
func (f Filter) wholeDrives() bool {
	return !f.Nothing && f.Date == "" && f.Roll == "" && f.Type == "" && len(f.Paths)+len(f.IDs) == 0
}

func (f Filter) matches(r *Roll) bool {
	if f.Nothing || f.Date != "" && f.Date != r.Date || f.Roll != "" && f.Roll != r.Name || f.Type != "" && f.Type != r.Type {
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
		_, in := drive.Relative(p.Path, path)
		_, above := drive.Relative(path, p.Path)
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
	var rolls []Roll
	if !f.wholeDrives() {
		rolls = c.Rolls(f)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.wholeDrives() {
		return slices.DeleteFunc(slices.Clone(c.inOrder().states), func(r *rollState) bool { return !contains(f.Drives, r.drive.id) })
	}
	list := make([]*rollState, 0, len(rolls))
	for i := range rolls {
		if r := c.rolls[rolls[i].ID]; r != nil {
			list = append(list, r)
		}
	}
	return list
}
