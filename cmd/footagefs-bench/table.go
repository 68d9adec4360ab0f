package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A report is what a run has to tell.
type report struct {
	machine string
	size    size
	lines   []line
	points  []point
}

// writeReport writes the tables and the machine that they were made on.
func writeReport(w io.Writer, r report, markdown bool) error {
	var errs []error
	if len(r.lines) > 0 {
		errs = append(errs, writeTable(w, r.lines, markdown))
	}
	if len(r.points) > 0 {
		errs = append(errs, writeCells(w, curveCells(r.points), markdown))
	}
	_, err := fmt.Fprintf(w, "%s; size %s. Medians of rounds in which the sides took turns; in brackets the quartiles.\n", r.machine, r.size.name)
	return errors.Join(append(errs, err)...)
}

// writeTable writes a line a check.
func writeTable(w io.Writer, lines []line, markdown bool) error {
	cells := [][]string{{"#", "work", "against", "median", "floor", "goal", "verdict"}}
	for i, l := range lines {
		number, what := fmt.Sprint(l.number), l.what
		if i > 0 && lines[i-1].what == what {
			number, what = "", ""
		}
		cells = append(cells, []string{number, what, l.check.peer, l.measurement(), l.check.mark(l.check.floor), l.check.mark(l.check.goal), l.verdict()})
	}
	return writeCells(w, cells, markdown)
}

// measurement is the median, with quartiles where there are some: 0.97 (0.95-1.01).
func (l line) measurement() string {
	switch {
	case l.rounds == 0:
		return ""
	case l.rounds == 1:
		return l.check.amount(l.value)
	}
	return fmt.Sprintf("%s (%s-%s)", l.check.amount(l.value), digits(l.low), digits(l.high))
}

// summary is the line for those who wait.
func (l line) summary() string {
	peer := ""
	if l.check.peer != "" {
		peer = " against " + l.check.peer
	}
	return strings.Join(strings.Fields(l.measurement()+peer+" "+l.verdict()), " ")
}

// amount writes a value with what it counts.
func (c check) amount(value float64) string {
	switch c.scale {
	case seconds:
		return digits(value) + " s"
	case millis:
		return digits(value) + " ms"
	case megabytes:
		return digits(value) + " MB"
	}
	return digits(value)
}

// mark writes what is to be reached, and from which side.
func (c check) mark(value float64) string {
	switch {
	case value == 0:
		return ""
	case c.scale == faster:
		return "≥ " + c.amount(value)
	}
	return "≤ " + c.amount(value)
}

// digits writes three digits that count, and no more than a value of 1,000 and above has.
func digits(value float64) string {
	if value >= 1000 {
		return count(int64(value + 0.5))
	}
	return fmt.Sprintf("%.3g", value)
}

// writeCells writes a table, its head first.
func writeCells(w io.Writer, cells [][]string, markdown bool) error {
	widths := make([]int, len(cells[0]))
	for _, row := range cells {
		for i, cell := range row {
			row[i] = strings.Join(strings.Fields(cell), " ") // an error may have lines
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for i, row := range cells {
		if markdown {
			b.WriteString("| " + strings.Join(escaped(row), " | ") + " |\n")
		} else {
			b.WriteString(padded(row, widths) + "\n")
		}
		if i == 0 && markdown {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// escaped keeps what an error says from ending a cell.
func escaped(row []string) []string {
	safe := make([]string, len(row))
	for i, cell := range row {
		safe[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	return safe
}

func padded(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
	}
	return strings.TrimRight(b.String(), " ")
}
