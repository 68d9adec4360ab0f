package xml

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// XML's white space is blank, tab, carriage return and newline.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimLeft(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// Trim returns b without the white space around it.
func Trim(b []byte) []byte { return trimRight(trimLeft(b)) }

// What a byte is in text, values and names.
const (
	plainText  byte = 1 << iota // stands for itself in a text
	plainValue                  // stands for itself in an attribute's value
	nameStart
	nameChar
)

var classes = func() (t [256]byte) {
	for c := byte(' '); c < 0x80; c++ {
		t[c] = plainText | plainValue
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c] |= nameStart | nameChar
		t[c-'a'+'A'] |= nameStart | nameChar
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] |= nameChar
	}
	t['_'] |= nameStart | nameChar
	t['-'] |= nameChar
	t['.'] |= nameChar
	t['\n'], t['\t'] = plainText, plainText
	t['&'], t['<'] = 0, 0
	t[']'] = plainValue // ]]> must not stand in a text
	return t
}()

// IsNameChar reports whether an ASCII character may stand in a name.
func IsNameChar(c byte) bool { return classes[c]&nameChar != 0 }

// characters takes text up to the next markup. Around the root element only white space
// may stand, which is no token.
func (s *Scanner) characters() (Token, error) {
	if len(s.open) == 0 {
		if !isSpace(s.buf[s.pos]) {
			return 0, s.Malformed("there is text outside the root element")
		}
		s.pos++
		return 0, nil
	}
	n := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+n:], '<'); i >= 0 {
			n += i
			break
		}
		n = len(s.buf) - s.pos
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	if n > MaxToken {
		return 0, s.TooLarge()
	}
	s.scratch = s.scratch[:0]
	var err error
	s.Text, err = s.decode(s.buf[s.pos:s.pos+n], false)
	s.pos += n
	return Text, err
}

// cdata takes a CDATA section, a text without references.
func (s *Scanner) cdata() (Token, error) {
	if len(s.open) == 0 {
		return 0, s.Malformed("there is text outside the root element")
	}
	inner, err := s.until(len("<![CDATA["), "]]>")
	if err != nil {
		return 0, err
	}
	if !s.proper(inner) {
		return 0, s.Malformed("a character is not allowed, or not UTF-8")
	}
	s.Text = inner
	if bytes.IndexByte(inner, '\r') >= 0 {
		s.scratch = appendLines(s.scratch[:0], inner)
		s.Text = s.scratch
	}
	return Text, nil
}

// decode resolves the references of a text or an attribute's value, and makes line ends
// LF, or in an attribute all white space blanks, as XML asks. It returns raw where
// nothing is to be done, else a part of scratch.
func (s *Scanner) decode(raw []byte, value bool) ([]byte, error) {
	plain, i := plainText, 0
	if value {
		plain = plainValue
	}
	for i < len(raw) && classes[raw[i]]&plain != 0 {
		i++
	}
	if i == len(raw) {
		return raw, nil
	}
	start := len(s.scratch)
	s.scratch = append(s.scratch, raw[:i]...)
	for i < len(raw) {
		n, err := s.decodeOne(raw, i, value)
		if err != nil {
			return nil, err
		}
		i += n
	}
	return s.scratch[start:], nil
}

// decodeOne appends the character at raw[i] to scratch and returns how long it was.
func (s *Scanner) decodeOne(raw []byte, i int, value bool) (int, error) {
	switch c := raw[i]; {
	case c == '&':
		return s.reference(raw[i:])
	case c == '\r' || value && isSpace(c):
		n := 1
		if c == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
			n = 2
		}
		if value {
			s.scratch = append(s.scratch, ' ')
		} else {
			s.scratch = append(s.scratch, '\n')
		}
		return n, nil
	case c == ']' && !value && bytes.HasPrefix(raw[i:], []byte("]]>")):
		return 0, s.Malformed("]]> in a text")
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRune(raw[i:])
		if !s.allowed(r, n) {
			return 0, s.Malformed("a character is not allowed, or not in the encoding that it should be")
		}
		s.scratch = append(s.scratch, raw[i:i+n]...)
		return n, nil
	case c < ' ' && !isSpace(c):
		return 0, s.Malformed("a control character")
	default:
		s.scratch = append(s.scratch, c)
		return 1, nil
	}
}

// allowed reports whether a decoded character may stand in a document.
func (s *Scanner) allowed(r rune, size int) bool {
	if r == utf8.RuneError && (size <= 1 || s.converted) {
		return false
	}
	return isChar(r)
}

// isChar is the production Char of XML 1.0.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// proper reports whether b is UTF-8 and has none but allowed characters.
func (s *Scanner) proper(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c < ' ' && !isSpace(c) {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !s.allowed(r, n) {
			return false
		}
		i += n
	}
	return true
}

// reference appends the character that b begins with a reference to.
func (s *Scanner) reference(b []byte) (int, error) {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 2 {
		return 0, s.Malformed("an ampersand begins no reference")
	}
	switch name := string(b[1:end]); name {
	case "lt":
		s.scratch = append(s.scratch, '<')
	case "gt":
		s.scratch = append(s.scratch, '>')
	case "amp":
		s.scratch = append(s.scratch, '&')
	case "quot":
		s.scratch = append(s.scratch, '"')
	case "apos":
		s.scratch = append(s.scratch, '\'')
	default:
		r, ok := charReference(name)
		if !ok {
			return 0, s.Malformed("&%s; is no reference that may stand there", name)
		}
		s.scratch = utf8.AppendRune(s.scratch, r)
	}
	return end + 1, nil
}

// charReference is the character that #65 or #x41 stands for.
func charReference(name string) (rune, bool) {
	if name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 21)
	if err != nil || !isChar(rune(v)) {
		return 0, false
	}
	return rune(v), true
}

// appendLines appends b with its line ends made LF.
func appendLines(dst, b []byte) []byte {
	for i, c := range b {
		switch {
		case c != '\r':
			dst = append(dst, c)
		case i+1 == len(b) || b[i+1] != '\n':
			dst = append(dst, '\n')
		}
	}
	return dst
}

// cutName takes a name from the start of a tag.
func cutName(b []byte) (name, rest []byte) {
	for i, c := range b {
		if isSpace(c) {
			return b[:i], b[i:]
		}
	}
	return b, nil
}

// splitName splits a qualified name; ok is false where it is none.
func splitName(name []byte) (prefix, local []byte, ok bool) {
	local = name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		prefix, local = name[:i], name[i+1:]
		if !isName(prefix) {
			return nil, nil, false
		}
	}
	return prefix, local, isName(local)
}

// isName reports whether b is a name without a colon.
func isName(b []byte) bool {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			want := nameChar
			if i == 0 {
				want = nameStart
			}
			if classes[b[i]]&want == 0 {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !isNameRune(r, i == 0) || r == utf8.RuneError {
			return false
		}
		i += n
	}
	return len(b) > 0
}

// isNameRune is NameStartChar and NameChar of XML 1.0 beyond ASCII.
func isNameRune(r rune, first bool) bool {
	for _, span := range nameSpans {
		if r >= span[0] && r <= span[1] {
			return true
		}
	}
	return !first && (r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040)
}

var nameSpans = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF},
	{0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
	{0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}
