package catalog

import (
	"slices"

	"footagefs/verify/drive"
)

// A file that is changed by another name than the one it has in its roll (another hard
// link, a file handle of a server) is told of by its inode number.

// inodeRange is the span of the inode numbers of a roll's files: enough to know that most
// numbers are not among them, also when the inventory was let go of.
type inodeRange struct {
	first, last uint64 // last is 0 where there is no file
}

func (s *inodeRange) add(inode uint64) {
	if s.last == 0 || inode < s.first {
		s.first = inode
	}
	s.last = max(s.last, inode)
}

// within are the sorted numbers that lie in the span.
func (s inodeRange) within(sorted []uint64) []uint64 {
	from, _ := slices.BinarySearch(sorted, s.first)
	to, _ := slices.BinarySearch(sorted, s.last+1)
	return sorted[from:max(from, to)]
}

// mayHave is true where files with some of these inode numbers, sorted, are in the roll;
// where its inventory is not loaded, where they may be. It keeps them for takeTold.
func (r *rollState) mayHave(inodes []uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	some := r.inodes.within(inodes)
	if len(some) == 0 || r.inodes.last == 0 {
		return false
	}
	if r.inv == nil {
		r.told = append(r.told, some...)
		return true
	}
	before := len(r.told)
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		if !e.there {
			continue
		}
		if _, has := slices.BinarySearch(some, e.look.Inode); has {
			r.told = append(r.told, e.look.Inode)
		}
	}
	return len(r.told) > before
}

// takeTold are the folders of the roll in which the files lie that mayHave kept, each once.
// While the inventory is not loaded there are none, and the numbers stay.
func (r *rollState) takeTold() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.told) == 0 || r.inv == nil {
		return nil
	}
	slices.Sort(r.told)
	var folders []string
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		if _, has := slices.BinarySearch(r.told, e.look.Inode); has && e.there {
			if folder, _ := drive.Split(e.item.Path); !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
	}
	r.told = nil
	return folders
}
