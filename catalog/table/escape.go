package table

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes any bytes one line of harmless, valid UTF-8, and can be undone exactly:
// a backslash is doubled; control, line-separator and bidirectional characters are
// \uNNNN; bytes that are not UTF-8 are \xNN.
func Escape(s string) string {
	if harmless(s) {
		return s
	}
	return escape(s, `\\`)
}

// EscapeAgain makes text harmless that should be escaped already: what Escape made stays as
// it is, since a backslash does.
func EscapeAgain(s string) string {
	if harmless(s) {
		return s
	}
	return escape(s, `\`)
}

func escape(s, backslash string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\\':
			b.WriteString(backslash)
		case unsafeRune(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// escapeCell is Escape, and keeps a spreadsheet from taking the text for a formula.
func escapeCell(s string) string {
	s = Escape(s)
	if s != "" && strings.IndexByte("=+-@'", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// AppendEscaped makes what b has from start on harmless, as Escape does; of most texts that
// costs one look at each byte.
func AppendEscaped(b []byte, start int) []byte {
	if harmless(b[start:]) {
		return b
	}
	return append(b[:start], escape(string(b[start:]), `\\`)...)
}

func harmless[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

func unsafeRune(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return true
	case r == '\u061c', r == '\u200e', r == '\u200f', '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return true
	}
	return false
}
