package mhl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// lists makes a manifest of lines: a path, then what is recorded of it, separated by bars:
// md5:1, !md5:1 (failed), ~xxh64:1 (either byte order), 5 (the size), null, unknown, from:a
// (renamed), folder. The first line may be ignore:a,b or ref:path.
func lists(f Format, lines ...string) *Manifest {
	m := &Manifest{Format: f, Digest: "c4 of " + strings.Join(lines, " "), Created: time.Date(2023, 5, 10, 0, 0, 0, 0, time.UTC), Tool: "tool"}
	for _, line := range lines {
		fields := strings.Split(line, "|")
		if patterns, ok := strings.CutPrefix(line, "ignore:"); ok {
			m.Ignore = strings.Split(patterns, ",")
			continue
		}
		if p, ok := strings.CutPrefix(line, "ref:"); ok {
			m.References = append(m.References, Reference{Path: p})
			continue
		}
		e := Entry{Path: fields[0], Size: -1}
		for _, field := range fields[1:] {
			e.say(field)
		}
		m.Entries = append(m.Entries, e)
	}
	return m
}

func (e *Entry) say(field string) {
	switch {
	case field == "null":
		e.Null = true
	case field == "unknown":
		e.Unknown = append(e.Unknown, "sha256")
	case field == "folder":
		e.Folder = true
	case strings.HasPrefix(field, "from:"):
		e.Previous = field[5:]
	case strings.Contains(field, ":"):
		h := Hash{Action: Original}
		if field[0] == '!' {
			h.Action = Failed
		}
		h.Swapped = field[0] == '~'
		a, digest, _ := strings.Cut(strings.TrimLeft(field, "!~"), ":")
		h.Sum = checksum.Sum{Algorithm: checksum.Algorithm(a), Digest: digest}
		e.Hashes = append(e.Hashes, h)
	default:
		e.Size, _ = strconv.ParseInt(field, 10, 64)
	}
}

// single is a trusted source of one manifest at the roll's root.
func single(name string, lines ...string) *Source {
	return &Source{Path: name, Scope: ".", Format: Legacy, Trusted: true, Manifests: []Generation{{Path: name, Manifest: lists(Legacy, lines...)}}}
}

// chainedSource is a trusted history of generations, each of lines.
func chainedSource(scope string, generations ...[]string) *Source {
	folder := strings.TrimPrefix(scope+"/ascmhl", "./")
	s := &Source{Path: folder, Scope: scope, Format: ASC, Trusted: true}
	for i, lines := range generations {
		s.Manifests = append(s.Manifests, Generation{i + 1, fmt.Sprintf("%s/%d.mhl", folder, i+1), lists(ASC, lines...)})
	}
	return s
}

func (s *Source) distrusted(reason string) *Source {
	s.Trusted, s.Reason = false, reason
	return s
}

func (s *Source) above(scope string) *Source {
	s.Scope, s.Outside = scope, true
	return s
}

func (s *Source) within(scope string) *Source {
	s.Scope, s.Below = scope, true
	return s
}

func (s *Source) with(nested ...*Source) *Source {
	s.Nested = nested
	return s
}

