package xml

import (
	"bytes"
	"strings"
)

// markup takes what begins with "<". Its token is 0 for what is of no interest.
func (s *Scanner) markup() (Token, error) {
	for len(s.buf)-s.pos < 2 {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	switch s.buf[s.pos+1] {
	case '/':
		return s.endTag()
	case '?':
		return 0, s.instruction()
	case '!':
		return s.declaration()
	}
	return s.startTag()
}

// tag returns what lies between skip bytes from here and the ">" that ends the tag, and
// moves behind it.
func (s *Scanner) tag(skip int) ([]byte, error) {
	var quote byte
	for i := skip; ; i++ {
		for s.pos+i >= len(s.buf) {
			if err := s.more(); err != nil {
				return nil, err
			}
		}
		c := s.buf[s.pos+i]
		switch {
		case c == '<':
			return nil, s.Malformed("a tag is not closed")
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			inner := s.buf[s.pos+skip : s.pos+i]
			if len(inner) > MaxToken {
				return nil, s.TooLarge()
			}
			s.pos += i + 1
			return inner, nil
		}
	}
}

func (s *Scanner) endTag() (Token, error) {
	inner, err := s.tag(2)
	if err != nil {
		return 0, err
	}
	name := trimRight(inner)
	if len(s.open) == 0 || string(name) != string(s.innermost()) {
		return 0, s.Malformed("</%.40s> closes what is not open", name)
	}
	s.pop()
	return End, nil
}

func (s *Scanner) startTag() (Token, error) {
	if len(s.open) == 0 && s.rooted {
		return 0, s.Malformed("there is a second root element")
	}
	inner, err := s.tag(1)
	if err != nil {
		return 0, err
	}
	if n := len(inner); n > 0 && inner[n-1] == '/' {
		s.closing = true
		inner = inner[:n-1]
	}
	name, rest := cutName(inner)
	prefix, local, ok := splitName(name)
	if !ok {
		return 0, s.Malformed("%.40q is no name of an element", name)
	}
	s.rooted = true
	if err := s.push(name); err != nil {
		return 0, err
	}
	if err := s.attributes(rest); err != nil {
		return 0, err
	}
	s.Local, s.Space = local, s.bound(prefix)
	return Start, nil
}

// attributes takes all that follows a name in a start tag.
func (s *Scanner) attributes(rest []byte) error {
	s.attrs = s.attrs[:0]
	s.scratch = s.scratch[:0]
	for {
		trimmed := trimLeft(rest)
		if len(trimmed) == 0 {
			return nil
		}
		if len(trimmed) == len(rest) {
			return s.Malformed("no space before an attribute")
		}
		name, raw, after, ok := cutAttribute(trimmed)
		if !ok {
			return s.Malformed("an attribute of <%.40s> is no name=\"value\"", s.innermost())
		}
		value, err := s.decode(raw, true)
		if err != nil {
			return err
		}
		if err := s.addAttribute(name, value); err != nil {
			return err
		}
		rest = after
	}
}

func (s *Scanner) addAttribute(name, value []byte) error {
	for i := range s.attrs {
		if bytes.Equal(s.attrs[i].name, name) {
			return s.Malformed("attribute %.40q twice", name)
		}
	}
	prefix, local, ok := splitName(name)
	if !ok {
		return s.Malformed("%.40q is no name of an attribute", name)
	}
	if len(s.attrs) == maxAttrs || len(s.bindings) == maxAttrs {
		return unsafe("line %d: more than %d attributes", s.Line(), maxAttrs)
	}
	s.attrs = append(s.attrs, attribute{name, value})
	switch {
	case string(prefix) == "xmlns":
		if len(value) == 0 {
			return s.Malformed("prefix %.40q is declared for nothing", local)
		}
		s.bind(string(local), value)
	case string(name) == "xmlns":
		s.bind("", value)
	}
	return nil
}

// bind puts a prefix in force for the innermost element.
func (s *Scanner) bind(prefix string, space []byte) {
	s.bindings = append(s.bindings, binding{prefix, string(space), len(s.open)})
}

// cutAttribute takes name="value" from the start of b.
func cutAttribute(b []byte) (name, value, rest []byte, ok bool) {
	i := bytes.IndexAny(b, "= \t\r\n")
	if i < 0 {
		return nil, nil, nil, false
	}
	name, b = b[:i], trimLeft(b[i:])
	if len(b) == 0 || b[0] != '=' {
		return nil, nil, nil, false
	}
	b = trimLeft(b[1:])
	if len(b) == 0 || (b[0] != '"' && b[0] != '\'') {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return nil, nil, nil, false
	}
	return name, b[1 : 1+end], b[2+end:], true
}

// instruction takes a processing instruction, of which only the XML declaration counts.
func (s *Scanner) instruction() error {
	first := !s.begun
	inner, err := s.until(2, "?>")
	if err != nil {
		return err
	}
	target, rest := cutName(inner)
	if _, _, ok := splitName(target); !ok || !s.proper(inner) {
		return s.Malformed("a processing instruction is not well-formed")
	}
	if !strings.EqualFold(string(target), "xml") {
		return nil
	}
	if !first || string(target) != "xml" {
		return s.Malformed("the XML declaration is not at the start")
	}
	version, _, ok := parseDeclaration(rest)
	minor, found := strings.CutPrefix(version, "1.")
	if !ok || !found || strings.Trim(minor, "0123456789") != "" {
		return s.Malformed("its XML declaration is not well-formed")
	}
	return nil
}

// isDeclaration reports whether b begins with an XML declaration.
func isDeclaration(b []byte) bool {
	return len(b) > 5 && string(b[:5]) == "<?xml" && isSpace(b[5])
}

// parseDeclaration reads what stands between "<?xml" and "?>". Everything but the version
// may be left out.
func parseDeclaration(b []byte) (version, encoding string, ok bool) {
	for i, want := range [...]string{"version", "encoding", "standalone"} {
		trimmed := trimLeft(b)
		if len(trimmed) == len(b) || len(trimmed) == 0 {
			break
		}
		name, value, rest, ok := cutAttribute(trimmed)
		if !ok {
			return "", "", false
		}
		if string(name) != want {
			continue
		}
		if i == 0 {
			version = string(value)
		} else if i == 1 {
			encoding = string(value)
		}
		b = rest
	}
	return version, encoding, version != "" && len(trimLeft(b)) == 0
}

// declaration takes what begins with "<!".
func (s *Scanner) declaration() (Token, error) {
	if ok, err := s.at("<!--"); err != nil {
		return 0, err
	} else if ok {
		return 0, s.comment()
	}
	if ok, err := s.at("<![CDATA["); err != nil {
		return 0, err
	} else if ok {
		return s.cdata()
	}
	if ok, err := s.at("<!DOCTYPE"); err != nil {
		return 0, err
	} else if ok {
		return 0, s.doctype()
	}
	return 0, s.Malformed("<! begins nothing that may stand there")
}

func (s *Scanner) comment() error {
	inner, err := s.until(4, "-->")
	if err != nil {
		return err
	}
	if bytes.Contains(inner, []byte("--")) || bytes.HasSuffix(inner, []byte("-")) || !s.proper(inner) {
		return s.Malformed("a comment is not well-formed")
	}
	return nil
}

// doctype takes a document type declaration. One that declares entities is how a small
// file becomes a large one, and one that declares attributes changes what the file says.
func (s *Scanner) doctype() error {
	if s.rooted || s.doctyped {
		return s.Malformed("a document type is declared where none may be")
	}
	s.doctyped = true
	s.pos += len("<!DOCTYPE")
	subset := false
	for {
		for s.pos == len(s.buf) {
			if err := s.more(); err != nil {
				return err
			}
		}
		c := s.buf[s.pos]
		var err error
		switch {
		case c == '"' || c == '\'':
			_, err = s.until(1, string(c))
		case c == '<':
			err = s.doctypeMarkup()
		case c == '%':
			return s.refuse()
		case c == '>' && !subset:
			s.pos++
			return nil
		default:
			subset = c == '[' || subset && c != ']'
			s.pos++
		}
		if err != nil {
			return err
		}
	}
}

// doctypeMarkup takes one declaration, comment or instruction of an internal subset.
func (s *Scanner) doctypeMarkup() error {
	for _, c := range [...]struct {
		prefix string
		take   func() error
	}{
		{"<!ENTITY", s.refuse},
		{"<!ATTLIST", s.refuse},
		{"<!--", s.comment},
		{"<?", s.instruction},
		{"<!ELEMENT", s.ignore},
		{"<!NOTATION", s.ignore},
	} {
		if ok, err := s.at(c.prefix); err != nil {
			return err
		} else if ok {
			return c.take()
		}
	}
	return s.Malformed("its document type is not well-formed")
}

func (s *Scanner) refuse() error {
	return unsafe("line %d: its document type declares entities or attributes", s.Line())
}

func (s *Scanner) ignore() error {
	_, err := s.tag(1)
	return err
}
