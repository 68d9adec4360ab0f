package drives

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// Generation is one manifest of an ASC MHL history.
type Generation struct {
	At       time.Time
	Process  string   // in-place where empty
	Elements []string // hash elements of every entry
	Action   string   // original where empty
	Entries  []Entry  // nil: every file of the folder
	Folders  bool     // with directory hashes and a root hash, of the first element

	folders []folderHash
}

// page is XML text that is being written.
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// esc escapes text for XML.
func esc(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a Buffer never fails
	return b.String()
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// Legacy is the text of an MHL 1.1.
func Legacy(at time.Time, entries []Entry) []byte {
	var p page
	p.line(`<?xml version="1.0" encoding="UTF-8"?>`)
	p.line(`<hashlist version="1.1">`)
	p.line("  <creatorinfo>\n    <name>Data Wrangler</name>\n    <username>dit</username>")
	p.line("    <hostname>cart</hostname>\n    <tool>offload 4.2</tool>")
	p.line("    <startdate>%s</startdate>\n    <finishdate>%s</finishdate>\n  </creatorinfo>", stamp(at), stamp(at))
	for _, e := range entries {
		p.line("  <hash>\n    <file>%s</file>", esc(e.Path))
		if e.Size >= 0 {
			p.line("    <size>%d</size>", e.Size)
		}
		p.line("    <lastmodificationdate>%s</lastmodificationdate>", stamp(e.ModTime))
		for _, h := range e.Hashes {
			p.line("    <%s>%s</%s>", h.Element, h.Text, h.Element)
		}
		p.line("    <hashdate>%s</hashdate>\n  </hash>", stamp(at))
	}
	p.line("</hashlist>")
	return p.Bytes()
}

// ASC is the text of an ASC MHL 2.0 manifest.
func ASC(g Generation) []byte {
	var p page
	p.line(`<?xml version="1.0" encoding="UTF-8"?>`)
	p.line(`<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">`)
	p.line("  <creatorinfo>\n    <creationdate>%s</creationdate>", stamp(g.At))
	p.line("    <hostname>cart</hostname>\n    <tool version=\"4.2\">offload</tool>\n  </creatorinfo>")
	p.line("  <processinfo>\n    <process>%s</process>", or(g.Process, "in-place"))
	p.roothash(g)
	p.line("    <ignore>\n      <pattern>.DS_Store</pattern>\n      <pattern>ascmhl</pattern>")
	p.line("      <pattern>ascmhl/</pattern>\n    </ignore>\n  </processinfo>\n  <hashes>")
	for _, e := range g.Entries {
		p.entry(e, g)
	}
	for _, f := range g.folders {
		if f.path != "." {
			p.line("    <directoryhash>\n      <path>%s</path>", esc(f.path))
			p.pair("      ", f, g.At)
			p.line("    </directoryhash>")
		}
	}
	p.line("  </hashes>\n</hashlist>")
	return p.Bytes()
}

func (p *page) entry(e Entry, g Generation) {
	size := ""
	if e.Size >= 0 {
		size = fmt.Sprintf(" size=\"%d\"", e.Size)
	}
	p.line("    <hash>\n      <path%s lastmodificationdate=\"%s\">%s</path>", size, stamp(e.ModTime), esc(e.Path))
	for _, h := range e.Hashes {
		action := or(h.Action, or(g.Action, "original"))
		p.line("      <%s action=\"%s\" hashdate=\"%s\">%s</%s>", h.Element, action, stamp(g.At), h.Text, h.Element)
	}
	p.line("    </hash>")
}

func (p *page) roothash(g Generation) {
	for _, f := range g.folders {
		if f.path == "." {
			p.line("    <roothash>")
			p.pair("      ", f, g.At)
			p.line("    </roothash>")
		}
	}
}

// pair writes a folder's two hashes.
func (p *page) pair(indent string, f folderHash, at time.Time) {
	for _, part := range [][2]string{{"content", f.content}, {"structure", f.structure}} {
		p.line("%s<%s>\n%s  <%s hashdate=\"%s\">%s</%s>\n%s</%s>",
			indent, part[0], indent, f.element, stamp(at), part[1], f.element, indent, part[0])
	}
}

// chain is the text of a history's chain; the links' Action is the manifest's name.
func chain(links []Hash) []byte {
	var p page
	p.line(`<?xml version="1.0" encoding="UTF-8"?>`)
	p.line(`<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">`)
	for i, l := range links {
		p.line("  <hashlist sequencenr=\"%d\">\n    <path>%s</path>", i+1, esc(l.Action))
		p.line("    <%s>%s</%s>\n  </hashlist>", l.Element, l.Text, l.Element)
	}
	p.line("</ascmhldirectory>")
	return p.Bytes()
}

// generationName is how the specification names a manifest.
func generationName(number int, folder string, at time.Time) string {
	return fmt.Sprintf("%04d_%s_%s.mhl", number, folder, at.UTC().Format("2006-01-02_150405Z"))
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
