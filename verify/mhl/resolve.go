package mhl

import (
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"

	"footagefs/verify/drive"
)

// outcome is what became of a recorded path.
type outcome uint8

const (
	absent  outcome = iota // nothing is there, or a folder or special file
	found                  // a regular file
	linked                 // it is a symbolic link, or leads through one
	outside                // it leads out of its scope
)

// match is a recorded path held against what there is.
type match struct {
	outcome outcome
	file    int    // of found: its number
	path    string // in its scope, as far as it could be made clean
	// variant is true where another name may stand for the same file: what was found is
	// spelled differently, or lies elsewhere than listed.
	variant bool
	note    string
}

const (
	noteCase   = "listed in another letter case"
	noteShared = "listed below a folder that the roll does not have"
)

// place is where the paths of a manifest start: its scope. Only paths that have no exact
// match come here.
type place struct {
	tree  *rollTree
	scope int32  // node
	name  string // the roll's, or the scope's folder's; "" where it is no prefix
	named bool   // the scope really has something of that name in it
	// shared is the first component of all entries, where the scope has none such and
	// entries are found without it.
	shared string
}

func newPlace(t *rollTree, scope int32, name string) *place {
	_, named := t.form(scope, name)
	return &place{tree: t, scope: scope, name: name, named: named}
}

// resolve finds what a recorded path means; the first that is there counts. Nothing that
// is found lies outside the scope: paths are only looked up in its tree.
func (pl *place) resolve(listed string) match {
	if strings.IndexByte(listed, 0) >= 0 {
		return match{outcome: outside}
	}
	trimmed := trimPath(listed)
	for _, p := range [...]string{listed, trimmed} {
		if m, ok := pl.look(p, (*rollTree).exact); ok {
			return m
		}
	}
	if m, ok := pl.look(trimmed, (*rollTree).form); ok {
		return m
	}
	clean, absolute, ok := cleanPath(trimmed)
	if !ok || leadsAway(trimmed) {
		return match{outcome: outside}
	}
	m := pl.resolveClean(clean, absolute)
	if m.outcome == absent && strings.HasPrefix(trimmed, "//") {
		m.outcome = outside // a server's name
	}
	return m
}

// resolveClean goes on with a path that has no dots, backslashes or leading slash.
func (pl *place) resolveClean(clean string, absolute bool) match {
	for _, look := range [...]picker{(*rollTree).exact, (*rollTree).form} {
		if m, ok := pl.look(clean, look); ok {
			return m
		}
	}
	inner := pl.below(clean, absolute, sameForm)
	for _, p := range inner {
		if m, ok := pl.look(p, (*rollTree).form); ok {
			m.variant = true
			return m
		}
	}
	shared, isShared := cutFolder(clean, pl.shared, sameForm)
	if isShared {
		if m, ok := pl.look(shared, (*rollTree).form); ok {
			m.variant, m.note = true, noteShared
			return m
		}
	}
	for _, p := range append([]string{clean, shared}, pl.below(clean, absolute, strings.EqualFold)...) {
		if m, ok := pl.look(p, (*rollTree).folded); ok {
			m.variant, m.note = true, noteCase
			return m
		}
	}
	m := match{path: clean}
	if len(inner) > 0 {
		m.path = inner[0]
	} else if isShared {
		m.path = shared
	}
	return m
}

// look looks a path up; ok is false where nothing is there.
func (pl *place) look(p string, pick picker) (m match, ok bool) {
	if p == "" {
		return m, false
	}
	m.path = p
	at := pl.scope
	for rest, more := p, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if at, ok = pick(pl.tree, at, name); !ok {
			return m, false
		}
		n := &pl.tree.nodes[at]
		m.variant = m.variant || n.name != name
		if n.kind == drive.Symlink {
			m.outcome = linked
			return m, true
		}
	}
	if n := &pl.tree.nodes[at]; n.kind == drive.Regular {
		m.outcome, m.file = found, int(n.file)
	}
	return m, true
}

// below is what a path says after the roll's name: as its first component or, in an
// absolute path, as any. A folder in the scope that really has the name is meant instead.
func (pl *place) below(clean string, absolute bool, same func(a, b string) bool) []string {
	if pl.name == "" || pl.named {
		return nil
	}
	var all []string
	for rest, more := clean, true; more && len(all) < maxRollNames; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if more && rest != "" && same(name, pl.name) {
			all = append(all, rest)
		}
		more = more && absolute
	}
	return all
}

// maxRollNames is how often the roll's name may come in one path.
const maxRollNames = 8

// findShared looks for a first component that all paths share, though the scope has none
// such, and without which one of them at least is found.
func (pl *place) findShared(paths func(yield func(string) bool)) {
	shared, all, any := "", true, false
	for listed := range paths {
		clean, _, ok := cleanPath(trimPath(listed))
		first, rest, more := strings.Cut(clean, "/")
		if all = ok && more && (shared == "" || sameForm(first, shared)); !all {
			return
		}
		if shared == "" {
			shared = first
			if _, there := pl.tree.form(pl.scope, first); there {
				return
			}
		}
		if !any {
			m, ok := pl.look(rest, (*rollTree).form)
			any = ok && m.outcome == found
		}
	}
	if any {
		pl.shared = shared
	}
}

// trimPath drops white space around a path.
func trimPath(p string) string { return strings.Trim(p, " \t\r\n") }

// cleanPath takes backslashes for slashes and resolves empty and dot components; a leading
// slash is dropped and said. ok is false where the path leads out of where it starts.
func cleanPath(p string) (clean string, absolute, ok bool) {
	if strings.IndexByte(p, '\\') >= 0 {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	absolute = strings.HasPrefix(p, "/")
	depth := 0
	for part := range strings.SplitSeq(p, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", absolute, false
			}
		default:
			depth++
		}
	}
	clean = strings.TrimPrefix(path.Clean("/"+p), "/")
	return clean, absolute, true
}

// leadsAway reports whether a path is that of another volume: a drive letter, a server, a
// URL.
func leadsAway(p string) bool {
	if len(p) >= 2 && p[1] == ':' && isAlpha(p[0]) {
		return true
	}
	if strings.HasPrefix(p, `\\`) || strings.HasPrefix(p, `/\`) || strings.HasPrefix(p, `\/`) {
		return true
	}
	scheme, rest, _ := strings.Cut(p, ":")
	rest = strings.ReplaceAll(rest, `\`, "/")
	if strings.EqualFold(scheme, "file") && strings.HasPrefix(rest, "/") {
		return true
	}
	return strings.HasPrefix(rest, "//") && isScheme(scheme)
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlpha(c) && (i == 0 || !isDigit(c) && !strings.ContainsRune("+-.", rune(c))) {
			return false
		}
	}
	return s != ""
}

// cutFolder drops a first component; ok is false where it is another, or all.
func cutFolder(p, folder string, same func(a, b string) bool) (rest string, ok bool) {
	first, rest, more := strings.Cut(p, "/")
	if folder == "" || !more || rest == "" || !same(first, folder) {
		return "", false
	}
	return rest, true
}

func sameForm(a, b string) bool {
	return a == b || norm.NFC.String(a) == norm.NFC.String(b)
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
