package table

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"A001C001.mov":   "A001C001.mov",
		`a\b`:            `a\\b`,
		"a\nb\x1b[31m":   `a\u000ab\u001b[31m`,
		"\xffé":          `\xffé`,
		"a\u202eb\u2028": `a\u202eb\u2028`,
		"\u009b":         `\u009b`,
		"日本":             "日本",
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"=1", "+1", "-1", "@x", "'x"} {
		if got := escapeCell(in); got != "'"+in {
			t.Errorf("escapeCell(%q) = %q, want an apostrophe in front", in, got)
		}
	}
}

func FuzzCell(f *testing.F) {
	f.Add("a,b\"c\nd=\xff")
	f.Fuzz(func(t *testing.T, s string) {
		line := string(appendCell(nil, s)) + ",x\n"
		rows, err := csv.NewReader(strings.NewReader(line)).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 2 {
			t.Fatalf("%q is no row of two cells: %v", line, err)
		}
		cell := rows[0][0]
		if cell != escapeCell(s) || !utf8.ValidString(cell) || strings.ContainsFunc(cell, unsafeRune) {
			t.Errorf("cell %q of %q", cell, s)
		}
		if got := unescape(strings.TrimPrefix(cell, "'")); got != s && !strings.HasPrefix(s, "'") {
			t.Errorf("undoing %q gives %q, want %q", cell, got, s)
		}
	})
}

// unescape undoes Escape, to prove that it can be undone.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		var r rune
		digits := 0
		switch s[i+1] {
		case '\\':
			b.WriteByte('\\')
			i++
			continue
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		}
		for _, c := range s[i+2 : i+2+digits] {
			r = r<<4 | rune(strings.IndexRune("0123456789abcdef", c))
		}
		if digits == 2 {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
		i += 1 + digits
	}
	return b.String()
}
