package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"

	"footagefs/catalog/table"
	"footagefs/cmd/footagefs/control"
)

// show writes a text of somebody else's on stdout: as it is, so that it can be kept, and on
// a terminal without what that would obey.
func (p *program) show(text string) error {
	if isTerminal(p.stdout) {
		harmless := table.NewHarmless(p.stdout)
		_, err := io.WriteString(harmless, text)
		return firstError(err, harmless.Close())
	}
	_, err := io.WriteString(p.stdout, text)
	return err
}

// escape makes text safe for terminals and logs, as it is in the reports: a name on a
// drive may hold any bytes, and a terminal obeys some of them.
func escape(s string) string { return table.Escape(s) }

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// style says how text may look where it is printed.
type style control.Style

// styleOf allows colours on a terminal that understands them, and never with NO_COLOR.
func styleOf(w io.Writer) style {
	return style{Color: isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

const (
	green  = "32"
	yellow = "33"
	red    = "31"
	gray   = "90"
)

func (s style) paint(color, text string) string {
	if !s.Color || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// cell is one cell of a table: its text, how to align it and its colour.
type cell struct {
	text  string
	right bool
	color string
}

// writeTable writes rows in aligned columns, two spaces apart, without trailing space. It
// escapes the texts: many are names of a drive.
func writeTable(w io.Writer, s style, rows [][]cell) error {
	var widths []int
	for _, row := range rows {
		for i := range row {
			c := &row[i]
			c.text = escape(c.text)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	for _, row := range rows {
		if _, err := io.WriteString(w, tableLine(s, row, widths)+"\n"); err != nil {
			return fmt.Errorf("writing the table: %w", err)
		}
	}
	return nil
}

func tableLine(s style, row []cell, widths []int) string {
	var b strings.Builder
	for i, c := range row {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text))
		if c.right {
			b.WriteString(pad)
		}
		b.WriteString(s.paint(c.color, c.text))
		if i == len(row)-1 {
			break
		}
		if !c.right {
			b.WriteString(pad)
		}
		b.WriteString("  ")
	}
	return strings.TrimRight(b.String(), " ")
}

// thousands is a number for people: 4,812.
func thousands(n int) string { return humanize.Comma(int64(n)) }

func filesText(n int) string { return plural(n, "file") }

// plural is a number of things: 1 roll, 2 rolls.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}
