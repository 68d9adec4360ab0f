package mhl

import (
	"bytes"
	"io"
)

// token is what scanner.next found.
type token uint8

const (
	startToken token = iota + 1 // an element begins: scanner.local, space and attrs are set
	endToken                    // the innermost element ends
	textToken                   // scanner.text is set; one text may come in several tokens
	eofToken                    // the document ended, complete
)

// unbound is the namespace of a prefix that is not declared: nobody's.
const unbound = "\x00"

type attribute struct {
	name  []byte
	value []byte
}

// binding is a namespace prefix in force since an element of the depth began.
type binding struct {
	prefix string
	space  string
	depth  int
}

// scanner splits well-formed XML 1.0 in UTF-8 into tokens. It is as strict as
// encoding/xml, and stricter where that is lenient (one root, nothing but white space
// around it, no attribute twice, no half declarations). It expands no entities of a
// document type, loads nothing, and never holds more of the input than one token.
//
// Slices it hands out are good until the next call of next.
type scanner struct {
	r         io.Reader
	err       error  // what ended the input, once it came
	buf       []byte // window of the input
	pos       int    // where in buf the next token begins
	lines     int    // newlines before buf
	begun     bool   // something was consumed: no XML declaration from here on
	converted bool   // U+FFFD stands for bytes that could not be read

	names    []byte // of the open elements, one after the other
	open     []int  // where in names each begins
	bindings []binding
	rooted   bool // the root element has begun
	doctyped bool
	closing  bool // an empty-element tag was delivered as a start

	local   []byte
	space   string
	attrs   []attribute
	text    []byte
	scratch []byte // where text and values with references are put together
}

func newScanner(r io.Reader, converted bool) *scanner {
	return &scanner{r: r, buf: make([]byte, 0, 128<<10), converted: converted}
}

// depth is the number of open elements.
func (s *scanner) depth() int { return len(s.open) }

// attr is the value of an attribute without a namespace, nil where it is not there.
func (s *scanner) attr(name string) []byte {
	for i := range s.attrs {
		if string(s.attrs[i].name) == name {
			return s.attrs[i].value
		}
	}
	return nil
}

// next finds the next token. Errors of type *Error say what is wrong with the document;
// others are the reader's.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return endToken, nil
	}
	for {
		if s.pos == len(s.buf) {
			if err := s.fill(); err == io.EOF {
				return s.end()
			} else if err != nil {
				return 0, err
			}
		}
		var found token
		var err error
		if s.buf[s.pos] == '<' {
			found, err = s.markup()
		} else {
			found, err = s.characters()
		}
		s.begun = true
		if found != 0 || err != nil {
			return found, err
		}
	}
}

func (s *scanner) end() (token, error) {
	switch {
	case len(s.open) > 0:
		return 0, s.malformed("it ends within the element %.40q", s.innermost())
	case !s.rooted:
		return 0, s.malformed("it has no root element")
	}
	return eofToken, nil
}

// fill reads more of the input into the window, moving or growing it where it is full.
// The end of the input is io.EOF.
func (s *scanner) fill() error {
	if len(s.buf) == cap(s.buf) {
		if len(s.buf)-s.pos > maxToken {
			return s.tooLarge()
		}
		s.makeRoom()
	}
	for range 100 {
		if s.err != nil {
			return s.err
		}
		var n int
		n, s.err = s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

func (s *scanner) makeRoom() {
	rest := s.buf[s.pos:]
	s.lines += bytes.Count(s.buf[:s.pos], newline)
	if len(rest) > cap(s.buf)/2 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), rest...)
	} else {
		s.buf = s.buf[:copy(s.buf, rest)]
	}
	s.pos = 0
}

// more is fill where a token has begun: the input must not end there.
func (s *scanner) more() error {
	err := s.fill()
	if err == io.EOF {
		return s.malformed("it is cut off")
	}
	return err
}

// until returns what lies between skip bytes from here and the next end, and moves
// behind it.
func (s *scanner) until(skip int, end string) ([]byte, error) {
	from := skip
	for {
		if s.pos+from <= len(s.buf) {
			if i := bytes.Index(s.buf[s.pos+from:], []byte(end)); i >= 0 {
				found := s.buf[s.pos+skip : s.pos+from+i]
				s.pos += from + i + len(end)
				return found, nil
			}
			from = max(skip, len(s.buf)-s.pos-len(end)+1)
		}
		if err := s.more(); err != nil {
			return nil, err
		}
	}
}

// at reports whether the window goes on with prefix, reading on where it must.
func (s *scanner) at(prefix string) (bool, error) {
	for {
		rest := s.buf[s.pos:]
		if len(rest) >= len(prefix) || string(rest) != prefix[:len(rest)] {
			return bytes.HasPrefix(rest, []byte(prefix)), nil
		}
		if err := s.fill(); err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
}

var newline = []byte{'\n'}

// line is the number of the line on which the next token begins, for messages.
func (s *scanner) line() int {
	return s.lines + bytes.Count(s.buf[:s.pos], newline) + 1
}

func (s *scanner) malformed(format string, a ...any) *Error {
	return malformed("line %d: "+format, append([]any{s.line()}, a...)...)
}

func (s *scanner) tooLarge() *Error {
	return unsafeInput("line %d: a tag, text or comment is larger than %d MB", s.line(), maxToken>>20)
}

func (s *scanner) innermost() []byte {
	return s.names[s.open[len(s.open)-1]:]
}

// push opens an element; the name stays valid as a part of names.
func (s *scanner) push(name []byte) error {
	if len(s.open) == maxDepth {
		return unsafeInput("line %d: more than %d elements inside one another", s.line(), maxDepth)
	}
	if len(name) > maxName {
		return unsafeInput("line %d: an element's name is longer than %d KB", s.line(), maxName>>10)
	}
	s.open = append(s.open, len(s.names))
	s.names = append(s.names, name...)
	return nil
}

func (s *scanner) pop() {
	for n := len(s.bindings); n > 0 && s.bindings[n-1].depth == len(s.open); n-- {
		s.bindings = s.bindings[:n-1]
	}
	last := len(s.open) - 1
	s.names = s.names[:s.open[last]]
	s.open = s.open[:last]
}

// bound is the namespace of a prefix, "" without one where no default is declared.
func (s *scanner) bound(prefix []byte) string {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == string(prefix) {
			return s.bindings[i].space
		}
	}
	if len(prefix) == 0 {
		return ""
	}
	return unbound
}
