package mhl

import (
	"footagefs/verify/drive"
	"sort"
	"strings"
)

type CompareOptions struct {
	Litter   func(string) bool
	RollPath string
}

func Compare(roll string, files []File, s []*Source, o CompareOptions) *Comparison {
	c := &Comparison{}
	items := map[string]*Item{}
	isM := map[string]bool{}
	for _, f := range files {
		if f.Kind == drive.Regular {
			items[f.Path] = &Item{Path: f.Path, Kind: Uncovered, Size: -1}
		}
	}
	for _, src := range s {
		c.Covered = true
		if src.Trusted {
			c.Usable = true
		}
		for _, g := range src.Manifests {
			isM[g.Path] = true
			if g.Manifest == nil {
				continue
			}
			c.Manifest, c.Format, c.Generation, c.Created, c.Tool, c.Oldest = g.Path, src.Format, g.Number, g.Created, g.Tool, g.Digest
			for _, e := range g.Entries {
				if e.Folder {
					continue
				}
				p := e.Path
				if src.Scope != "." {
					p = src.Scope + "/" + p
				}
				it := items[p]
				if it == nil {
					it = &Item{Path: p, Kind: Missing, Size: -1}
					items[p] = it
				}
				if it.Kind == Uncovered {
					it.Kind = Listed
				}
				it.Size = e.Size
				it.Manifest = g.Path
				it.Generation = g.Number
				for _, h := range e.Hashes {
					it.Records = append(it.Records, Record{h, g.Path})
				}
			}
		}
	}
	for _, it := range items {
		if it.Kind == Listed || it.Kind == Missing {
			c.Listed++
		}
		if it.Kind == Uncovered && c.Covered {
			it.Kind = Unlisted
		}
		if isM[it.Path] || strings.HasPrefix(it.Path, "ascmhl/") {
			it.Kind = ManifestFile
		}
		_, n := "", it.Path[strings.LastIndexByte(it.Path, '/')+1:]
		if it.Kind != Listed && o.Litter(n) {
			it.Kind = Ignored
		}
		c.Items = append(c.Items, *it)
	}
	sort.Slice(c.Items, func(i, j int) bool { return c.Items[i].Path < c.Items[j].Path })
	return c
}
