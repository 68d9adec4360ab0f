package mhl

import (
	"bufio"
	"fmt"
	"io"
)

// xmlWriter writes elements, two blanks deeper at each level. Its first error stays.
type xmlWriter struct {
	w     *bufio.Writer
	depth int
	err   error
}

type attr struct{ name, value string }

func newXMLWriter(w io.Writer) *xmlWriter {
	x := &xmlWriter{w: bufio.NewWriter(w)}
	x.put(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return x
}

func (x *xmlWriter) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

func (x *xmlWriter) put(s string) {
	_, err := x.w.WriteString(s)
	x.fail(err)
}

func (x *xmlWriter) indent() {
	for range x.depth {
		x.put("  ")
	}
}

func (x *xmlWriter) tag(name string, attrs []attr) {
	x.indent()
	x.put("<" + name)
	for _, a := range attrs {
		if a.value != "" {
			x.put(" " + a.name + `="`)
			x.text(a.value)
			x.put(`"`)
		}
	}
	x.put(">")
}

func (x *xmlWriter) open(name string, attrs ...attr) {
	x.tag(name, attrs)
	x.put("\n")
	x.depth++
}

func (x *xmlWriter) close(name string) {
	x.depth--
	x.indent()
	x.put("</" + name + ">\n")
}

func (x *xmlWriter) element(name, text string, attrs ...attr) {
	x.tag(name, attrs)
	x.text(text)
	x.put("</" + name + ">\n")
}

// optional writes an element unless it is empty.
func (x *xmlWriter) optional(name, text string) {
	if text != "" {
		x.element(name, text)
	}
}

// text writes a text so that readers get back every byte of it: a carriage return that is
// not escaped would come back as a line feed.
func (x *xmlWriter) text(s string) {
	if !Spellable(s) {
		x.fail(fmt.Errorf("XML cannot spell %q", s))
	}
	last := 0
	for i := range len(s) {
		var escape string
		switch s[i] {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '"':
			escape = "&quot;"
		case '\r':
			escape = "&#13;"
		default:
			continue
		}
		x.put(s[last:i])
		x.put(escape)
		last = i + 1
	}
	x.put(s[last:])
}

// end flushes what was written and returns the first error.
func (x *xmlWriter) end(doing string) error {
	x.fail(x.w.Flush())
	if x.err != nil {
		return fmt.Errorf("%s: %w", doing, x.err)
	}
	return nil
}
