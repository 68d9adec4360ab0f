package mhl

import (
	"path"
	"slices"
	"strings"

	"footagefs/verify/drive"
)

// Names that writers of a history need.
const (
	HistoryFolder = historyFolder
	ChainName     = chainName
)

// ReadHistories reads all ASC MHL histories in a roll, each by itself and not as nested in
// others, outermost first, whatever else lies at the roll's root. Paths and errors are
// those of ReadSources.
func ReadHistories(d *drive.Drive, roll string, files []File, load Loader) ([]*Source, []Finding, error) {
	rd := &reader{d: d, load: load, base: roll}
	scopes := survey(files).scopes
	slices.SortFunc(scopes, func(a, b string) int { return strings.Compare(path.Join("/", a), path.Join("/", b)) })
	var all []*Source
	for _, scope := range scopes {
		s, err := rd.history(scope)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, s)
	}
	return all, rd.findings, nil
}

// Chain is what the chain of a trusted history lists.
func (s *Source) Chain() []ChainEntry {
	var entries []ChainEntry
	for _, g := range s.Manifests {
		entries = append(entries, ChainEntry{Path: strings.TrimPrefix(g.Path, s.Path+"/"), C4: g.Digest})
	}
	return entries
}
