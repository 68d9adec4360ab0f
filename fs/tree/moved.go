package tree

import "footagefs/catalog"

// What differs between the tree as it was and as it is.

// Moved are the folders below Drives in which a roll's link came, went or leads elsewhere.
func Moved(old, now *Layout) []catalog.Place {
	var moved []catalog.Place
	for place, rolls := range now.links {
		was := old.links[place]
		for name, at := range rolls {
			if was[name] != at {
				moved = append(moved, place)
				break
			}
		}
	}
	for place, rolls := range old.links {
		if len(now.links[place]) < len(rolls) {
			moved = append(moved, place)
		}
	}
	return moved
}

// SameNames reports whether two folders hold the same names that lead to the same.
func (f *Folder) SameNames(other *Folder) bool {
	if len(f.Items) != len(other.Items) {
		return false
	}
	for i := range f.Items {
		x, y := &f.Items[i], &other.Items[i]
		if x.Name != y.Name || x.Kind != y.Kind || x.Target != y.Target || x.Place != y.Place {
			return false
		}
	}
	return true
}
