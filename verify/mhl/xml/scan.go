package xml

import (
	"bytes"
	"io"
)

// Token is what Scanner.Next found.
type Token uint8

// The kinds of token.
const (
	Start Token = iota + 1 // an element begins: Scanner.Local and Space are set, Attr answers
	End                    // the innermost element ends
	Text                   // Scanner.Text is set; one text may come in several tokens
	EOF                    // the document ended, complete
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

// Scanner splits well-formed XML 1.0 in UTF-8 into tokens. It is as strict as
// encoding/xml, and stricter where that is lenient (one root, nothing but white space
// around it, no attribute twice, no half declarations). It expands no entities of a
// document type, loads nothing, and never holds more of the input than one token.
//
// Slices it hands out are good until the next call of Next.
type Scanner struct {
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

	Local   []byte // the name of the element that has just begun
	Space   string // and its namespace, "" where it has none
	Text    []byte // of the text that was just found, its references resolved
	attrs   []attribute
	scratch []byte // where text and values with references are put together
}

// NewScanner begins a document, whose encoding it finds out. Errors are those of Next.
func NewScanner(r io.Reader) (*Scanner, error) {
	text, converted, err := decode(r)
	if err != nil {
		return nil, err
	}
	return newScanner(text, converted), nil
}

func newScanner(r io.Reader, converted bool) *Scanner {
	return &Scanner{r: r, buf: make([]byte, 0, 128<<10), converted: converted}
}

// Depth is the number of open elements.
func (s *Scanner) Depth() int { return len(s.open) }

// Attr is the value of an attribute without a namespace, nil where it is not there.
func (s *Scanner) Attr(name string) []byte {
	for i := range s.attrs {
		if string(s.attrs[i].name) == name {
			return s.attrs[i].value
		}
	}
	return nil
}

// Next finds the next token. Errors of type *Error say what is wrong with the document;
// others are the reader's.
func (s *Scanner) Next() (Token, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return End, nil
	}
	for {
		if s.pos == len(s.buf) {
			if err := s.fill(); err == io.EOF {
				return s.end()
			} else if err != nil {
				return 0, err
			}
		}
		var found Token
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

func (s *Scanner) end() (Token, error) {
	switch {
	case len(s.open) > 0:
		return 0, s.Malformed("it ends within the element %.40q", s.innermost())
	case !s.rooted:
		return 0, s.Malformed("it has no root element")
	}
	return EOF, nil
}

// fill reads more of the input into the window, moving or growing it where it is full.
// The end of the input is io.EOF.
func (s *Scanner) fill() error {
	if len(s.buf) == cap(s.buf) {
		if len(s.buf)-s.pos > MaxToken {
			return s.TooLarge()
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

func (s *Scanner) makeRoom() {
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
func (s *Scanner) more() error {
	err := s.fill()
	if err == io.EOF {
		return s.Malformed("it is cut off")
	}
	return err
}

// until returns what lies between skip bytes from here and the next end, and moves
// behind it.
func (s *Scanner) until(skip int, end string) ([]byte, error) {
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
func (s *Scanner) at(prefix string) (bool, error) {
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

// Line is the number of the line on which the next token begins, for messages.
func (s *Scanner) Line() int {
	return s.lines + bytes.Count(s.buf[:s.pos], newline) + 1
}

// Malformed is the error of a document that is wrong at the token that was just found.
func (s *Scanner) Malformed(format string, a ...any) *Error {
	return malformed("line %d: "+format, append([]any{s.Line()}, a...)...)
}

// TooLarge is the error of a document with more in one piece than is held.
func (s *Scanner) TooLarge() *Error {
	return unsafe("line %d: a tag, text or comment is larger than %d MB", s.Line(), MaxToken>>20)
}

func (s *Scanner) innermost() []byte {
	return s.names[s.open[len(s.open)-1]:]
}

// push opens an element; the name stays valid as a part of names.
func (s *Scanner) push(name []byte) error {
	if len(s.open) == maxDepth {
		return unsafe("line %d: more than %d elements inside one another", s.Line(), maxDepth)
	}
	if len(name) > maxName {
		return unsafe("line %d: an element's name is longer than %d KB", s.Line(), maxName>>10)
	}
	s.open = append(s.open, len(s.names))
	s.names = append(s.names, name...)
	return nil
}

func (s *Scanner) pop() {
	for n := len(s.bindings); n > 0 && s.bindings[n-1].depth == len(s.open); n-- {
		s.bindings = s.bindings[:n-1]
	}
	last := len(s.open) - 1
	s.names = s.names[:s.open[last]]
	s.open = s.open[:last]
}

// bound is the namespace of a prefix, "" without one where no default is declared.
func (s *Scanner) bound(prefix []byte) string {
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
