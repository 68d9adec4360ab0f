package mhl

import (
	"errors"
	iofs "io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// ReadSources reads the manifests of a roll: those at its root, with the nested histories
// in its sub-folders; where it has none, those in its sub-folders and in the folders above
// it up to the drive's root, which may or may not list its files. files is what a walk of
// the roll found, without litter: what was thrown away with its manifest is judged by none.
//
// Sources come oldest first. Paths in sources and findings are relative to the roll, those
// of what lies above it (Outside) to the drive. What is wrong with a manifest, or keeps it
// from being read, is a finding and a source that is not trusted; the error is that of a
// drive that is gone, or of a shortage of this process's own (drive.IsShortage).
func ReadSources(d *drive.Drive, roll string, files []File, load Loader) ([]*Source, []Finding, error) {
	rd := &reader{d: d, load: load, base: roll}
	met := survey(files)
	sources, err := rd.atRoot(met)
	if err == nil && len(sources) == 0 {
		sources, err = rd.elsewhere(met, roll)
	}
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(sources, compareAge)
	return sources, rd.findings, nil
}

// places are where a roll's manifests lie.
type places struct {
	root   []string // manifests at the roll's root
	below  []string // manifests in sub-folders, outside of histories
	scopes []string // folders with a history, "." is the roll
}

// survey finds the manifests in what a walk found.
func survey(files []File) places {
	var met places
	seen := map[string]bool{}
	history := func(folder string) {
		scope := path.Dir(folder)
		if path.Base(folder) == historyFolder && !seen[scope] && !isAside(scope) {
			seen[scope] = true
			met.scopes = append(met.scopes, scope)
		}
	}
	for _, f := range files {
		dir, name := path.Split(f.Path)
		switch {
		case f.Kind == drive.Folder && name == historyFolder:
			history(f.Path)
		case f.Kind != drive.Regular:
		case path.Base(dir) == historyFolder:
			history(path.Clean(dir))
		case !isManifestName(name):
		case dir == "":
			met.root = append(met.root, f.Path)
		case !isAside(path.Clean(dir)):
			met.below = append(met.below, f.Path)
		}
	}
	return met
}

// isAside reports whether a folder lies in a history's, or in a hidden one, where no manifest
// of a roll would.
func isAside(folder string) bool {
	for part := range strings.SplitSeq(folder, "/") {
		if part == historyFolder || len(part) > 1 && part[0] == '.' {
			return true
		}
	}
	return false
}

// atRoot reads the sources at the roll's root, with what is nested in them.
func (rd *reader) atRoot(met places) ([]*Source, error) {
	sources, err := rd.singles(met.root, false)
	if err != nil {
		return nil, err
	}
	scopes := slices.DeleteFunc(slices.Clone(met.scopes), func(scope string) bool { return scope == "." })
	has, err := rd.hasHistory()
	if err != nil {
		return nil, err
	}
	if has || len(scopes) < len(met.scopes) {
		s, err := rd.history(".")
		if err != nil {
			return nil, err
		}
		sources = append([]*Source{s}, sources...) // before others, for what is nested
	}
	if len(sources) > 1 {
		rd.multiple(sources)
	}
	if !slices.ContainsFunc(sources, func(s *Source) bool { return s.Format == ASC }) {
		return sources, nil // nothing can be nested in MHL 1.x
	}
	_, err = rd.nest(sources, scopes)
	return sources, err
}

// hasHistory reports whether there is a history at the roll's root, also an empty one, and
// one that a walk could not enter.
func (rd *reader) hasHistory() (bool, error) {
	info, err := rd.d.Stat(rd.onDrive(historyFolder))
	switch {
	case err == nil:
		return info.Kind == drive.Folder, nil
	case ends(err):
		return false, err
	}
	return !errors.Is(err, iofs.ErrNotExist), nil
}

// singles reads manifests that stand alone, each with its folder as scope.
func (rd *reader) singles(paths []string, below bool) ([]*Source, error) {
	var sources []*Source
	for _, p := range paths {
		s, err := rd.single(p, path.Dir(p))
		if err != nil {
			return nil, err
		}
		s.Below = below
		sources = append(sources, s)
	}
	return sources, nil
}

func (rd *reader) multiple(sources []*Source) {
	var names []string
	for _, s := range sources {
		names = append(names, s.Path)
	}
	slices.Sort(names)
	rd.report(finding.MultipleManifests, ".", "it has more than one manifest ("+strings.Join(names, ", ")+")")
}

// elsewhere reads the sources of a roll that has none at its root.
func (rd *reader) elsewhere(met places, roll string) ([]*Source, error) {
	sources, err := rd.singles(met.below, true)
	if err != nil {
		return nil, err
	}
	alone, err := rd.nest(sources, met.scopes)
	if err != nil {
		return nil, err
	}
	for _, s := range alone {
		s.Below = true
		sources = append(sources, s)
	}
	for _, s := range sources {
		rd.report(finding.ManifestNotAtRollRoot, s.Path, "the manifest is not at the roll's root, it speaks of its own folder only")
	}
	above := &reader{d: rd.d, load: rd.load, outside: true, kept: rd.kept, bytes: rd.bytes}
	for dir := path.Clean(roll); dir != "."; {
		dir = path.Dir(dir)
		found, err := above.above(dir)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	rd.findings = append(rd.findings, above.findings...)
	return sources, nil
}

// above reads the manifests in a folder above the roll. Those that cannot be used may
// have nothing to do with the roll: they are no sources of it.
func (rd *reader) above(dir string) ([]*Source, error) {
	names, err := rd.list(dir)
	if ends(err) {
		return nil, err
	}
	if err != nil {
		rd.unreadable(dir, err)
		return nil, nil
	}
	var paths []string
	for name, kind := range names {
		if kind == drive.Regular && isManifestName(name) {
			paths = append(paths, path.Join(dir, name))
		}
	}
	slices.Sort(paths)
	sources, err := rd.singles(paths, false)
	if err != nil {
		return nil, err
	}
	if names[historyFolder] == drive.Folder {
		s, err := rd.history(dir)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return slices.DeleteFunc(sources, func(s *Source) bool { return len(s.Manifests) == 0 }), nil
}

// compareAge orders sources by when they say that they were created, else by the date in
// their names; those that do not say it come last.
func compareAge(a, b *Source) int {
	x, y := a.created(), b.created()
	switch {
	case x.IsZero() && !y.IsZero():
		return 1
	case y.IsZero() && !x.IsZero():
		return -1
	case !x.Equal(y):
		return x.Compare(y)
	}
	return strings.Compare(a.Path, b.Path)
}

// dateInName is how the names of most manifests end: 2023-05-10_183000.
var dateInName = regexp.MustCompile(`(\d{4}-\d\d-\d\d)_(\d{6})Z?\.[mM][hH][lL]$`)

func (s *Source) created() time.Time {
	p := s.Path
	if len(s.Manifests) > 0 {
		if t := s.Manifests[0].Created; !t.IsZero() {
			return t
		}
		p = s.Manifests[0].Path
	}
	part := dateInName.FindStringSubmatch(p)
	if part == nil {
		return time.Time{}
	}
	t, err := time.Parse("2006-01-02 150405", part[1]+" "+part[2])
	if err != nil {
		return time.Time{}
	}
	return t
}

// IsManifestFile reports whether a path of a roll is, by its name and place, a manifest at
// the roll's root, or a manifest, the chain or the README of a history.
func IsManifestFile(p string) bool {
	dir, name := path.Split(p)
	if dir == "" {
		return isManifestName(name)
	}
	return path.Base(dir) == historyFolder &&
		(isManifestName(name) || name == chainName || strings.EqualFold(name, readmeName))
}
