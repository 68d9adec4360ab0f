package mhl

import (
	"path"
	"slices"
	"strings"

	"footagefs/verify/checksum"
)

// folderHistory is what a history records of folders.
type folderHistory struct {
	*Source
	scope   string // relative to the roll
	prefix  string // what comes before the roll in the paths of a source above it
	renames *renames
	folders map[string]bool      // all that are recorded
	newest  []recorded           // of each folder and algorithm the newest hash
	changes map[string]int       // by folder: the newest generation that lists a new path or a rename below it
	nested  map[string][]*Source // by folder: the nested histories in it
	last    map[*Source]int      // their newest generations that list a new path or a rename
}

// collect takes the newest hash of each folder and algorithm.
func (h *folderHistory) collect(f *folderChecker) {
	h.folders = map[string]bool{}
	type key struct {
		folder string
		a      checksum.Algorithm
	}
	seen := map[key]bool{}
	take := func(folder string, generation int, content, structure []checksum.Sum) {
		known := h.folders[folder]
		h.folders[folder] = true
		for _, a := range algorithmsOf(content, structure) {
			if k := (key{folder, a}); !seen[k] {
				seen[k] = true
				h.newest = append(h.newest, recorded{folder, generation, a, digestIn(content, a), digestIn(structure, a)})
			}
		}
		if !known && len(content)+len(structure) == 0 {
			h.newest = append(h.newest, recorded{folder: folder, generation: generation}) // it can be gone
		}
	}
	for i := len(h.Manifests) - 1; i >= 0; i-- {
		m := h.Manifests[i].Manifest
		if m == nil {
			continue
		}
		if h.prefix == "" && len(m.Content)+len(m.Structure) > 0 {
			take(h.scope, i, m.Content, m.Structure)
		}
		for j := range m.Entries {
			if e := &m.Entries[j]; e.Folder {
				if folder, ok := h.folder(f, e.Path, i); ok {
					take(folder, i, e.Content, e.Structure)
				}
			}
		}
	}
}

// folder is where a recorded folder is today, relative to the roll.
func (h *folderHistory) folder(f *folderChecker, listed string, generation int) (string, bool) {
	if h.renames != nil {
		listed = h.renames.follow(listed, generation)
	}
	clean, _, ok := cleanPath(trimPath(listed))
	if !ok || clean == "" {
		return "", false
	}
	if h.prefix != "" {
		if sameForm(clean, h.prefix) {
			return ".", true
		}
		if clean, ok = belowPrefix(clean, h.prefix); !ok {
			return "", false
		}
	}
	full := path.Join(h.scope, clean)
	return f.spelled(full), true
}

// spelled is a path as the drive spells it, as far as there is such.
func (f *folderChecker) spelled(full string) string {
	if f.there(full) {
		return full
	}
	if f.tree == nil {
		f.tree = newTree(f.files)
	}
	at := int32(0)
	for name := range strings.SplitSeq(full, "/") {
		var ok bool
		if at, ok = f.tree.folded(at, name); !ok {
			return full
		}
	}
	var names []string
	for ; at > 0; at = f.tree.nodes[at].parent {
		names = append(names, f.tree.nodes[at].name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// there reports whether a folder is there, or something in it.
func (f *folderChecker) there(full string) bool {
	i, ok := slices.BinarySearchFunc(f.files, full, func(f File, p string) int { return strings.Compare(f.Path, p) })
	if ok {
		return true
	}
	from, to, _ := scopeRange(f.files[i:], full)
	return from < to
}

func algorithmsOf(lists ...[]checksum.Sum) []checksum.Algorithm {
	var all []checksum.Algorithm
	for _, list := range lists {
		for _, s := range list {
			if !slices.Contains(all, s.Algorithm) {
				all = append(all, s.Algorithm)
			}
		}
	}
	return all
}

func digestIn(list []checksum.Sum, a checksum.Algorithm) string {
	for _, s := range list {
		if s.Algorithm == a {
			return s.Digest
		}
	}
	return ""
}

// findChanges finds the newest generation in which each folder became another.
func (h *folderHistory) findChanges() {
	h.changes = map[string]int{}
	h.nested, h.last = map[string][]*Source{}, map[*Source]int{}
	var nest func(list []*Source)
	nest = func(list []*Source) {
		for _, n := range list {
			newPaths(n, func(_ string, generation int) { h.last[n] = max(h.last[n], generation) })
			for dir := path.Clean(n.Scope); ; dir = path.Dir(dir) {
				h.nested[dir] = append(h.nested[dir], n)
				if dir == h.scope || dir == "." || dir == "/" {
					break
				}
			}
			nest(n.Nested)
		}
	}
	nest(h.Nested)
	newPaths(h.Source, func(p string, generation int) {
		if h.renames != nil {
			p = h.renames.follow(p, generation)
		}
		if h.prefix != "" {
			var ok bool
			if p, ok = belowPrefix(p, h.prefix); !ok {
				return
			}
		}
		for dir := path.Dir(path.Join(h.scope, p)); h.changes[dir] < generation; dir = path.Dir(dir) {
			h.changes[dir] = generation
			if dir == "." || dir == "/" {
				break
			}
		}
	})
}

// newPaths calls found for each path that a later generation is the first to list, and
// for both names of each that it renames.
func newPaths(s *Source, found func(p string, generation int)) {
	if len(s.Manifests) < 2 {
		return
	}
	seen := map[string]bool{}
	for i := range s.Manifests {
		if s.Manifests[i].Manifest == nil {
			continue
		}
		entries := s.Manifests[i].Entries
		for j := range entries {
			e := &entries[j]
			p := strings.TrimSuffix(e.Path, "/")
			if i > 0 && (!seen[p] || e.Previous != "") {
				found(p, i)
			}
			if i > 0 && e.Previous != "" {
				found(e.Previous, i)
			}
			seen[p] = true
		}
	}
}

// changedSince reports whether what was listed after a generation made the folder another
// than it recorded.
func (h *folderHistory) changedSince(folder string, generation int) bool {
	if h.changes[folder] > generation {
		return true
	}
	for _, n := range h.nested[folder] {
		if h.last[n] > h.referred(n, generation) {
			return true
		}
	}
	return false
}

// referred is the generation of a nested history that one of this history refers to, or
// the newest that there was when it was made; -1 where there was none.
func (h *folderHistory) referred(n *Source, generation int) int {
	g := &h.Manifests[generation]
	last := -1
	for i := range n.Manifests {
		m := n.Manifests[i].Manifest
		if m == nil {
			continue
		}
		if slices.ContainsFunc(g.References, func(r Reference) bool { return r.C4 == m.Digest }) {
			return i
		}
		if !m.Created.After(g.Created) {
			last = i
		}
	}
	return last
}
