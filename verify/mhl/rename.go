package mhl

import (
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// renames are what the generations of a history record of files and folders that have
// another name since.
type renames struct {
	of    map[string][]rename // by earlier path, cleaned, in normal form; oldest first
	steps int                 // left; beyond them names are taken as they are
}

type rename struct {
	generation int    // its place in the source
	to         string // cleaned
}

// maxRenameSteps bounds what following names costs in one source.
const maxRenameSteps = 1 << 24

// newRenames collects the renames of a source, nil where it has none.
func newRenames(s *Source) *renames {
	r := &renames{of: map[string][]rename{}, steps: maxRenameSteps}
	for i := range s.Manifests {
		if s.Manifests[i].Manifest == nil {
			continue
		}
		entries := s.Manifests[i].Entries
		for j := range entries {
			if entries[j].Previous == "" {
				continue
			}
			from, _, ok1 := cleanPath(trimPath(entries[j].Previous))
			to, _, ok2 := cleanPath(trimPath(entries[j].Path))
			if ok1 && ok2 && from != "" && to != "" && from != to {
				key := norm.NFC.String(from)
				r.of[key] = append(r.of[key], rename{i, to})
			}
		}
	}
	if len(r.of) == 0 {
		return nil
	}
	return r
}

// follow returns the name that a path of a generation has in the newest one: that of the
// path itself or of a folder above it may have changed, any number of times. Without a
// change it is the path as listed.
func (r *renames) follow(listed string, generation int) string {
	clean, _, ok := cleanPath(trimPath(listed))
	if !ok {
		return listed
	}
	now := listed
	for {
		next, at, ok := r.next(clean, generation)
		if !ok {
			return now
		}
		clean, now, generation = next, next, at
	}
}

// next is the first rename of a path after a generation; of two in one generation that
// of the path itself, or of the folder nearest to it, counts.
func (r *renames) next(clean string, generation int) (to string, at int, ok bool) {
	key := norm.NFC.String(clean)
	below := 0 // components below the folder that is looked at
	for end := len(key); end > 0; below++ {
		r.steps--
		list := r.of[key[:end]]
		i := sort.Search(len(list), func(i int) bool { return list[i].generation > generation })
		if i < len(list) && (!ok || list[i].generation < at) {
			to, at, ok = list[i].to+lastComponents(clean, below), list[i].generation, true
		}
		end = max(strings.LastIndexByte(key[:end], '/'), 0)
	}
	return to, at, ok && r.steps > 0
}

// lastComponents is the end of a path, n components with the slash before them.
func lastComponents(p string, n int) string {
	at := len(p)
	for range n {
		at = strings.LastIndexByte(p[:at], '/')
	}
	return p[at:]
}
