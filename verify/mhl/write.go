package mhl

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"footagefs/verify/checksum"
)

// Creator is what a manifest says of its making beside what a Manifest holds.
type Creator struct {
	Started  time.Time // of MHL 1.x
	Finished time.Time // of MHL 1.x
	Host     string
	User     string // of MHL 1.x
	Tool     string
	Version  string // of the tool
	Author   string
	Location string
	Comment  string
}

// ChainEntry is one generation as a chain lists it.
type ChainEntry struct {
	Path string // relative to the chain
	C4   string // of the manifest's bytes
}

// Spellable reports whether a manifest can hold a text: XML has no way to spell control
// characters, nor bytes that are not UTF-8.
func Spellable(text string) bool {
	for i, r := range text {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size <= 1 {
				return false
			}
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0xfffe, r == 0xffff:
			return false
		}
	}
	return true
}

// WriteASC writes a generation of an ASC MHL 2.0 history: m's creation date, process
// ("in-place" where it has none), root hash, ignore patterns, entries and references.
// Entries need an action on each of their hashes.
func WriteASC(w io.Writer, m *Manifest, by Creator) error {
	x := newXMLWriter(w)
	x.open("hashlist", attr{"version", "2.0"}, attr{"xmlns", ascSpace})
	x.open("creatorinfo")
	x.element("creationdate", dateText(m.Created))
	x.element("hostname", by.Host)
	x.element("tool", by.Tool, attr{"version", by.Version})
	x.optional("author", by.Author)
	x.optional("location", by.Location)
	x.optional("comment", by.Comment)
	x.close("creatorinfo")
	x.process(m)
	if len(m.Entries) > 0 {
		x.open("hashes")
		for i := range m.Entries {
			x.ascEntry(&m.Entries[i])
		}
		x.close("hashes")
	}
	if len(m.References) > 0 {
		x.open("references")
		for _, r := range m.References {
			x.open("hashlistreference")
			x.element("path", r.Path)
			x.element("c4", r.C4)
			x.close("hashlistreference")
		}
		x.close("references")
	}
	x.close("hashlist")
	return x.end("writing an ASC MHL")
}

func (x *xmlWriter) process(m *Manifest) {
	x.open("processinfo")
	process := m.Process
	if process == "" {
		process = "in-place"
	}
	x.element("process", process)
	x.open("roothash") // an empty one where there is none: some readers fail without
	x.folderSums(m.Content, m.Structure)
	x.close("roothash")
	if len(m.Ignore) > 0 {
		x.open("ignore")
		for _, p := range m.Ignore {
			x.element("pattern", p)
		}
		x.close("ignore")
	}
	x.close("processinfo")
}

func (x *xmlWriter) ascEntry(e *Entry) {
	name := "hash"
	var attrs []attr
	if e.Folder {
		name = "directoryhash"
	} else if e.Size >= 0 {
		attrs = append(attrs, attr{"size", strconv.FormatInt(e.Size, 10)})
	}
	if spellableDate(e.ModTime) {
		attrs = append(attrs, attr{"lastmodificationdate", dateText(e.ModTime)})
	}
	x.open(name)
	x.element("path", e.Path, attrs...)
	if e.Folder {
		x.folderSums(e.Content, e.Structure)
	}
	hashes := slices.Clone(e.Hashes) // the schema wants them sorted
	slices.SortStableFunc(hashes, func(a, b Hash) int { return cmp.Compare(a.Algorithm, b.Algorithm) })
	for i, h := range hashes {
		switch {
		case i > 0 && hashes[i-1].Algorithm == h.Algorithm:
			x.fail(fmt.Errorf("%s has two checksums of one kind", e.Path))
		case h.Action == "":
			x.fail(fmt.Errorf("%s has a checksum without an action", e.Path))
		}
		date := ""
		if !h.Date.IsZero() {
			date = dateText(h.Date)
		}
		x.sum(h.Sum, attr{"action", string(h.Action)}, attr{"hashdate", date})
	}
	x.optional("previousPath", e.Previous)
	x.close(name)
}

