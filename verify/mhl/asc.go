package mhl

import (
	"bytes"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl/xml"
)

// ascChild takes a child of the root of ASC MHL 2.0; their order is free.
func (p *parser) ascChild() error {
	switch string(p.Local) {
	case "creatorinfo":
		return p.each((*parser).ascCreator)
	case "processinfo":
		return p.each((*parser).ascProcess)
	case "hashes":
		return p.each((*parser).ascEntry)
	case "references":
		return p.each((*parser).ascReference)
	}
	return p.skip()
}

func (p *parser) ascCreator() error {
	switch string(p.Local) {
	case "creationdate":
		return p.setCreated(&p.m.Created)
	case "tool":
		version := string(xml.Trim(p.Attr("version")))
		text, err := p.content()
		p.m.Tool = string(xml.Trim(text))
		if version != "" {
			p.m.Tool += " " + version
		}
		return err
	}
	return p.skip()
}

func (p *parser) ascProcess() error {
	switch string(p.Local) {
	case "roothash":
		return p.each((*parser).ascRoot)
	case "ignore":
		return p.each((*parser).ascPattern)
	}
	return p.skip()
}

func (p *parser) ascRoot() error {
	switch string(p.Local) {
	case "content":
		return p.folderSums(&p.m.Content)
	case "structure":
		return p.folderSums(&p.m.Structure)
	}
	return p.skip()
}

// ascPattern takes an ignore pattern. Blanks may be part of one, an indented line of its
// own is not.
func (p *parser) ascPattern() error {
	if string(p.Local) != "pattern" {
		return p.skip()
	}
	text, err := p.content()
	if err != nil {
		return err
	}
	if bytes.IndexByte(text, '\n') >= 0 {
		text = xml.Trim(text)
	}
	if len(text) == 0 {
		return nil
	}
	p.m.Ignore = append(p.m.Ignore, string(text))
	return p.charge(stringCost + len(text))
}

// ascEntry takes a child of hashes.
func (p *parser) ascEntry() error {
	take := (*parser).ascField
	switch string(p.Local) {
	case "directoryhash":
		take = (*parser).ascFolderField
	case "hash":
	default:
		return p.skip()
	}
	p.begin()
	p.entry.Folder = string(p.Local) == "directoryhash"
	if err := p.each(take); err != nil {
		return err
	}
	return p.endEntry()
}

// ascField takes a child of a file's entry.
func (p *parser) ascField() error {
	switch string(p.Local) {
	case "path":
		return p.ascPath()
	case "previousPath":
		return p.ascPrevious()
	case "metadata":
		return p.skip()
	}
	e, known := ascElements[string(p.Local)]
	if !known {
		return p.addUnknown()
	}
	h := Hash{Action: parseAction(xml.Trim(p.Attr("action")))}
	if h.Action == "" {
		// Whatever it was recorded for, it was not as a reference.
		if err := p.nameUnknown(e.name); err != nil {
			return err
		}
		return p.skip()
	}
	return p.addHash(h, e)
}

// parseAction is "" for what the format does not know. Files have an action; where one
// is left out there was nothing to verify against or to fail.
func parseAction(b []byte) Action {
	for _, a := range [...]Action{Original, Verified, Failed} {
		if string(b) == string(a) {
			return a
		}
	}
	if len(b) == 0 {
		return Original
	}
	return ""
}

// ascFolderField takes a child of a folder's entry.
func (p *parser) ascFolderField() error {
	switch string(p.Local) {
	case "path":
		return p.ascPath()
	case "previousPath":
		return p.ascPrevious()
	case "content":
		return p.folderSums(&p.entry.Content)
	case "structure":
		return p.folderSums(&p.entry.Structure)
	}
	return p.skip()
}

func (p *parser) ascPath() error {
	p.entry.Size = parseSize(xml.Trim(p.Attr("size")))
	return p.place()
}

func (p *parser) ascPrevious() (err error) {
	if p.entry.Previous != "" {
		return p.Malformed("an entry has two previous paths")
	}
	p.entry.Previous, err = p.path()
	return err
}

// folderSums takes the hashes in a content or structure element.
func (p *parser) folderSums(to *[]checksum.Sum) error {
	p.sums = p.sums[:0]
	if err := p.each((*parser).ascSum); err != nil {
		return err
	}
	*to = append(*to, p.sums...)
	return nil
}

// ascSum takes one hash that is no file's. An empty one, which tools write where they
// did not compute it, is none.
func (p *parser) ascSum() error {
	e, known := ascElements[string(p.Local)]
	if !known || string(xml.Trim(p.Attr("action"))) == string(Failed) {
		return p.skip()
	}
	sum, ok, err := p.sum(e)
	if err != nil {
		return err
	}
	if ok {
		p.sums = append(p.sums, sum)
	}
	return p.charge(sumCost + len(c4Max))
}

func (p *parser) ascReference() error {
	if string(p.Local) != "hashlistreference" {
		return p.skip()
	}
	p.reference = Reference{}
	if err := p.each((*parser).ascReferenceField); err != nil {
		return err
	}
	if p.reference.Path == "" {
		return p.Malformed("a reference has no path")
	}
	p.m.References = append(p.m.References, p.reference)
	return p.charge(2*stringCost + len(p.reference.Path) + len(p.reference.C4))
}

func (p *parser) ascReferenceField() (err error) {
	switch string(p.Local) {
	case "path":
		p.reference.Path, err = p.path()
		return err
	case "c4":
		text, err := p.content()
		if text = xml.Trim(text); err == nil && len(text) <= len(c4Max) {
			p.reference.C4 = string(text)
		}
		return err
	}
	return p.skip()
}
