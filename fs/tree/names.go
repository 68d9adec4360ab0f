package tree

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// claim is somebody's wish for a name in a folder.
type claim struct {
	name     string   // the bare name, byte for byte
	suffixes []string // what may be added, in this order, while the name is taken
	path     string   // decides who is (2) and who is (3)
}

// assign gives every claim a name of its own, in the order of the claims. Earlier
// claims have the first choice, a bare name goes before any name with a suffix, and
// reserved names are nobody's. Names that are equal letter case aside are one name:
// half of the machines that will see the tree could not tell them apart.
func assign(claims []claim, reserved ...string) []string {
	taken := make(map[string]bool, len(claims)+len(reserved))
	for _, name := range reserved {
		taken[fold(name)] = true
	}
	take := func(name string) bool {
		key := fold(name)
		if taken[key] {
			return false
		}
		taken[key] = true
		return true
	}
	names := make([]string, len(claims))
	late := claimBare(claims, names, take)
	late = claimSuffixed(claims, names, late, take)
	claimNumbered(claims, names, late, take)
	return names
}

// claimBare hands out the bare names and returns who got none.
func claimBare(claims []claim, names []string, take func(string) bool) (late []int) {
	for i, c := range claims {
		if take(c.name) {
			names[i] = c.name
			continue
		}
		late = append(late, i)
	}
	return late
}

// claimSuffixed adds suffixes, one after the other, and returns who still has no name.
func claimSuffixed(claims []claim, names []string, who []int, take func(string) bool) (late []int) {
	for _, i := range who {
		name := claims[i].name
		for _, suffix := range claims[i].suffixes {
			name += " (" + suffix + ")"
			if take(name) {
				names[i] = name
				break
			}
		}
		if names[i] == "" {
			late = append(late, i)
		}
	}
	return late
}

// claimNumbered adds numbers from 2, in byte order of paths.
func claimNumbered(claims []claim, names []string, who []int, take func(string) bool) {
	slices.SortStableFunc(who, func(a, b int) int { return strings.Compare(claims[a].path, claims[b].path) })
	for _, i := range who {
		name := claims[i].name
		for _, suffix := range claims[i].suffixes {
			name += " (" + suffix + ")"
		}
		for n := 2; names[i] == ""; n++ {
			if numbered := fmt.Sprintf("%s (%d)", name, n); take(numbered) {
				names[i] = numbered
			}
		}
	}
}

// fold makes names that differ in letter case or Unicode normal form alone equal.
// Bytes that are not UTF-8 stay what they are.
func fold(name string) string {
	name = norm.NFC.String(name)
	folded := make([]byte, 0, len(name))
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 {
			folded = append(folded, name[i])
		} else {
			folded = utf8.AppendRune(folded, foldRune(r))
		}
		i += size
	}
	return string(folded)
}

// foldRune is the smallest of the runes that are one letter in different cases.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// fileName makes a volume label fit for a name in a folder: labels may hold what names may not.
func fileName(label string) string {
	name := strings.ReplaceAll(strings.ReplaceAll(label, "/", "_"), "\x00", "_")
	if name == "" || name == "." || name == ".." {
		return "drive"
	}
	return name
}
