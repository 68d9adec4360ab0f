package mhl

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl/ignore"
)

// CheckFolders holds recorded directory and root hashes against what lies in the folders.
// files are all that a walk of the roll found, with its folders (empty ones count);
// comparison is what Compare made of them and the sources. got is the digest of a file's
// bytes where it is known already; nothing is read, and a folder in which a digest is not
// known yet is no finding yet.
//
// Of each folder and algorithm the newest recorded hash is checked, unless what a later
// generation lists says that the folder is another by now.
func CheckFolders(comparison *Comparison, files []File, sources []*Source, got func(path string, a checksum.Algorithm) (digest string, ok bool)) []Finding {
	f := &folderChecker{c: comparison, files: sorted(files), got: got, reported: map[string]bool{}}
	f.effort = 64 * (len(files) + 1024)
	for _, s := range sources {
		f.source(s)
	}
	slices.SortStableFunc(f.findings, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
	return f.findings
}

// folderChecker checks the folders of one roll.
type folderChecker struct {
	c        *Comparison
	files    []File
	got      func(path string, a checksum.Algorithm) (string, bool)
	tree     *rollTree
	reported map[string]bool
	findings []Finding
	effort   int // how many more files are gone through, however many histories there are
}

// recorded is what a history records of one folder in one algorithm.
type recorded struct {
	folder             string // relative to the roll
	generation         int    // its place in the source
	algorithm          checksum.Algorithm
	content, structure string // "" where it is not recorded
}

func (f *folderChecker) source(s *Source) {
	for _, nested := range s.Nested {
		f.source(nested)
	}
	if !s.Trusted || s.Format != ASC || !recordsFolders(s) {
		return
	}
	h := &folderHistory{Source: s, scope: path.Clean(s.Scope), renames: newRenames(s)}
	if s.Outside {
		h.scope = "."
		if h.prefix = f.c.prefixes[s]; h.prefix == "" {
			return
		}
	}
	h.collect(f)
	h.findChanges()
	passes := map[string]map[string]*folderState{}
	for i := range h.newest {
		r := &h.newest[i]
		if r.algorithm == "" || h.changedSince(r.folder, r.generation) {
			f.checkThere(h, r)
			continue
		}
		g := &h.Manifests[r.generation]
		key := string(r.algorithm) + "\x00" + strings.Join(g.Ignore, "\x00")
		states, ok := passes[key]
		if !ok {
			states = f.pass(h, r.algorithm, g.Ignore)
			passes[key] = states
		}
		f.check(h, r, states)
	}
}

// checkThere finds a recorded folder that is gone.
func (f *folderChecker) checkThere(h *folderHistory, r *recorded) {
	if r.folder != "." && !f.reported[r.folder] && !f.there(r.folder) {
		f.report(h, r, "the folder is gone that %s records", "copy it from the offload again")
	}
}

// HashesFolders is true where one of the sources records folders: CheckFolders has
// something to say then, once more digests are known.
func HashesFolders(sources []*Source) bool {
	return slices.ContainsFunc(sources, func(s *Source) bool { return recordsFolders(s) || HashesFolders(s.Nested) })
}

func recordsFolders(s *Source) bool {
	return slices.ContainsFunc(s.Manifests, func(g Generation) bool {
		return g.Manifest != nil && (len(g.Content)+len(g.Structure) > 0 || slices.ContainsFunc(g.Entries, func(e Entry) bool { return e.Folder }))
	})
}

// check holds one recorded folder against what it is now.
func (f *folderChecker) check(h *folderHistory, r *recorded, states map[string]*folderState) {
	state := states[r.folder]
	switch {
	case state == nil:
		f.checkThere(h, r)
	case state.ignored || f.reported[r.folder]:
	case state.added:
		f.report(h, r, "something was added since %s recorded its directory hash", "ask who added it, or remove it from the copy")
	case state.known && state.differs(r):
		f.report(h, r, "what is in it, or its names, is not as it was when %s recorded its directory hash", "")
	}
}

func (f *folderChecker) report(h *folderHistory, r *recorded, what, do string) {
	f.reported[r.folder] = true
	found := finding.New(finding.DirectoryHash, r.folder, fmt.Sprintf(what, h.Manifests[r.generation].Path)).Doing(do)
	f.findings = append(f.findings, Finding{Finding: found})
}

// folderState is a folder as it is now, in one algorithm.
type folderState struct {
	hash    *FolderHash
	sums    FolderSums
	known   bool // all digests in it are
	added   bool // there is something in it that is not listed
	ignored bool
	filled  bool // something in it counts
}

func (s *folderState) differs(r *recorded) bool {
	return r.content != "" && r.content != s.sums.Content.Digest || r.structure != "" && r.structure != s.sums.Structure.Digest
}

// pass computes the directory hashes of all folders of a history's scope as they are now.
// It is nil where the roll's histories record more than is worth it.
func (f *folderChecker) pass(h *folderHistory, a checksum.Algorithm, patterns []string) map[string]*folderState {
	from, to, _ := scopeRange(f.files, h.scope)
	if f.effort -= to - from + 1; f.effort < 0 {
		return nil
	}
	p := &folderPass{h: h, a: a, list: ignore.New(patterns), litter: f.c.litter, states: map[string]*folderState{}}
	p.state(h.scope)
	items := f.c.Items
	if from < to {
		items = itemsFrom(items, f.files[from].Path)
	}
	for _, file := range f.files[from:to] {
		for len(items) > 0 && items[0].Path < file.Path {
			items = items[1:]
		}
		switch file.Kind {
		case drive.Folder:
			p.state(file.Path)
		case drive.Foreign:
			p.state(file.Path).known = false
		case drive.Regular:
			kind := ItemKind(0)
			if len(items) > 0 && items[0].Path == file.Path {
				kind = items[0].Kind
			}
			p.file(file.Path, kind, f.got)
		}
	}
	p.combine()
	return p.states
}

func itemsFrom(items []Item, p string) []Item {
	i, _ := slices.BinarySearchFunc(items, p, func(it Item, p string) int { return strings.Compare(it.Path, p) })
	return items[i:]
}

// folderPass is pass at work.
type folderPass struct {
	h      *folderHistory
	a      checksum.Algorithm
	list   *ignore.Patterns
	litter func(string) bool
	states map[string]*folderState
	dir    string // the folder of the last file
	last   *folderState
}

// state is that of a folder in the scope, which is made where there is none yet.
func (p *folderPass) state(folder string) *folderState {
	if s := p.states[folder]; s != nil {
		return s
	}
	s := &folderState{hash: NewFolderHash(p.a), known: true}
	p.states[folder] = s
	if folder != p.h.scope {
		s.ignored = p.state(path.Dir(folder)).ignored || p.ignores(folder, true)
	}
	return s
}

func (p *folderPass) ignores(full string, folder bool) bool {
	in, _ := inFolder(full, p.h.scope)
	if p.h.prefix != "" {
		in = p.h.prefix + "/" + in
	}
	return AlwaysIgnored(in, folder) || p.list.MatchOne(in, folder)
}

// file adds a file to its folder.
func (p *folderPass) file(full string, kind ItemKind, got func(string, checksum.Algorithm) (string, bool)) {
	dir, name := splitPath(full)
	if dir == "" {
		dir = "."
	}
	if p.last == nil || dir != p.dir {
		p.dir, p.last = dir, p.state(dir)
	}
	s := p.last
	if s.ignored || kind == Ignored || kind == ManifestFile || p.ignores(full, false) {
		return
	}
	s.filled = true
	if kind == Unlisted {
		s.added = true
		return
	}
	digest, ok := "", false
	if kind == Listed && s.known {
		digest, ok = got(full, p.a)
	}
	s.known = s.known && ok && s.hash.AddFile(name, digest) == nil
}

// combine computes the hashes of all folders, those in a folder before it.
func (p *folderPass) combine() {
	folders := make([]string, 0, len(p.states))
	for folder := range p.states {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	if i, ok := slices.BinarySearch(folders, "."); ok && p.h.scope == "." { // comes after all
		folders = append([]string{"."}, slices.Delete(folders, i, i+1)...)
	}
	for _, folder := range slices.Backward(folders) {
		s := p.states[folder]
		if s.known {
			s.sums = s.hash.Sums()
		}
		s.hash = nil
		if folder == p.h.scope || s.ignored || !s.filled && p.isLitter(folder) {
			continue
		}
		above := p.states[path.Dir(folder)]
		above.filled = true
		above.added = above.added || s.added
		above.known = above.known && s.known && above.hash.AddFolder(path.Base(folder), s.sums) == nil
	}
}

// isLitter is true of a folder that operating systems leave, unless it is recorded.
func (p *folderPass) isLitter(folder string) bool {
	return p.litter != nil && p.litter(path.Base(folder)) && !p.h.folders[folder]
}