func (x *xmlWriter) folderSums(content, structure []checksum.Sum) {
	for _, part := range []struct {
		name string
		sums []checksum.Sum
	}{{"content", content}, {"structure", structure}} {
		sums := slices.Clone(part.sums)
		slices.SortFunc(sums, func(a, b checksum.Sum) int { return cmp.Compare(a.Algorithm, b.Algorithm) })
		x.open(part.name)
		for _, s := range sums {
			x.sum(s)
		}
		x.close(part.name)
	}
}

func (x *xmlWriter) sum(s checksum.Sum, attrs ...attr) {
	if _, ok := ascElements[string(s.Algorithm)]; !ok {
		x.fail(fmt.Errorf("ASC MHL has no %s", s.Algorithm))
	}
	x.element(string(s.Algorithm), s.Digest, attrs...)
}

// WriteChain writes the chain of a history: its generations from the first on.
func WriteChain(w io.Writer, entries []ChainEntry) error {
	x := newXMLWriter(w)
	x.open("ascmhldirectory", attr{"xmlns", chainSpace})
	for i, e := range entries {
		x.open("hashlist", attr{"sequencenr", strconv.Itoa(i + 1)})
		x.element("path", e.Path)
		x.element("c4", e.C4)
		x.close("hashlist")
	}
	x.close("ascmhldirectory")
	return x.end("writing a chain")
}

// WriteLegacy writes an MHL 1.1 of m's entries: their checksums must be MD5, SHA-1, XXH32
// or XXH64, which is written most significant byte first.
func WriteLegacy(w io.Writer, m *Manifest, by Creator) error {
	x := newXMLWriter(w)
	x.open("hashlist", attr{"version", "1.1"})
	x.open("creatorinfo")
	x.optional("name", by.Author)
	x.element("username", by.User)
	x.element("hostname", by.Host)
	x.element("tool", by.Tool+" "+by.Version)
	x.element("startdate", dateText(by.Started))
	x.element("finishdate", dateText(by.Finished))
	log := by.Comment
	if by.Location != "" {
		log = "location: " + by.Location + "\n" + log
	}
	x.optional("log", log)
	x.close("creatorinfo")
	for i := range m.Entries {
		x.legacyEntry(&m.Entries[i], by.Finished)
	}
	x.close("hashlist")
	return x.end("writing an MHL 1.1")
}

func (x *xmlWriter) legacyEntry(e *Entry, finished time.Time) {
	x.open("hash")
	x.element("file", e.Path)
	x.element("size", strconv.FormatInt(e.Size, 10))
	modified := e.ModTime
	if !spellableDate(modified) {
		modified = time.Unix(0, 0) // the schema wants one, nobody compares it
	}
	x.element("lastmodificationdate", dateText(modified))
	for _, h := range e.Hashes {
		x.legacySum(e, h)
		if !h.Date.IsZero() {
			finished = h.Date
		}
	}
	x.element("hashdate", dateText(finished))
	x.close("hash")
}

func (x *xmlWriter) legacySum(e *Entry, h Hash) {
	switch h.Algorithm {
	case checksum.MD5, checksum.SHA1:
		x.element(string(h.Algorithm), h.Digest)
	case checksum.XXH64:
		x.element("xxhash64be", h.Digest)
	case checksum.XXH32:
		text, err := h.Decimal()
		x.fail(err)
		x.element("xxhash", text)
	default:
		x.fail(fmt.Errorf("MHL 1.1 has no %s", h.Algorithm))
	}
	if h.Action == Failed {
		x.fail(fmt.Errorf("MHL 1.1 cannot record that %s failed", e.Path))
	}
}

// dateText spells a date as XML does, to the second, in UTC.
func dateText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func spellableDate(t time.Time) bool {
	return !t.IsZero() && t.UTC().Year() > 0 && t.UTC().Year() < 10_000
}
