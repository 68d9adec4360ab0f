package mhl

import (
	"path"
	"strings"
)

// findRoll is what comes before the roll's files in the paths of a source that lies above
// it, "" where the source lists none of them.
func (c *comparer) findRoll(s *Source) string {
	rel, ok := inFolder(path.Clean(c.o.RollPath), path.Clean(s.Scope))
	if !ok || c.o.RollPath == "" || rel == "." {
		return ""
	}
	hits := map[string]bool{}
	for i := range s.Manifests {
		if s.Manifests[i].Manifest == nil {
			continue
		}
		for j := range s.Manifests[i].Entries {
			e := &s.Manifests[i].Entries[j]
			if e.Folder {
				continue
			}
			if _, ok := belowPrefix(e.Path, rel); ok {
				return rel
			}
			c.findName(e.Path, hits)
		}
	}
	if len(hits) != 1 {
		return "" // nothing, or no telling which is meant
	}
	for prefix := range hits {
		rel = prefix
	}
	return rel
}

// findName looks for the roll's name in a path, with one of its files below: folders above
// the roll may have other names by now.
func (c *comparer) findName(listed string, hits map[string]bool) {
	clean, _, ok := cleanPath(trimPath(listed))
	if !ok || len(hits) > 1 {
		return
	}
	for end := 0; end < len(clean); end++ {
		next := strings.IndexByte(clean[end:], '/')
		if next < 0 {
			return
		}
		name := clean[end : end+next]
		end += next
		if !sameForm(name, c.roll) || hits[clean[:end]] {
			continue
		}
		if c.tree == nil {
			c.tree = newTree(c.files)
		}
		pl := &place{tree: c.tree}
		if m, ok := pl.look(clean[end+1:], (*rollTree).form); ok && m.outcome == found {
			hits[clean[:end]] = true
		}
	}
}

// belowPrefix is what a listed path is relative to a folder that it lies in, which may be
// spelled in another Unicode form, with backslashes or dots.
func belowPrefix(listed, prefix string) (string, bool) {
	if in, ok := inFolder(listed, prefix); ok {
		return in, ok
	}
	clean, _, ok := cleanPath(trimPath(listed))
	if !ok {
		return "", false
	}
	at := -1 // the slash after as many components as the prefix has
	for range strings.Count(prefix, "/") + 1 {
		next := strings.IndexByte(clean[at+1:], '/')
		if next < 0 {
			return "", false
		}
		at += 1 + next
	}
	return clean[at+1:], sameForm(clean[:at], prefix)
}

// inFolder is what a path is relative to a folder that it lies in.
func inFolder(p, folder string) (string, bool) {
	if folder == "." {
		return p, true
	}
	if len(p) > len(folder) && p[len(folder)] == '/' && p[:len(folder)] == folder {
		return p[len(folder)+1:], true
	}
	return "", false
}
