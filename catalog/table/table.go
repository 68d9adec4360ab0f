// Package table writes rows of cells, as CSV and as JSON, and escapes what comes from drives
// so that no terminal, spreadsheet or parser takes it for anything but text.
//
// It does not know what the rows are of.
package table

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Write writes rows as CSV (RFC 4180, lines end in LF), or as JSON: one array, a row a line,
// empty cells null. A row is not kept after the next was asked for.
func Write(w io.Writer, columns []string, rows iter.Seq[[]Cell], asJSON bool) error {
	write := writeCSV
	if asJSON {
		write = writeJSON
	}
	if err := write(w, columns, rows); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// Cell is a cell of a row: a text, a whole number, or empty.
type Cell struct {
	text   string
	number int64
	filled filled
}

// filled is what a cell holds.
type filled uint8

const (
	nothing filled = iota
	aText
	aNumber
)

// Text is a cell with a text.
func Text[T ~string](s T) Cell { return Cell{text: string(s), filled: aText} }

// String is the text of a cell that has one, "" of others.
func (c Cell) String() string { return c.text }

// Number is a cell with a number.
func Number[T ~int | ~int64](n T) Cell { return Cell{number: int64(n), filled: aNumber} }

// Unless gives an empty cell where a number says nothing.
func Unless[T ~int | ~int64](absent bool, n T) Cell {
	if absent {
		return Cell{}
	}
	return Number(n)
}

func writeCSV(w io.Writer, columns []string, rows iter.Seq[[]Cell]) error {
	line := []byte(strings.Join(columns, ",") + "\n")
	for row := range rows {
		if len(line) > 1<<16 {
			if _, err := w.Write(line); err != nil {
				return err
			}
			line = line[:0]
		}
		for i := range row {
			if i > 0 {
				line = append(line, ',')
			}
			switch c := &row[i]; c.filled {
			case aText:
				line = appendCell(line, c.text)
			case aNumber:
				line = strconv.AppendInt(line, c.number, 10)
			}
		}
		line = append(line, '\n')
	}
	_, err := w.Write(line)
	return err
}

func appendCell(line []byte, text string) []byte {
	if plainCell(text) {
		return append(line, text...)
	}
	text = escapeCell(text)
	if !strings.ContainsAny(text, "\",\r\n") && strings.TrimSpace(text) == text {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

// plainCell is true for most texts, which are written as they are: printable ASCII without
// what has a meaning in CSV, in an escape or to a spreadsheet.
func plainCell(text string) bool {
	if text == "" {
		return true
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '\\' || c == '"' || c == ',' {
			return false
		}
	}
	return strings.IndexByte(" =+-@'", text[0]) < 0 && text[len(text)-1] != ' '
}

func writeJSON(w io.Writer, columns []string, rows iter.Seq[[]Cell]) error {
	lead := "["
	for row := range rows {
		b := append([]byte(lead), "\n{"...)
		escaped := slices.ContainsFunc(row, func(c Cell) bool { return !utf8.ValidString(c.text) })
		for i, c := range row {
			v, err := marshalCell(c, escaped)
			if err != nil {
				return err
			}
			b = fmt.Appendf(b, "%q:%s,", columns[i], v)
		}
		b = b[:len(b)-1]
		if escaped {
			b = append(b, `,"escaped":true`...)
		}
		if _, err := w.Write(append(b, '}')); err != nil {
			return err
		}
		lead = ","
	}
	end := "\n]\n"
	if lead == "[" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

func marshalCell(c Cell, escaped bool) ([]byte, error) {
	switch {
	case c.filled == aNumber:
		return strconv.AppendInt(nil, c.number, 10), nil
	case c.text == "":
		return []byte("null"), nil
	case escaped:
		return marshalPlain(escapeCell(c.text))
	}
	return marshalPlain(c.text)
}

// marshalPlain leaves <, > and & as they are: nobody embeds a report in a script element.
func marshalPlain(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return escapeJSON(strings.TrimSuffix(b.String(), "\n")), nil
}

// escapeJSON spells what terminals obey, and JSON leaves as it is, as \uNNNN: the value
// stays the same.
func escapeJSON(text string) []byte {
	if !strings.ContainsFunc(text, unsafeRune) {
		return []byte(text)
	}
	var b []byte
	for _, r := range text {
		if unsafeRune(r) {
			b = fmt.Appendf(b, `\u%04x`, r)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
