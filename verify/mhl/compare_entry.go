package mhl

import (
	"fmt"
	"path"

	"golang.org/x/text/unicode/norm"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
)

// The reasons of items, which users see beside a status; those of sources are others.
const (
	reasonPath    = "path"
	reasonSymlink = "symlink"
	reasonUnknown = "unknown-hash"
	reasonNoHash  = "no-hash"
)

// start is where the inexact paths of a manifest start.
func (c *comparer) start(s *covering, g *Generation, generation int) *place {
	if c.tree == nil {
		c.tree = newTree(c.files)
	}
	scope, ok := c.tree.at(s.scope)
	if !ok {
		scope = several // a folder of which nothing is known has nothing in it
	}
	name := c.roll
	switch {
	case s.Outside:
		return newPlace(c.tree, scope, "")
	case s.scope != ".":
		name = path.Base(s.scope)
	}
	pl := newPlace(c.tree, scope, name)
	pl.findShared(func(yield func(string) bool) {
		for i := range g.Entries {
			if e := &g.Entries[i]; !e.Folder {
				if p, ok := s.place(e, generation); ok && !yield(p) {
					return
				}
			}
		}
	})
	return pl
}

// renamedElsewhere looks for what a manifest lists by a name that another source of the
// same scope says was changed since.
func (c *comparer) renamedElsewhere(s *covering, pl *place, o *open) match {
	for _, other := range c.sources {
		if other == s || !other.Trusted || other.renames == nil || other.scope != s.scope || other.Outside != s.Outside {
			continue
		}
		if p := other.renames.follow(o.path, -1); p != o.path {
			if m := pl.resolve(p); m.outcome == found {
				m.variant, m.note = true, "listed by its earlier name"
				return m
			}
		}
	}
	return o.match
}

// list notes that a manifest lists a file that is there.
func (c *comparer) list(number int32, s *covering, g *Generation, e *Entry, file int, note string) {
	item := &c.items[file]
	c.take(item, &c.marks[file], number, s, g, e)
	if note != "" && item.Note == "" {
		item.Note = note
	}
}

// miss notes that a manifest lists what is not there.
func (c *comparer) miss(number int32, s *covering, g *Generation, o *open) {
	key := s.scope + "/" + norm.NFC.String(o.match.path)
	at, ok := c.keys[key]
	if !ok {
		at = c.other(s, o, Missing, "")
		c.keys[key] = at
	}
	c.take(&c.others[at], &c.otherMarks[at], number, s, g, o.entry)
}

// refuse notes that a manifest lists what must not be looked at.
func (c *comparer) refuse(number int32, s *covering, g *Generation, o *open, reason string) {
	at := c.other(s, o, Rejected, reason)
	c.take(&c.others[at], &c.otherMarks[at], number, s, g, o.entry)
}

// other is the item of a path that is no file, by how it is listed.
func (c *comparer) other(s *covering, o *open, kind ItemKind, reason string) int {
	p := o.path
	if s.scope != "." {
		p = s.scope + "/" + p
	}
	if p == "" {
		p = "."
	}
	at, ok := c.paths[p]
	if !ok {
		at = len(c.others)
		c.others = append(c.others, Item{Path: p, Kind: kind, Reason: reason, Size: -1})
		c.otherMarks = append(c.otherMarks, mark{})
		c.paths[p] = at
	}
	if kind == Rejected {
		c.others[at].Kind, c.others[at].Reason = kind, reason
	}
	return at
}

func (c *comparer) reportUnsafe(s *covering, g *Generation, entries int, first string) {
	what := fmt.Sprintf("its entry %q leads out of the folder that it speaks of and is refused", first)
	if entries > 1 {
		what = fmt.Sprintf("%d of its entries lead out of the folder that it speaks of and are refused, the first is %q", entries, first)
	}
	c.result.Findings = append(c.result.Findings, Finding{finding.New(finding.ManifestUnsafe, g.Path, what), s.Outside})
}

