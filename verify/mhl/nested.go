package mhl

import (
	"errors"
	iofs "io/fs"
	"path"
	"slices"
	"strings"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// referredScope is the folder of the nested history that a reference leads to, relative
// to the scope of the manifest that has it; ok is false where it leads to none below it.
func referredScope(ref Reference) (scope string, ok bool) {
	p := path.Clean(strings.ReplaceAll(strings.Trim(ref.Path, " \t\r\n"), "\\", "/"))
	dir := path.Dir(p)
	scope = path.Dir(dir)
	if path.IsAbs(p) || path.Base(dir) != historyFolder || scope == "." || scope == ".." || strings.HasPrefix(scope, "../") {
		return "", false
	}
	return scope, true
}

// referredScopes are the folders of the nested histories that a source refers to, each
// once, relative to the reader's base.
func referredScopes(s *Source) []string {
	var scopes []string
	seen := map[string]bool{}
	for _, g := range s.Manifests {
		for _, ref := range g.References {
			scope, ok := referredScope(ref)
			if ok && !seen[scope] {
				seen[scope] = true
				scopes = append(scopes, path.Join(s.Scope, scope))
			}
		}
	}
	return scopes
}

// referred reads the nested histories that sources refer to, and those that these refer
// to, and gives each to the source that does. Those that are found already, by scope, are
// left as they are.
func (rd *reader) referred(sources []*Source, found map[string]*Source) error {
	for todo := sources; len(todo) > 0; todo = todo[1:] {
		for _, scope := range referredScopes(todo[0]) {
			if _, ok := found[scope]; ok {
				continue
			}
			nested, err := rd.nestedAt(scope)
			if err != nil {
				return err
			}
			if found[scope] = nested; nested != nil {
				todo[0].Nested = append(todo[0].Nested, nested)
				todo = append(todo, nested)
			}
		}
	}
	return nil
}

// nestedAt reads a nested history that is referred to. One that is not there is reported:
// with it goes the knowledge of which files there should be.
func (rd *reader) nestedAt(scope string) (*Source, error) {
	folder := path.Join(scope, historyFolder)
	info, err := rd.d.Stat(rd.onDrive(folder))
	switch {
	case ends(err):
		return nil, err
	case err == nil && info.Kind == drive.Folder, err != nil && !errors.Is(err, iofs.ErrNotExist):
		return rd.history(scope)
	}
	rd.report(finding.ChainManifestMissing, folder, "a manifest refers to this history, and it is not there")
	return nil, nil
}

// nest reads the histories of folders and gives each to the nearest source above it whose
// history it is nested in. Those that are in none are returned.
func (rd *reader) nest(tops []*Source, scopes []string) (alone []*Source, err error) {
	holders := map[string]*Source{}
	for _, s := range tops {
		if s.Format == ASC && holders[s.Scope] == nil {
			holders[s.Scope] = s
		}
	}
	sources := slices.Clone(tops)
	slices.Sort(scopes) // a folder before what is in it
	for _, scope := range scopes {
		s, err := rd.history(scope)
		if err != nil {
			return nil, err
		}
		if above := nearest(holders, scope); above != nil {
			above.Nested = append(above.Nested, s)
		} else {
			alone = append(alone, s)
		}
		holders[scope] = s
		sources = append(sources, s)
	}
	return alone, rd.referred(sources, holders)
}

// nearest is the holder of the closest folder above.
func nearest(holders map[string]*Source, scope string) *Source {
	for scope != "." {
		scope = path.Dir(scope)
		if s := holders[scope]; s != nil {
			return s
		}
	}
	return nil
}
