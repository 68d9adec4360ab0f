package mhl

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl/xml"
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

// Spellable reports whether a manifest can hold a text: XML cannot spell every one.
func Spellable(text string) bool { return xml.Spellable(text) }

// listWriter writes the parts that manifests are made of.
type listWriter struct{ *xml.Writer }

// Dated is an entry to be written with the dates that go with it, which nobody reads.
type Dated struct {
	Entry
	ModTime time.Time // of the file or folder; the zero time is not written
	HashAt  time.Time // when its bytes were read; likewise
}

// WriteASC writes a generation of an ASC MHL 2.0 history, made in place: m's creation date,
// root hash, ignore patterns and references, and the entries, which need an action on each of
// their hashes.
func WriteASC(w io.Writer, m *Manifest, entries []Dated, by Creator) error {
	x := listWriter{xml.NewWriter(w)}
	x.Open("hashlist", xml.Attr{"version", "2.0"}, xml.Attr{"xmlns", ascSpace})
	x.Open("creatorinfo")
	x.Element("creationdate", dateText(m.Created))
	x.Element("hostname", by.Host)
	x.Element("tool", by.Tool, xml.Attr{"version", by.Version})
	x.Optional("author", by.Author)
	x.Optional("location", by.Location)
	x.Optional("comment", by.Comment)
	x.Close("creatorinfo")
	x.process(m)
	if len(entries) > 0 {
		x.Open("hashes")
		for i := range entries {
			x.ascEntry(&entries[i])
		}
		x.Close("hashes")
	}
	if len(m.References) > 0 {
		x.Open("references")
		for _, r := range m.References {
			x.Open("hashlistreference")
			x.Element("path", r.Path)
			x.Element("c4", r.C4)
			x.Close("hashlistreference")
		}
		x.Close("references")
	}
	x.Close("hashlist")
	return x.End("writing an ASC MHL")
}

func (x listWriter) process(m *Manifest) {
	x.Open("processinfo")
	x.Element("process", "in-place")
	x.Open("roothash") // an empty one where there is none: some readers fail without
	x.folderSums(m.Content, m.Structure)
	x.Close("roothash")
	if len(m.Ignore) > 0 {
		x.Open("ignore")
		for _, p := range m.Ignore {
			x.Element("pattern", p)
		}
		x.Close("ignore")
	}
	x.Close("processinfo")
}

func (x listWriter) ascEntry(e *Dated) {
	name := "hash"
	var attrs []xml.Attr
	if e.Folder {
		name = "directoryhash"
	} else if e.Size >= 0 {
		attrs = append(attrs, xml.Attr{"size", strconv.FormatInt(e.Size, 10)})
	}
	if spellableDate(e.ModTime) {
		attrs = append(attrs, xml.Attr{"lastmodificationdate", dateText(e.ModTime)})
	}
	x.Open(name)
	x.Element("path", e.Path, attrs...)
	if e.Folder {
		x.folderSums(e.Content, e.Structure)
	}
	date := ""
	if !e.HashAt.IsZero() {
		date = dateText(e.HashAt)
	}
	hashes := slices.Clone(e.Hashes) // the schema wants them sorted
	slices.SortStableFunc(hashes, func(a, b Hash) int { return cmp.Compare(a.Algorithm, b.Algorithm) })
	for i, h := range hashes {
		switch {
		case i > 0 && hashes[i-1].Algorithm == h.Algorithm:
			x.Fail(fmt.Errorf("%s has two checksums of one kind", e.Path))
		case h.Action == "":
			x.Fail(fmt.Errorf("%s has a checksum without an action", e.Path))
		}
		x.sum(h.Sum, xml.Attr{"action", string(h.Action)}, xml.Attr{"hashdate", date})
	}
	x.Optional("previousPath", e.Previous)
	x.Close(name)
}

