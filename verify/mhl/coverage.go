package mhl

import (
	"path"
	"slices"
	"strings"

	"footagefs/verify/drive"
	"footagefs/verify/mhl/ignore"
)

// classify says of every file that no trusted manifest lists why that is so.
func (c *comparer) classify() {
	look := newCoverage(c)
	for i := range c.files {
		f, item, m := &c.files[i], &c.items[i], &c.marks[i]
		if f.Kind != drive.Regular {
			continue
		}
		if m.source == 0 {
			item.Size = -1
			item.Kind, item.Reason = look.kind(f.Path, m)
		}
		item.finish(m)
	}
}

// gather puts the items into the order of their paths.
func (c *comparer) gather() {
	for i := range c.others {
		c.others[i].finish(&c.otherMarks[i])
		if c.otherMarks[i].source > 0 {
			c.result.Listed++
		}
	}
	slices.SortFunc(c.others, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	items, others := c.items[:0:len(c.items)], c.others
	if len(others) > 0 {
		items = make([]Item, 0, len(c.items)+len(others))
	}
	for i := range c.items {
		if c.items[i].Kind == 0 {
			continue
		}
		for len(others) > 0 && others[0].Path < c.items[i].Path {
			items, others = append(items, others[0]), others[1:]
		}
		if c.marks[i].source > 0 {
			c.result.Listed++
		}
		items = append(items, c.items[i])
	}
	c.result.Items = append(items, others...)
}

// describe says what reports tell of the roll's manifest: the newest generation of the
// oldest source that can be trusted, else of the oldest one.
func (c *comparer) describe(sources []*Source) {
	r := c.result
	r.Covered = len(c.sources) > 0
	var shown *covering
	for _, s := range c.sources {
		usable := s.Trusted && s.lists()
		r.Usable = r.Usable || usable
		if shown == nil || usable && !(shown.Trusted && shown.lists()) {
			shown = s
		}
		if r.Oldest == "" {
			r.Oldest = s.oldest()
		}
	}
	if shown == nil {
		return
	}
	r.Manifest, r.Format = shown.Path, shown.Format
	for i := range shown.Manifests {
		g := &shown.Manifests[i]
		r.Manifest, r.Generation = g.Path, g.Number
		if g.Manifest != nil {
			r.Created, r.Tool = g.Created, g.Tool
		}
	}
}

// lists reports whether a source lists anything.
func (s *covering) lists() bool { return slices.ContainsFunc(s.Manifests, Generation.lists) }

func (g Generation) lists() bool { return g.Manifest != nil && len(g.Entries)+len(g.References) > 0 }

// oldest is the digest of the oldest manifest that lists anything, "" where none does.
func (s *covering) oldest() string {
	if i := slices.IndexFunc(s.Manifests, Generation.lists); i >= 0 {
		return s.Manifests[i].Digest
	}
	return ""
}

// coverage knows which sources speak of a folder and what is ignored in it.
type coverage struct {
	c         *comparer
	scopes    map[string][]*covering
	manifests map[string]bool // those that are read, wherever they lie
	ignores   []scopeIgnore
	folder    folderCover // of the last folder that was asked for
}

// scopeIgnore are the ignore patterns of one history.
type scopeIgnore struct {
	scope  string // relative to the roll
	prefix string // what the history's own paths have before that
	list   *ignore.Patterns
}

// folderCover is what is true of all files of a folder.
type folderCover struct {
	dir      string
	litter   bool
	ignored  bool
	distrust string // why what lies here cannot be verified, "" where it could be
}

func newCoverage(c *comparer) *coverage {
	v := &coverage{c: c, scopes: map[string][]*covering{}, manifests: map[string]bool{}, folder: folderCover{dir: "\x00"}}
	for _, s := range c.sources {
		v.scopes[s.scope] = append(v.scopes[s.scope], s)
		if !s.Outside {
			v.manifests[s.Path] = true
			for i := range s.Manifests {
				v.manifests[s.Manifests[i].Path] = true
			}
		}
		if s.Trusted && s.Format == ASC {
			v.ignores = append(v.ignores, scopeIgnore{s.scope, s.prefix, ignore.New(s.newestPatterns())})
		}
	}
	return v
}

// newestPatterns are the ignore patterns in force: those of the newest generation.
func (s *Source) newestPatterns() []string {
	for i := len(s.Manifests) - 1; i >= 0; i-- {
		if m := s.Manifests[i].Manifest; m != nil {
			return m.Ignore
		}
	}
	return nil
}

// kind is that of a file which no trusted manifest lists.
func (v *coverage) kind(p string, m *mark) (ItemKind, string) {
	dir, name := splitPath(p)
	if dir != v.folder.dir {
		v.folder = v.look(dir)
	}
	f := &v.folder
	switch {
	case v.manifests[p]:
		return ManifestFile, ""
	case m.distrust != "":
		return Untrusted, m.distrust
	case f.litter || v.c.litter(name):
		return Ignored, ""
	case IsManifestFile(p):
		return ManifestFile, ""
	case len(v.c.sources) == 0:
		return Uncovered, ""
	case f.distrust != "":
		return Untrusted, f.distrust
	case f.ignored || v.ignored(p, false):
		return Ignored, ""
	}
	return Unlisted, ""
}

func (c *comparer) litter(name string) bool { return c.o.Litter != nil && c.o.Litter(name) }

// look is what is true of all files of a folder.
func (v *coverage) look(dir string) folderCover {
	f := folderCover{dir: dir, distrust: v.distrust(dir)}
	for end := range len(dir) + 1 {
		if end != len(dir) && dir[end] != '/' || end == 0 {
			continue
		}
		f.litter = f.litter || v.c.litter(path.Base(dir[:end]))
		f.ignored = f.ignored || v.ignored(dir[:end], true)
	}
	return f
}

// distrust is why files of a folder that no manifest lists cannot be verified: it is so
// where the sources of the closest scope all cannot be used.
func (v *coverage) distrust(dir string) string {
	scope := dir
	if scope == "" {
		scope = "."
	}
	for {
		reason := ""
		for _, s := range v.scopes[scope] {
			switch {
			case s.Trusted && s.lists():
				return ""
			case !s.Trusted && reason == "":
				reason = s.distrusted()
			}
		}
		if reason != "" || len(v.scopes[scope]) > 0 || scope == "." {
			return reason
		}
		scope = path.Dir(scope)
	}
}

// ignored reports whether a history leaves a path out, without a look at the folders
// above it.
func (v *coverage) ignored(p string, folder bool) bool {
	for i := range v.ignores {
		s := &v.ignores[i]
		in, ok := inFolder(p, s.scope)
		if !ok {
			continue
		}
		if s.prefix != "" {
			in = s.prefix + "/" + in
		}
		if AlwaysIgnored(in, folder) || s.list.MatchOne(in, folder) {
			return true
		}
	}
	return false
}

// AlwaysIgnored reports whether every ASC MHL leaves a path out, whatever its patterns
// say: .DS_Store files and ascmhl folders with all that is in them.
func AlwaysIgnored(p string, folder bool) bool {
	if !folder && path.Base(p) == ".DS_Store" {
		return true
	}
	for dir := p; ; {
		i := strings.LastIndexByte(dir, '/')
		name := dir[i+1:]
		if name == historyFolder && (folder || len(dir) < len(p)) {
			return true
		}
		if i < 0 {
			return false
		}
		dir = dir[:i]
	}
}