// filesOf are files by path; folders end in a slash, links in an @, others in a !.
func filesOf(list string) []File {
	var files []File
	for _, p := range strings.Split(list, ",") {
		f := File{Path: p, Kind: drive.Regular, Size: 1}
		for end, kind := range map[string]drive.Kind{"/": drive.Folder, "@": drive.Symlink, "!": drive.Special} {
			if strings.HasSuffix(p, end) {
				f.Path, f.Kind = strings.TrimSuffix(p, end), kind
			}
		}
		if p != "" {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

var kindNames = map[ItemKind]string{
	Listed: "listed", Unlisted: "unlisted", Ignored: "ignored", ManifestFile: "manifest", Missing: "missing",
	Rejected: "rejected", Untrusted: "untrusted", Uncovered: "uncovered",
}

// spellItem spells an item: path, kind, reason, size, records, failed ones, note.
func spellItem(i *Item) string {
	words := []string{i.Path, kindNames[i.Kind]}
	if i.Reason != "" {
		words = append(words, i.Reason)
	}
	if i.Size >= 0 {
		words = append(words, strconv.FormatInt(i.Size, 10))
	}
	for _, r := range i.Records {
		words = append(words, r.Sum.String())
	}
	for _, r := range i.Failed {
		words = append(words, "!"+r.Sum.String())
	}
	if i.SizeOnly {
		words = append(words, "size-only")
	}
	if i.Contradiction != "" {
		words = append(words, "contradiction")
	}
	if i.Note != "" {
		words = append(words, "("+i.Note+")")
	}
	return strings.Join(words, " ")
}

func spellItems(c *Comparison) string {
	var all []string
	for i := range c.Items {
		all = append(all, spellItem(&c.Items[i]))
	}
	return strings.Join(all, "; ")
}

var testOptions = CompareOptions{
	Litter:   func(name string) bool { return name == ".DS_Store" || strings.HasPrefix(name, "._") },
	RollPath: "Day/Camera_Media/A001",
}

type comparison struct {
	name     string
	files    string
	sources  []*Source
	items    string
	findings string
}

func (tt *comparison) check(t *testing.T) {
	t.Helper()
	c := Compare("A001", filesOf(tt.files), tt.sources, testOptions)
	if got := spellItems(c); got != tt.items {
		t.Errorf("got  %s\nwant %s", got, tt.items)
	}
	if got := spellFindings(c.Findings); got != tt.findings {
		t.Errorf("got findings %s, want %s", got, tt.findings)
	}
}

func TestCompare(t *testing.T) {
	one := func(lines ...string) []*Source { return []*Source{single("x.mhl", lines...)} }
	tests := []comparison{
		{"R26 R35 R36 R37 listed, missing, extra", "a,c,x.mhl", one("a|1|md5:1", "b|2|md5:2"),
			"a listed 1 md5:1; b missing 2 md5:2; c unlisted; x.mhl manifest", ""},
		{"no manifest covers it", "a,.DS_Store,d/._b", nil, ".DS_Store ignored; a uncovered; d/._b ignored", ""},
		{"litter is ignored unless listed", ".DS_Store,._a,d/._b/c", one(".DS_Store|md5:1"), ".DS_Store listed md5:1; ._a ignored; d/._b/c ignored", ""},
		{"D3 both byte orders are one checksum", "a", one("a|~xxh64:0102|~xxh64:0102"), "a listed xxh64:0102", ""},
		{"D12 either byte order is accepted of legacy", "a", one("a|~xxh64:0102|~xxh64:0201"), "a listed xxh64:0102", ""},
		{"several checksums, each once, the manifest's order", "a", one("a|sha1:2|md5:1|sha1:2"), "a listed sha1:2 md5:1", ""},
		{"D7 litter that is listed can be missing", "a", one("a|md5:1", "._b|md5:2"), "._b missing md5:2; a listed md5:1", ""},
		{"D15 a manifest that another lists is judged", "a,x.mhl,y.mhl", []*Source{single("x.mhl", "a|md5:1"), single("y.mhl", "x.mhl|md5:2", "a|md5:1")},
			"a listed md5:1; x.mhl listed md5:2; y.mhl manifest", ""},
		{"a manifest's entry for itself is skipped", "a,x.mhl", one("a|md5:1", "x.mhl|md5:2", "./x.mhl|md5:3"), "a listed md5:1; x.mhl manifest", ""},
		{"R18 an entry without a checksum", "a", one("a|3"), "a listed no-hash 3", ""},
		{"null is size-only", "a", one("a|3|null"), "a listed 3 size-only", ""},
		{"a null beside a checksum counts for nothing", "a", one("a|3|null|md5:1"), "a listed 3 md5:1", ""},
		{"D22 an unknown checksum makes its entry unverifiable", "a,b", one("a|3|unknown", "b|unknown|md5:1"), "a listed unknown-hash 3; b listed md5:1", ""},
		{"of null and unknown the worse counts", "a,b", []*Source{single("x.mhl", "a|unknown", "b|null"), single("y.mhl", "a|null", "b")},
			"a listed unknown-hash; b listed no-hash", ""},
		{"R17 identical twice is fine", "a", one("a|1|md5:1", "a|1|md5:1"), "a listed 1 md5:1", ""},
		{"R17 contradicting twice is not", "a,b", one("a|1|md5:1", "a|1|md5:2", "b|1|md5:1", "b|2|md5:1"),
			"a listed 1 md5:1 md5:2 contradiction; b listed 1 md5:1 contradiction", ""},
		{"two sources that contradict each other", "a", []*Source{single("x.mhl", "a|md5:1"), single("y.mhl", "a|md5:2")}, "a listed md5:1 md5:2 contradiction", ""},
		{"legacy in the other order agrees with ASC", "a", []*Source{single("x.mhl", "a|~xxh64:0102"), chainedSource(".", []string{"a|xxh64:0201"})},
			"a listed xxh64:0102 xxh64:0201", ""},
		{"R23 R24 failed is never a reference", "a", []*Source{chainedSource(".", []string{"a|5|md5:1"}, []string{"a|4|!md5:2"}, []string{"a|5|md5:1"})},
			"a listed 5 md5:1 !md5:2", ""},
		{"only failed", "a", []*Source{chainedSource(".", []string{"a|5|!md5:1"})}, "a listed no-hash !md5:1", ""},
		{"a null does not outweigh a failed one", "a", []*Source{single("x.mhl", "a|null"), chainedSource(".", []string{"a|!md5:1"})}, "a listed no-hash !md5:1", ""},
		{"R34 the same digest again is the same record", "a", []*Source{chainedSource(".", []string{"a|md5:1"}, []string{"a|md5:1|sha1:2"})}, "a listed md5:1 sha1:2", ""},
		{"folders and special files are missing", "d/,d/a,p!", one("d|md5:1", "p|md5:2", "d/a|md5:3"), "d missing md5:1; d/a listed md5:3; p missing md5:2", ""},
		{"links are refused", "l@,d@,a", one("l|md5:1", "d/x|md5:2", "d/../a|md5:3"), "a unlisted; d/../a rejected symlink md5:3; d/x rejected symlink md5:2; l rejected symlink md5:1", ""},
		{"directory hashes list no files", "a", []*Source{chainedSource(".", []string{"a|md5:1", "gone|folder"})}, "a listed md5:1", ""},
		{"one that is empty", "a,x.mhl", one(), "a unlisted; x.mhl manifest", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

func TestContradictionNamesBoth(t *testing.T) {
	c := Compare("A001", filesOf("a,b,c"), []*Source{
		single("old.mhl", "a|md5:1", "b|1|md5:1", "c|md5:1", "c|md5:2"), single("new.mhl", "a|md5:2", "b|2|md5:1"),
	}, testOptions)
	want := []string{
		"old.mhl, the older, records md5:1, new.mhl records md5:2",
		"old.mhl, the older, records 1 bytes, new.mhl records 2 bytes",
		"old.mhl lists it twice, with md5:1 and with md5:2",
	}
	for i, w := range want {
		if got := c.Items[i].Contradiction; got != w {
			t.Errorf("got %s, want %s", got, w)
		}
	}
}

func TestCompareTrust(t *testing.T) {
	malformed := &Source{Path: "x.mhl", Scope: ".", Reason: reasonManifest}
	tests := []comparison{
		{"a manifest that cannot be used", "a,._b,x.mhl", []*Source{malformed}, "._b ignored; a untrusted manifest; x.mhl manifest", ""},
		{"R6 one of another version", "a", []*Source{{Path: "x.mhl", Scope: ".", Reason: reasonVersion}}, "a untrusted version", ""},
		{"one that could not be read", "a", []*Source{{Path: "x.mhl", Scope: ".", Reason: reasonUnreadable}}, "a untrusted unreadable", ""},
		{"R11 a broken chain: missing and rejected show", "a,c,l@,ascmhl/1.mhl",
			[]*Source{chainedSource(".", []string{"a|md5:1", "b|md5:2", "l|md5:3", "../x|md5:3"}).distrusted(reasonChain)},
			"../x rejected path; a untrusted chain; ascmhl/1.mhl manifest; b missing; c untrusted chain; l rejected symlink", "manifest-unsafe ascmhl/1.mhl"},
		{"beside a trusted source", "a,b,c,x.mhl", []*Source{single("x.mhl", "a|md5:1"), chainedSource(".", []string{"a|md5:9", "b|md5:2", "d|md5:3"}).distrusted(reasonChain)},
			"a listed md5:1; b untrusted chain; c unlisted; d missing; x.mhl manifest", ""},
		{"an empty one beside one that cannot be used", "a", []*Source{single("y.mhl"), malformed}, "a untrusted manifest", ""},
		{"R47 nested: each folder by its own", "a,n/b,n/c,n/m/d,m/e", []*Source{
			chainedSource(".", []string{"a|md5:1"}).with(chainedSource("n", []string{"b|md5:2", "g|md5:3"}).with(chainedSource("n/m", []string{"d|md5:4"}).distrusted(reasonChain))),
		}, "a listed md5:1; m/e unlisted; n/b listed md5:2; n/c unlisted; n/g missing md5:3; n/m/d untrusted chain", ""},
		{"nested in one that is not trusted", "a,n/b", []*Source{
			chainedSource(".", []string{"a|md5:1"}).distrusted(reasonChain).with(chainedSource("n", []string{"b|md5:2"})),
		}, "a untrusted chain; n/b listed md5:2", ""},
		{"R48 one that only refers", "a,n/b", []*Source{
			chainedSource(".", []string{"ref:n/ascmhl/1.mhl"}).with(chainedSource("n", []string{"b|md5:2"})),
		}, "a unlisted; n/b listed md5:2", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

func TestCompareIgnores(t *testing.T) {
	asc := func(lines ...string) []*Source { return []*Source{chainedSource(".", lines)} }
	tests := []comparison{
		{"R38 what is excluded is ignored, unless it is listed", "a.tmp,b.tmp,d/c.tmp,e", asc("ignore:*.tmp", "a.tmp|md5:1", "f.tmp|md5:2"),
			"a.tmp listed md5:1; b.tmp ignored; d/c.tmp ignored; e unlisted; f.tmp missing md5:2", ""},
		{"R39 without any pattern", "ascmhl/notes.txt,d/ascmhl/x/y,a", asc("a|md5:1"), "a listed md5:1; ascmhl/notes.txt ignored; d/ascmhl/x/y ignored", ""},
		{"R40 anchored, at the scope", "Reports/a,d/Reports/a", asc("ignore:/Reports/", "q|md5:1"), "Reports/a ignored; d/Reports/a unlisted; q missing md5:1", ""},
		{"R41 R42 the newest generation's list", "a.tmp,b.bak", []*Source{chainedSource(".", []string{"ignore:*.tmp", "q|md5:1"}, []string{"ignore:*.bak", "q|md5:1"})},
			"a.tmp unlisted; b.bak ignored; q missing md5:1", ""},
		{"of a broken chain none", "a.tmp", []*Source{chainedSource(".", []string{"ignore:*.tmp", "q|md5:1"}).distrusted(reasonChain)}, "a.tmp untrusted chain; q missing", ""},
		{"a nested history's are anchored at its own scope", "n/R/a,R/a,n/b.tmp", []*Source{
			chainedSource(".", []string{"ignore:*.tmp", "q|md5:1"}).with(chainedSource("n", []string{"ignore:/R/", "q|md5:1"}))},
			"R/a unlisted; n/R/a ignored; n/b.tmp ignored; n/q missing md5:1; q missing md5:1", ""},
		{"those of a history above", "a.tmp,b", []*Source{chainedSource("Day", []string{"ignore:/Camera_Media/A001/*.tmp", "Camera_Media/A001/b|md5:1"}).above("Day")},
			"a.tmp ignored; b listed md5:1", "manifest-outside-roll Day/ascmhl outside"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

func TestCompareRenames(t *testing.T) {
	history := func(generations ...[]string) []*Source { return []*Source{chainedSource(".", generations...)} }
	type g = []string
	tests := []comparison{
		{"R9 R57 an earlier name is not missing, its checksums count", "b", history(g{"a|1|md5:1"}, g{"b|from:a|1|sha1:2"}), "b listed 1 md5:1 sha1:2", ""},
		{"any number of renames", "d", history(g{"a|md5:1"}, g{"b|from:a"}, g{"c|from:b|sha1:2"}, g{"d|from:c"}), "d listed md5:1 sha1:2", ""},
		{"the renamed file is missing", "a", history(g{"a|md5:1"}, g{"b|from:a|md5:1"}), "a unlisted; b missing md5:1", ""},
		{"two change their names", "a,b", history(g{"a|md5:1", "b|md5:2"}, g{"a|from:b|md5:2", "b|from:a|md5:1"}), "a listed md5:2; b listed md5:1", ""},
		{"an old name is used again", "a,b", history(g{"a|md5:1"}, g{"b|from:a|md5:1"}, g{"a|md5:3"}), "a listed md5:3; b listed md5:1", ""},
		{"a folder", "new/a,new/s/b", history(g{"old/a|md5:1", "old/s/b|md5:2"}, g{"new|from:old|folder"}), "new/a listed md5:1; new/s/b listed md5:2", ""},
		{"a folder, then a file in it, then a folder above", "z/y/c", history(g{"o/a|md5:1"}, g{"y/|from:o/|folder"}, g{"y/c|from:y/a"}, g{"z/y|from:y|folder"}), "z/y/c listed md5:1", ""},
		{"the nearest folder counts", "n/a,m/b", history(g{"o/p/a|md5:1", "o/b|md5:2"}, g{"n|from:o/p|folder", "m|from:o|folder"}), "m/b listed md5:2; n/a listed md5:1", ""},
		{"in another Unicode form", "b", history(g{"e\u0301|md5:1"}, g{"b|from:\u00e9|md5:1"}), "b listed md5:1", ""},
		{"what an older list of another source says", "b", []*Source{single("x.mhl", "a|md5:1"), chainedSource(".", g{"a|sha1:2"}, g{"b|from:a|sha1:2"})},
			"b listed md5:1 sha1:2 (listed by its earlier name)", ""},
		{"in a circle", "a", history(g{"a|md5:1"}, g{"b|from:a"}, g{"a|from:b"}), "a listed md5:1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.check(t)
			c := Compare("A001", filesOf(tt.files), tt.sources, testOptions)
			listed := 0
			for i := range c.Items {
				if k := c.Items[i].Kind; k == Listed || k == Missing {
					listed++
				}
			}
			if c.Listed != listed {
				t.Errorf("got %d files listed, want %d", c.Listed, listed)
			}
		})
	}
}

func TestCompareElsewhere(t *testing.T) {
	below := func(scope string, lines ...string) *Source { return single(scope+"/x.mhl", lines...).within(scope) }
	above := func(p, scope string, lines ...string) *Source { return single(p, lines...).above(scope) }
	tests := []comparison{
		{"below: its folder is the scope", "Clips/a,Clips/x.mhl,s", []*Source{below("Clips", "a|md5:1", "b|md5:2")},
			"Clips/a listed md5:1; Clips/b missing md5:2; Clips/x.mhl manifest; s unlisted", ""},
		{"R2 below: it does not speak of what lies beside", "Clips/q,s", []*Source{below("Clips", "../s|md5:1", "q|md5:2")},
			"Clips/../s rejected path md5:1; Clips/q listed md5:2; s unlisted", "manifest-unsafe Clips/x.mhl"},
		{"D11 above", "a,Clips/b,c", []*Source{above("Day/y.mhl", "Day", "Camera_Media/A001/a|md5:1", "Camera_Media/A001/Clips/b|md5:2", "Camera_Media/A001/g|md5:4", "Camera_Media/B001/c|md5:3")},
			"Clips/b listed md5:2; a listed md5:1; c unlisted; g missing md5:4", "manifest-outside-roll Day/y.mhl outside"},
		{"above, with backslashes", "a", []*Source{above("y.mhl", ".", `Day\Camera_Media\A001\a|md5:1`)}, "a listed md5:1", "manifest-outside-roll y.mhl outside"},
		{"above, and the day folder was renamed", "a,b", []*Source{above("y.mhl", ".", "/Volumes/X/230510/Camera_Media/A001/a|md5:1", "/Volumes/X/230510/Camera_Media/A001/g|md5:2")},
			"a listed md5:1; b unlisted; g missing md5:2", "manifest-outside-roll y.mhl outside"},
		{"above, and nobody can tell which is meant", "a", []*Source{above("y.mhl", ".", "D1/A001/a|md5:1", "D2/A001/a|md5:2")}, "a uncovered", ""},
		{"above, of other rolls", "a", []*Source{above("y.mhl", ".", "Day/Camera_Media/A0011/a|md5:1", "Day/Camera_Media/A001|md5:1")}, "a uncovered", ""},
		{"above, out of the roll", "a", []*Source{above("y.mhl", ".", "Day/Camera_Media/A001/a|md5:1", "Day/Camera_Media/A001/../../../q|md5:1")},
			"../../../q rejected path md5:1; a listed md5:1", "manifest-outside-roll y.mhl outside; manifest-unsafe y.mhl outside"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

func TestComparisonDescribesTheManifest(t *testing.T) {
	asc := chainedSource(".", []string{"a|md5:1"}, []string{"a|md5:1"})
	tests := []struct {
		name    string
		sources []*Source
		want    string
	}{
		{"none", nil, "covered false usable false  0 "},
		{"the newest of the oldest source", []*Source{asc, single("x.mhl", "a|md5:1")}, "covered true usable true ascmhl/2.mhl 2 c4 of a|md5:1"},
		{"of those that are trusted", []*Source{{Path: "z.mhl", Scope: ".", Reason: reasonManifest}, single("x.mhl", "a|md5:2")}, "covered true usable true x.mhl 0 c4 of a|md5:2"},
		{"one that cannot be used", []*Source{{Path: "z.mhl", Scope: ".", Reason: reasonManifest}}, "covered true usable false z.mhl 0 "},
		{"an empty one", []*Source{single("x.mhl")}, "covered true usable false x.mhl 0 "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare("A001", filesOf("a"), tt.sources, testOptions)
			if got := fmt.Sprintf("covered %v usable %v %s %d %s", c.Covered, c.Usable, c.Manifest, c.Generation, c.Oldest); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	c := Compare("A001", filesOf("a,b"), []*Source{single("o.mhl", "a|md5:1"), chainedSource(".", []string{"a|md5:1", "b|md5:1"}, []string{"b|md5:1"}, []string{"c|md5:1"})}, testOptions)
	if a, b := c.Items[0], c.Items[1]; a.Manifest != "o.mhl" || b.Manifest != "ascmhl/2.mhl" || b.Generation != 2 {
		t.Errorf("got %s, %s %d, want the newest that lists it of the oldest source", a.Manifest, b.Manifest, b.Generation)
	}
}

// However often names change, a roll is compared in bounded time.
func TestRenamesAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	generations := [][]string{nil}
	for i := range 20_000 {
		generations[0] = append(generations[0], fmt.Sprintf("d0/%d|md5:1", i))
	}
	for i := range 3000 {
		generations = append(generations, []string{fmt.Sprintf("d%d|from:d%d|folder", (i+1)%2, i%2)})
	}
	start := time.Now()
	c := Compare("A001", filesOf("d0/1"), []*Source{chainedSource(".", generations...)}, testOptions)
	if took := time.Since(start); took > time.Minute || c.Listed == 0 {
		t.Errorf("took %v, %d listed", took, c.Listed)
	}
}
