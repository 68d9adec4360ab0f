package seal

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
	"footagefs/verify/mhl/ignore"
)

// target is a history that gets a generation: that of the roll, or one nested in it.
type target struct {
	scope    string      // relative to the roll
	history  *mhl.Source // nil: its first generation
	above    *target     // the history that it is nested in
	nested   []*target
	patterns []string // what is ignored
	ignore   *ignore.Patterns
	manifest mhl.Manifest // without its entries
	entries  []mhl.Dated
	files    int
	name     string // of the manifest
	content  []byte // of the manifest; nil: it gets none
	chain    []byte
	digest   string // C4 of the content, or of the newest manifest where it gets none
	folders  map[string]*sealedFolder
}

// newTargets are the histories in the roll and, where it has none itself, the one that it
// is to get.
func (s *sealer) newTargets() {
	if s.o.Legacy {
		return
	}
	if len(s.histories) == 0 || s.histories[0].Scope != "." {
		s.targets = append(s.targets, &target{scope: "."})
	}
	for _, h := range s.histories {
		s.targets = append(s.targets, &target{scope: path.Clean(h.Scope), history: h})
	}
	for _, t := range s.targets {
		s.byScope[t.scope] = t
	}
	for _, t := range s.targets {
		if t.scope != "." {
			t.above = s.target(path.Dir(t.scope))
			t.above.nested = append(t.above.nested, t)
		}
	}
	for _, t := range s.targets {
		t.folders = map[string]*sealedFolder{}
		t.patterns = s.patterns(t)
		t.ignore = ignore.New(t.patterns)
	}
}

// target is the history that records what lies in a folder: the closest one.
func (s *sealer) target(folder string) *target {
	for s.byScope[folder] == nil {
		folder = path.Dir(folder)
	}
	return s.byScope[folder]
}

// always are the patterns of every history.
var always = []string{".DS_Store", mhl.HistoryFolder, mhl.HistoryFolder + "/"}

// patterns are the history's own, which are never fewer than before, and those of names to
// ignore that hide nothing which it lists.
func (s *sealer) patterns(t *target) []string {
	var old []string
	if t.history != nil && len(t.history.Manifests) > 0 {
		old = t.history.Manifests[len(t.history.Manifests)-1].Ignore
	}
	var list []string
	for _, p := range append(append([]string{}, always...), s.o.Ignore...) {
		if mhl.Spellable(p) && p != "" && !slices.Contains(old, p) && !t.lists(p) {
			list = appendOnce(list, p)
		}
	}
	// Later patterns win: what the history re-includes stays so.
	return append(list, old...)
}

// lists reports whether the history, or one nested in it, lists something that a pattern
// would ignore: a history's patterns count in what is nested in it, too.
func (t *target) lists(pattern string) bool {
	ignored := ignore.New([]string{pattern})
	return t.listsAny(func(p string, folder bool) bool { return ignored.Match(t.within(p), folder) })
}

// listsAny calls matches with the paths, in the roll, of all that is listed until it is true.
func (t *target) listsAny(matches func(p string, folder bool) bool) bool {
	for _, n := range t.nested {
		if n.listsAny(matches) {
			return true
		}
	}
	if t.history == nil {
		return false
	}
	for _, g := range t.history.Manifests {
		for i := range g.Entries {
			e := &g.Entries[i]
			if matches(path.Join(t.scope, strings.TrimSuffix(e.Path, "/")), e.Folder) {
				return true
			}
		}
	}
	return false
}

// within is a path of the roll relative to the history's scope.
func (t *target) within(p string) string {
	if t.scope == "." {
		return p
	}
	return strings.TrimPrefix(p, t.scope+"/")
}

// ignores reports whether a path of the roll must not be recorded.
func (t *target) ignores(p string, folder bool) bool {
	in := t.within(p)
	return mhl.AlwaysIgnored(in, folder) || t.ignore.Match(in, folder)
}

// record is what is recorded of a file that was judged. A checksum of a kind that its
// history has already is verified or failed; one of another kind is verified with them, or
// not recorded where they failed; a file without any is original, or failed where another
// manifest says so.
func (s *sealer) record(f *sealedFile) []mhl.Hash {
	if s.o.Legacy {
		return s.recordAs(f, nil, func(checksum.Sum) mhl.Action { return mhl.Original })
	}
	var known []mhl.Record
	if t := s.target(path.Dir(f.item.Path)); t.history != nil && f.item.Kind == mhl.Listed {
		for _, r := range f.item.Records {
			if strings.HasPrefix(r.Manifest, t.history.Path+"/") {
				known = append(known, r)
			}
		}
	}
	failed := false
	for _, r := range known {
		digest, _ := checksum.Find(f.sums, r.Algorithm)
		failed = failed || digest != r.Digest
	}
	return s.recordAs(f, known, func(sum checksum.Sum) mhl.Action {
		same, other := heldAgainst(known, sum)
		switch {
		case other:
			return mhl.Failed
		case same || len(known) > 0 && !failed && f.verdict.Status != verify.Mismatch:
			return mhl.Verified
		case len(known) > 0:
			return ""
		case f.verdict.Status == verify.Mismatch:
			return mhl.Failed
		}
		return mhl.Original
	})
}

// heldAgainst reports whether records of the sum's kind agree with it, and whether any
// does not.
func heldAgainst(known []mhl.Record, sum checksum.Sum) (same, other bool) {
	for _, r := range known {
		if r.Algorithm == sum.Algorithm {
			same = same || r.Digest == sum.Digest
			other = other || r.Digest != sum.Digest
		}
	}
	return same, other
}

// recordAs are the file's checksums that were asked for, and those of known kinds.
func (s *sealer) recordAs(f *sealedFile, known []mhl.Record, action func(checksum.Sum) mhl.Action) []mhl.Hash {
	var list []mhl.Hash
	for _, sum := range f.sums {
		wanted := slices.Contains(s.o.Algorithms, sum.Algorithm) ||
			slices.ContainsFunc(known, func(r mhl.Record) bool { return r.Algorithm == sum.Algorithm })
		if !wanted {
			continue
		}
		if a := action(sum); a != "" {
			list = append(list, mhl.Hash{Sum: sum, Action: a})
		}
	}
	return list
}

// manifestName is how a manifest is called: its number, the folder, the start of the work.
// What a chain could not spell, or would take for something else, is replaced.
func (s *sealer) manifestName(number int, folder string) string {
	clean := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r == '\\' || !mhl.Spellable(string(r)) {
			return '_'
		}
		return r
	}, folder)
	for len(clean) > 200 { // names have 255 bytes at most
		_, size := utf8.DecodeLastRuneInString(clean)
		clean = clean[:len(clean)-size]
	}
	stamp := s.stamp.Format("2006-01-02_150405")
	if number == 0 {
		return fmt.Sprintf("%s_%s.mhl", clean, stamp)
	}
	return fmt.Sprintf("%04d_%s_%sZ.mhl", number, clean, stamp)
}