// take adds what an entry says to an item. What a source says that is not trusted counts
// for nothing but that it is said.
func (c *comparer) take(item *Item, m *mark, number int32, s *covering, g *Generation, e *Entry) {
	if !s.Trusted {
		if m.distrust == "" {
			m.distrust = s.distrusted()
		}
		return
	}
	if m.source == 0 {
		m.source = number
		if item.Kind == 0 {
			item.Kind, item.Size = Listed, -1
		}
	}
	if m.source == number { // generations come oldest first
		item.Manifest, item.Generation = g.Path, g.Number
	}
	if item.Records == nil {
		c.firstRecords(item, g, e)
	} else {
		for i := range e.Hashes {
			item.record(e.Hashes[i], g.Path)
		}
	}
	usable := len(e.Hashes) > 0
	if usable && !hasReference(e) {
		return // the size is that of the bytes that failed
	}
	m.null = m.null || !usable && e.Null
	m.unknown = m.unknown || !usable && len(e.Unknown) > 0
	m.bare = m.bare || !usable && !e.Null && len(e.Unknown) == 0
	item.measure(m, e.Size, g.Path)
}

// distrusted is why what a source lists cannot be verified; "unreadable" says nothing
// about the source.
func (s *covering) distrusted() string {
	if s.Reason == "" {
		return reasonManifest
	}
	return s.Reason
}

func hasReference(e *Entry) bool {
	for i := range e.Hashes {
		if e.Hashes[i].Action != Failed {
			return true
		}
	}
	return false
}

// firstRecords takes the hashes of the first entry for an item.
func (c *comparer) firstRecords(item *Item, g *Generation, e *Entry) {
	if len(e.Hashes) == 1 && e.Hashes[0].Action != Failed { // the common case
		record := [1]Record{{e.Hashes[0], g.Path}}
		item.Records = c.records.keep(record[:])
		return
	}
	for i := range e.Hashes {
		item.record(e.Hashes[i], g.Path)
	}
}

// record adds a hash to an item, each distinct one once.
func (item *Item) record(h Hash, manifest string) {
	if h.Action == Failed {
		for i := range item.Failed {
			if item.Failed[i].Sum == h.Sum {
				return
			}
		}
		item.Failed = append(item.Failed, Record{h, manifest})
		return
	}
	for i := range item.Records {
		r := &item.Records[i]
		switch {
		case r.Algorithm != h.Algorithm:
		case r.Digest == h.Digest:
			r.Swapped = r.Swapped && h.Swapped
			return
		case (r.Swapped || h.Swapped) && r.Digest == checksum.Swap(h.Digest):
			if r.Swapped && h.Swapped {
				return
			}
		default:
			item.contradict(r.Manifest, r.Sum.String(), manifest, h.Sum.String())
		}
	}
	item.Records = append(item.Records, Record{h, manifest})
}

// measure takes a recorded size.
func (item *Item) measure(m *mark, size int64, manifest string) {
	switch {
	case size < 0 || size == item.Size:
	case item.Size < 0:
		item.Size, m.sizeFrom = size, manifest
	default:
		item.contradict(m.sizeFrom, fmt.Sprintf("%d bytes", item.Size), manifest, fmt.Sprintf("%d bytes", size))
	}
}

// contradict says the first contradiction between what was recorded before and now.
func (item *Item) contradict(older, was, newer, is string) {
	switch {
	case item.Contradiction != "":
	case older == newer:
		item.Contradiction = fmt.Sprintf("%s lists it twice, with %s and with %s", older, was, is)
	default:
		item.Contradiction = fmt.Sprintf("%s, the older, records %s, %s records %s", older, was, newer, is)
	}
}

// finish says of a listed item why it has nothing to compare with.
func (item *Item) finish(m *mark) {
	switch {
	case m.source == 0 || len(item.Records) > 0 || item.Kind != Listed:
	case m.unknown:
		item.Reason = reasonUnknown
	case m.null && !m.bare && len(item.Failed) == 0:
		item.SizeOnly = true
	default:
		item.Reason = reasonNoHash
	}
}