func (x listWriter) folderSums(content, structure []checksum.Sum) {
	for _, part := range []struct {
		name string
		sums []checksum.Sum
	}{{"content", content}, {"structure", structure}} {
		sums := slices.Clone(part.sums)
		slices.SortFunc(sums, func(a, b checksum.Sum) int { return cmp.Compare(a.Algorithm, b.Algorithm) })
		x.Open(part.name)
		for _, s := range sums {
			x.sum(s)
		}
		x.Close(part.name)
	}
}

func (x listWriter) sum(s checksum.Sum, attrs ...xml.Attr) {
	if _, ok := ascElements[string(s.Algorithm)]; !ok {
		x.Fail(fmt.Errorf("ASC MHL has no %s", s.Algorithm))
	}
	x.Element(string(s.Algorithm), s.Digest, attrs...)
}

// WriteChain writes the chain of a history: its generations from the first on.
func WriteChain(w io.Writer, entries []ChainEntry) error {
	x := listWriter{xml.NewWriter(w)}
	x.Open("ascmhldirectory", xml.Attr{"xmlns", chainSpace})
	for i, e := range entries {
		x.Open("hashlist", xml.Attr{"sequencenr", strconv.Itoa(i + 1)})
		x.Element("path", e.Path)
		x.Element("c4", e.C4)
		x.Close("hashlist")
	}
	x.Close("ascmhldirectory")
	return x.End("writing a chain")
}

// WriteLegacy writes an MHL 1.1 of entries: their checksums must be MD5, SHA-1, XXH32
// or XXH64, which is written most significant byte first.
func WriteLegacy(w io.Writer, entries []Dated, by Creator) error {
	x := listWriter{xml.NewWriter(w)}
	x.Open("hashlist", xml.Attr{"version", "1.1"})
	x.Open("creatorinfo")
	x.Optional("name", by.Author)
	x.Element("username", by.User)
	x.Element("hostname", by.Host)
	x.Element("tool", by.Tool+" "+by.Version)
	x.Element("startdate", dateText(by.Started))
	x.Element("finishdate", dateText(by.Finished))
	log := by.Comment
	if by.Location != "" {
		log = "location: " + by.Location + "\n" + log
	}
	x.Optional("log", log)
	x.Close("creatorinfo")
	for i := range entries {
		x.legacyEntry(&entries[i], by.Finished)
	}
	x.Close("hashlist")
	return x.End("writing an MHL 1.1")
}

func (x listWriter) legacyEntry(e *Dated, finished time.Time) {
	x.Open("hash")
	x.Element("file", e.Path)
	x.Element("size", strconv.FormatInt(e.Size, 10))
	modified := e.ModTime
	if !spellableDate(modified) {
		modified = time.Unix(0, 0) // the schema wants one, nobody compares it
	}
	x.Element("lastmodificationdate", dateText(modified))
	for _, h := range e.Hashes {
		x.legacySum(&e.Entry, h)
	}
	if !e.HashAt.IsZero() {
		finished = e.HashAt
	}
	x.Element("hashdate", dateText(finished))
	x.Close("hash")
}

func (x listWriter) legacySum(e *Entry, h Hash) {
	switch h.Algorithm {
	case checksum.MD5, checksum.SHA1:
		x.Element(string(h.Algorithm), h.Digest)
	case checksum.XXH64:
		x.Element("xxhash64be", h.Digest)
	case checksum.XXH32:
		text, err := h.Decimal()
		x.Fail(err)
		x.Element("xxhash", text)
	default:
		x.Fail(fmt.Errorf("MHL 1.1 has no %s", h.Algorithm))
	}
	if h.Action == Failed {
		x.Fail(fmt.Errorf("MHL 1.1 cannot record that %s failed", e.Path))
	}
}

// dateText spells a date as XML does, to the second, in UTC.
func dateText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func spellableDate(t time.Time) bool {
	return !t.IsZero() && t.UTC().Year() > 0 && t.UTC().Year() < 10_000
}
