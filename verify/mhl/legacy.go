package mhl

import (
	"time"

	"footagefs/verify/mhl/xml"
)

// legacyChild takes a child of the root of MHL 1.0 or 1.1.
func (p *parser) legacyChild() error {
	switch string(p.Local) {
	case "hash":
		return p.legacyEntry()
	case "creatorinfo":
		return p.each((*parser).legacyCreator)
	case "creationdate":
		return p.setCreated(&p.m.Created)
	case "file":
		p.homemade = true
	}
	return p.skip()
}

// legacyCreator takes a child of creatorinfo. A list that does not say when it was
// created was when its making ended.
func (p *parser) legacyCreator() error {
	switch string(p.Local) {
	case "tool":
		text, err := p.content()
		p.m.Tool = string(xml.Trim(text))
		return err
	case "finishdate":
		return p.setCreated(&p.finished)
	case "startdate":
		return p.setCreated(&p.started)
	}
	return p.skip()
}

func (p *parser) setCreated(to *time.Time) error {
	text, err := p.content()
	*to = parseDate(xml.Trim(text))
	return err
}

func (p *parser) legacyEntry() error {
	p.begin()
	if err := p.each((*parser).legacyField); err != nil {
		return err
	}
	return p.endEntry()
}

// legacyField takes a child of an entry; their order is free.
func (p *parser) legacyField() error {
	switch string(p.Local) {
	case "file":
		return p.place()
	case "size":
		return p.legacySize()
	case "lastmodificationdate", "hashdate", "creationdate":
		return p.skip()
	case "null":
		p.entry.Null = true
		return p.skip()
	}
	if e, ok := legacyElements[string(p.Local)]; ok {
		return p.addHash(Hash{Action: Original}, e)
	}
	return p.addUnknown()
}

func (p *parser) legacySize() error {
	if p.sized {
		return p.Malformed("an entry has two sizes")
	}
	p.sized = true
	text, err := p.content()
	p.entry.Size = parseSize(xml.Trim(text))
	return err
}

// completeCreated gives an MHL 1.x that does not say when it was created another date.
func (p *parser) completeCreated() {
	if p.m.Created.IsZero() {
		p.m.Created = p.finished
	}
	if p.m.Created.IsZero() {
		p.m.Created = p.started
	}
}
