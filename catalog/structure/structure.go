// Package structure finds the rolls of a drive: its day folders, asset type folders,
// camera-format levels and rolls, and what lies where it should not, by an import profile.
//
// It looks at folders alone, never at the files of a roll, and knows nothing of what was
// found before, of verdicts and of catalogs: what it finds is values.
package structure

import (
	"cmp"
	"fmt"
	"slices"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// Structure is what a scan finds on a drive: sorted by path, the same for the same drive.
type Structure struct {
	Rolls    []Roll
	Days     []Day // also folders with a bad date
	Findings []Finding
	// Unread are the folders that the drive refused to list or to let be looked into, and
	// why: nothing is known of what is in them now.
	Unread map[string]error
}

// Roll is a folder that is a roll. Of its files nothing is known but what lies at its root.
type Roll struct {
	Name               string
	Type               profile.RollType
	Date               string // 20230510
	Episode, Day, Unit string // as the day folder spells them
	Path               string // relative to the drive; "." where the drive is the roll
	DayFolder          string // relative to the drive; "." where the drive is, or lies in, the day folder
	DayName            string
	Inode              uint64
	// RootSum moves with every name at its root, and may move without.
	RootSum uint64
	// Root has the folders, manifests, links and the like at its root where it was listed;
	// of other files it has all, some or one.
	Root []drive.Entry
}

// Day is a day folder, or one that is meant to be (Bad).
type Day struct {
	Path, Name string
	Bad        bool
}

// Finding is one about the structure. Its path is relative to the drive; the rest is set
// where it is about a roll.
type Finding struct {
	finding.Finding
	Roll string
	Type profile.RollType
	Date string // 20230510
}

// UnreadAbove is true where a folder above a path could not be read.
func (st *Structure) UnreadAbove(path string) bool {
	for path != "." {
		path, _ = drive.Split(path)
		if _, ok := st.Unread[path]; ok {
			return true
		}
	}
	return false
}

// unreadAt is true of a folder that could not be read, and of what lies in one.
func (st *Structure) unreadAt(path string) bool {
	_, own := st.Unread[path]
	return own || st.UnreadAbove(path)
}

// Known is a roll that was found by an earlier scan, with its day folder.
type Known struct {
	Roll
	InDay Day
}

// Recall adds known rolls in folders that could not be read. What was taken for a roll in
// such a folder, and has known rolls in it, is a level.
func (st *Structure) Recall(known []Known) {
	have := map[string]bool{}
	for i := range st.Rolls {
		have[st.Rolls[i].Path] = true
	}
	levels := map[string]bool{}
	for _, k := range known {
		st.Rolls = append(st.Rolls, k.Roll)
		if !slices.Contains(st.Days, k.InDay) {
			st.Days = append(st.Days, k.InDay)
		}
		if level, _ := drive.Split(k.Path); have[level] && st.unreadAt(level) {
			levels[level] = true
		}
	}
	st.Rolls = slices.DeleteFunc(st.Rolls, func(r Roll) bool { return levels[r.Path] })
	st.Findings = slices.DeleteFunc(st.Findings, func(f Finding) bool { return levels[f.Path] })
	for level := range levels {
		if err, own := st.Unread[level]; own && !st.UnreadAbove(level) {
			f := finding.New(finding.Unreadable, level, fmt.Sprintf(whatUnread, drive.Reason(err))).Doing(doLook)
			st.Findings = append(st.Findings, Finding{Finding: f})
		}
	}
	st.sort()
}

func (st *Structure) sort() {
	slices.SortFunc(st.Rolls, func(a, b Roll) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(st.Days, func(a, b Day) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(st.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code))
	})
}
