package mhl

import (
	"path"
	"slices"
	"sort"
	"strings"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// CompareOptions say what a comparison cannot see in files and sources.
type CompareOptions struct {
	// Litter reports whether a file or folder of this name is what operating systems leave.
	Litter func(name string) bool
	// RollPath is the roll's folder relative to the drive: manifests that lie above the
	// roll list its files below that.
	RollPath string
}

// Compare holds all files of a roll against all that its sources list. roll is the name of
// its folder; files are all that a walk found, folders and links too; sources are those of
// ReadSources, oldest first. Nothing is read: whether bytes are those that a checksum was
// recorded of is not known here.
func Compare(roll string, files []File, sources []*Source, o CompareOptions) *Comparison {
	files = sorted(files)
	c := &comparer{
		roll: roll, files: files, o: o, result: &Comparison{litter: o.Litter, prefixes: map[*Source]string{}},
		items: make([]Item, len(files)), marks: make([]mark, len(files)), stamps: make([]int32, len(files)),
		keys: map[string]int{}, paths: map[string]int{},
	}
	// Fresh memory that is read before it is written costs two page faults, one of which
	// stops the other cores.
	for i := range c.items {
		c.items[i].Path = files[i].Path
	}
	for _, s := range sources {
		c.include(s)
	}
	for i, s := range c.sources {
		c.source(int32(i+1), s)
	}
	c.classify()
	c.gather()
	c.describe(sources)
	return c.result
}

func sorted(files []File) []File {
	byPath := func(a, b File) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(files, byPath) {
		files = slices.Clone(files)
		slices.SortStableFunc(files, byPath)
	}
	return files
}

// comparer works on one comparison.
type comparer struct {
	roll   string
	files  []File
	o      CompareOptions
	result *Comparison

	sources []*covering
	items   []Item  // one for each file, without a Kind until something is known of it
	marks   []mark  // likewise
	stamps  []int32 // the last manifest that lists the file by its exact name
	stamp   int32   // numbers manifests

	others     []Item // listed and not there, or refused
	otherMarks []mark
	keys       map[string]int // the missing by what their path means
	paths      map[string]int // others by their Path

	tree    *rollTree // nil until a path has no exact match
	records slab[Record]
}

// covering is a source that speaks of the roll.
type covering struct {
	*Source
	scope   string   // relative to the roll; that of a source above it is the roll
	prefix  string   // what comes before the roll's files in the paths of a source above it
	renames *renames // nil where it records none
}

// mark is what is noted of an item besides what it says.
type mark struct {
	source              int32 // number of the first trusted source that lists it, 0: none does
	null, unknown, bare bool  // entries without a usable checksum
	distrust            string
	sizeFrom            string // the manifest that the item's size is from
}

// include takes a source, and what is nested in it, if it speaks of the roll.
func (c *comparer) include(s *Source) {
	cov := &covering{Source: s, scope: path.Clean(s.Scope), renames: newRenames(s)}
	if s.Outside {
		cov.scope = "."
		if cov.prefix = c.findRoll(s); cov.prefix == "" {
			return
		}
		c.result.prefixes[s] = cov.prefix
		c.result.Findings = append(c.result.Findings, Finding{
			finding.New(finding.ManifestOutsideRoll, s.Path, "the manifest lies above the roll "+c.roll+" that it lists"), true,
		})
	}
	c.sources = append(c.sources, cov)
	for _, nested := range s.Nested {
		c.include(nested)
	}
}

// source goes through all that a source lists, generation by generation.
func (c *comparer) source(number int32, s *covering) {
	for i := range s.Manifests {
		if s.Manifests[i].Manifest != nil {
			c.manifest(number, s, i)
		}
	}
}

// open is an entry that has no exact match.
type open struct {
	entry *Entry
	path  string // what it is looked for by
	match match
}

// manifest joins what one manifest lists with what is there: entries that follow each
// other as the files do cost one comparison each.
func (c *comparer) manifest(number int32, s *covering, generation int) {
	g := &s.Manifests[generation]
	c.stamp++
	from, to, cut := scopeRange(c.files, s.scope)
	own := c.own(s, g)
	var left []open
	at := from
	for i := range g.Entries {
		e := &g.Entries[i]
		if e.Folder {
			continue
		}
		p, ok := s.place(e, generation)
		if !ok {
			continue
		}
		if at == to || c.files[at].Path[cut:] != p {
			at = from + sort.Search(to-from, func(k int) bool { return c.files[from+k].Path[cut:] >= p })
		}
		if at == to || c.files[at].Path[cut:] != p || c.files[at].Kind != drive.Regular {
			left = append(left, open{entry: e, path: p})
			continue
		}
		c.stamps[at] = c.stamp
		if at != own {
			c.list(number, s, g, e, at, "")
		}
		for at++; at < to && c.files[at].Kind != drive.Regular; at++ {
		}
	}
	if len(left) > 0 {
		c.resolve(number, s, generation, left, own)
	}
}

// place is what an entry's path is in the source's scope today: below the roll, where the
// source lies above it, and renamed as later generations say.
func (s *covering) place(e *Entry, generation int) (p string, ok bool) {
	p = e.Path
	if s.renames != nil {
		p = s.renames.follow(p, generation)
	}
	if s.prefix == "" {
		return p, true
	}
	return belowPrefix(p, s.prefix)
}

// scopeRange is which files lie below a folder, and how much of their paths is the folder's.
func scopeRange(files []File, scope string) (from, to, cut int) {
	if scope == "." {
		return 0, len(files), 0
	}
	from = sort.Search(len(files), func(i int) bool { return files[i].Path >= scope+"/" })
	to = sort.Search(len(files), func(i int) bool { return files[i].Path >= scope+"0" }) // after a slash comes a 0
	return from, max(from, to), len(scope) + 1
}

// own is the number of the file that a manifest is, -1 where it is none of the roll.
func (c *comparer) own(s *covering, g *Generation) int {
	if s.Outside {
		return -1
	}
	i, ok := slices.BinarySearchFunc(c.files, g.Path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return -1
	}
	return i
}

// resolve finds what the entries mean that have no exact match.
func (c *comparer) resolve(number int32, s *covering, generation int, left []open, own int) {
	g := &s.Manifests[generation]
	pl := c.start(s, g, generation)
	for i := range left {
		o := &left[i]
		if o.match = pl.resolve(o.path); o.match.outcome == absent {
			o.match = c.renamedElsewhere(s, pl, o)
		}
	}
	c.settle(left)
	refused, first := 0, ""
	for i := range left {
		o := &left[i]
		switch {
		case o.match.outcome == outside:
			if refused++; refused == 1 {
				first = o.entry.Path
			}
			c.refuse(number, s, g, o, reasonPath)
		case o.match.outcome == linked:
			c.refuse(number, s, g, o, reasonSymlink)
		case o.match.outcome == absent:
			c.miss(number, s, g, o)
		case o.match.file != own:
			c.list(number, s, g, o.entry, o.match.file, o.match.note)
		}
	}
	if refused > 0 {
		c.reportUnsafe(s, g, refused, first)
	}
}

// settle takes a file from entries that found it under another name, where the manifest
// lists more than one such, or the file by its own: one file cannot be two.
func (c *comparer) settle(left []open) {
	claims := map[int]string{} // by file: the path that stands for it, "" where several do
	for i := range left {
		o := &left[i]
		switch m := &o.match; {
		case m.outcome != found:
		case !m.variant:
			c.stamps[m.file] = c.stamp
		default:
			if other, ok := claims[m.file]; ok && other != o.path {
				claims[m.file] = ""
			} else {
				claims[m.file] = o.path
			}
		}
	}
	for i := range left {
		o := &left[i]
		if m := &o.match; m.outcome == found && m.variant && (c.stamps[m.file] == c.stamp || claims[m.file] == "") {
			*m = match{path: o.path}
		}
	}
}
