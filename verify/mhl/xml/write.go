package xml

import (
	"bufio"
	"fmt"
	"io"
	"unicode/utf8"
)

// Writer writes elements, two blanks deeper at each level. Its first error stays.
type Writer struct {
	w     *bufio.Writer
	depth int
	err   error
}

// Attr is an attribute to be written: its name and its value. One without a value is left out.
type Attr [2]string

// NewWriter begins a document.
func NewWriter(w io.Writer) *Writer {
	x := &Writer{w: bufio.NewWriter(w)}
	x.put(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return x
}

// Fail makes the document fail, unless it has failed before or err is nil.
func (x *Writer) Fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

func (x *Writer) put(s string) {
	_, err := x.w.WriteString(s)
	x.Fail(err)
}

func (x *Writer) indent() {
	for range x.depth {
		x.put("  ")
	}
}

func (x *Writer) tag(name string, attrs []Attr) {
	x.indent()
	x.put("<" + name)
	for _, a := range attrs {
		if a[1] != "" {
			x.put(" " + a[0] + `="`)
			x.text(a[1])
			x.put(`"`)
		}
	}
	x.put(">")
}

// Open begins an element that holds others.
func (x *Writer) Open(name string, attrs ...Attr) {
	x.tag(name, attrs)
	x.put("\n")
	x.depth++
}

// Close ends the innermost element that was opened; name is its name.
func (x *Writer) Close(name string) {
	x.depth--
	x.indent()
	x.put("</" + name + ">\n")
}

// Element writes an element that holds a text.
func (x *Writer) Element(name, text string, attrs ...Attr) {
	x.tag(name, attrs)
	x.text(text)
	x.put("</" + name + ">\n")
}

// Optional writes an element unless it is empty.
func (x *Writer) Optional(name, text string) {
	if text != "" {
		x.Element(name, text)
	}
}

// text writes a text so that readers get back every byte of it: a carriage return that is
// not escaped would come back as a line feed.
func (x *Writer) text(s string) {
	if !Spellable(s) {
		x.Fail(fmt.Errorf("XML cannot spell %q", s))
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

// End flushes what was written and returns the first error; doing says what failed then.
func (x *Writer) End(doing string) error {
	x.Fail(x.w.Flush())
	if x.err != nil {
		return fmt.Errorf("%s: %w", doing, x.err)
	}
	return nil
}

// Spellable reports whether a document can hold a text: XML has no way to spell control
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
