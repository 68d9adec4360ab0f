package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	up, down := check{"x", faster, 0.9, 0.95}, check{"x", within, 1.2, 1.1}
	tests := []struct {
		name  string
		check check
		value float64
		want  string
	}{
		{"fast enough", up, 0.95, "goal"},
		{"nearly", up, 0.949, "floor"},
		{"just", up, 0.9, "floor"},
		{"too slow", up, 0.899, "missed"},
		{"short enough", down, 1.1, "goal"},
		{"longer", down, 1.2, "floor"},
		{"too long", down, 1.21, "missed"},
		{"for information", check{peer: "x"}, 0.1, ""},
		{"no goal", check{"", seconds, 1, 0}, 0.5, "floor"},
		{"no floor", check{"", megabytes, 0, 300}, 200, "goal"},
		{"no floor, missed", check{"", megabytes, 0, 300}, 301, "missed"},
	}
	for _, test := range tests {
		if got := (line{check: test.check, value: test.value, rounds: 1}).verdict(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if got := (line{check: up, value: 1, rounds: 1, why: "needs root"}).verdict(); got != "not measured: needs root" {
		t.Errorf("got %q", got)
	}
	if got := (line{check: up}).verdict(); got != "" {
		t.Errorf("got %q for what was only listed", got)
	}
}

func TestLinesCompareInTheRightDirection(t *testing.T) {
	r := row{number: 7, what: "work", checks: []check{
		{"slow", faster, 2, 4}, {"slow", within, 0.5, 0.25}, {"", seconds, 2, 1}, {"gone", faster, 1, 1}, {"unknown", faster, 1, 1},
	}}
	lines := r.lines([]samples{
		{name: "footagefs", costs: []float64{1, 2, 4}},
		{name: "slow", costs: []float64{3, 6, 16}},
		{name: "gone", why: "gone is not installed"},
	})
	wantValues := []float64{3, 1.0 / 3, 2, 0, 0}
	for i, l := range lines {
		if l.value != wantValues[i] || l.number != 7 {
			t.Errorf("check %d: got %v of row %d, want %v", i, l.value, l.number, wantValues[i])
		}
	}
	if lines[3].why != "gone is not installed" || lines[4].why != "nobody took its part" {
		t.Errorf("got %q and %q", lines[3].why, lines[4].why)
	}
}

func TestRowsAreWhole(t *testing.T) {
	for _, s := range sizes {
		var numbers []int
		for _, r := range rows(s) {
			numbers = append(numbers, r.number)
			if r.contest == nil || r.runs < 1 || len(r.checks) == 0 {
				t.Errorf("row %d has no contest, rounds or checks", r.number)
			}
			for _, d := range r.drives {
				if recipes[d].make == nil {
					t.Errorf("row %d: nobody makes the drive %s", r.number, d)
				}
			}
			if first := r.checks[0]; first.floor == 0 && first.goal == 0 {
				t.Errorf("row %d has nothing to reach", r.number)
			}
			for _, c := range r.checks {
				if better := c.scale == faster; c.floor != 0 && c.goal != 0 && (c.goal >= c.floor) != better {
					t.Errorf("row %d: the goal %v is no better than the floor %v", r.number, c.goal, c.floor)
				}
			}
		}
		if !slices.IsSorted(numbers) {
			t.Errorf("the rows are in the order %v", numbers)
		}
		if numbers = slices.Compact(numbers); len(numbers) != lastRow || numbers[0] != 1 || numbers[lastRow-1] != lastRow {
			t.Errorf("got the rows %v, want 1 to %d", numbers, lastRow)
		}
	}
}

func TestMeasureAllTellsWhatWasNotMeasured(t *testing.T) {
	var log, stderr []string
	b := &bench{made: map[drive]bool{}, stderr: writerFunc(func(p []byte) (int, error) { stderr = append(stderr, string(p)); return len(p), nil })}
	lines := b.measureAll(t.Context(), []row{
		{1, "fine", nil, 3, []check{{"b", faster, 1, 2}}, fixed(contest{ours: scripted("a", &log, 1), peers: []side{scripted("b", &log, 2)}}, nil)},
		{2, "impossible", nil, 3, []check{{"b", faster, 1, 2}, {peer: "c"}}, fixed(contest{}, errNeedsRoot)},
		{3, "broken", nil, 3, []check{{"b", faster, 1, 2}}, fixed(contest{ours: scripted("a", &log, -1)}, nil)},
	})
	var got []string
	for _, l := range lines {
		got = append(got, l.verdict())
	}
	want := []string{"goal", "not measured: needs root", "not measured: needs root", "not measured: broke"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(log) != 2*2*4+2 {
		t.Errorf("got %d turns, want 4 rounds of two and one that broke", len(log)/2)
	}
	if b.runs = 1; len(b.measureAll(t.Context(), nil)) != 0 {
		t.Error("got lines of no rows")
	}
}

func TestRunsOfTheCommandLineCount(t *testing.T) {
	var log []string
	b := &bench{made: map[drive]bool{}, runs: 1, stderr: &bytes.Buffer{}}
	lines := b.measureRow(t.Context(), row{1, "w", nil, 15, []check{{"", seconds, 1, 1}}, fixed(contest{ours: scripted("a", &log, 1)}, nil)})
	if lines[0].rounds != 1 {
		t.Errorf("got %d rounds, want 1", lines[0].rounds)
	}
}

func TestWriteTable(t *testing.T) {
	lines := []line{
		{number: 1, what: "reading", check: check{"native", faster, 0.9, 0.95}, value: 0.97123, low: 0.9, high: 1, rounds: 15},
		{number: 1, what: "reading", check: check{peer: "bindfs"}, why: "a|b\nc"},
		{number: 16, what: "memory", check: check{"", megabytes, 300, 150}, value: 1234.5, rounds: 1},
		{number: 19, what: "report", check: check{"", millis, 50, 10}, value: 0.5, low: 0.25, high: 12, rounds: 3},
	}
	var text, markdown bytes.Buffer
	if err := errors.Join(writeTable(&text, lines, false), writeTable(&markdown, lines, true)); err != nil {
		t.Fatal(err)
	}
	wantText := strings.Join([]string{
		"#   work     against  median            floor     goal      verdict",
		"1   reading  native   0.971 (0.9-1)     ≥ 0.9     ≥ 0.95    goal",
		"             bindfs                                         not measured: a|b c",
		"16  memory            1,235 MB          ≤ 300 MB  ≤ 150 MB  missed",
		"19  report            0.5 ms (0.25-12)  ≤ 50 ms   ≤ 10 ms   goal",
		"", ""}, "\n")
	if text.String() != wantText {
		t.Errorf("got\n%s\nwant\n%s", text.String(), wantText)
	}
	wantMarkdown := strings.Join([]string{
		"| # | work | against | median | floor | goal | verdict |",
		"|---|---|---|---|---|---|---|",
		"| 1 | reading | native | 0.971 (0.9-1) | ≥ 0.9 | ≥ 0.95 | goal |",
		`|  |  | bindfs |  |  |  | not measured: a\|b c |`,
		"| 16 | memory |  | 1,235 MB | ≤ 300 MB | ≤ 150 MB | missed |",
		"| 19 | report |  | 0.5 ms (0.25-12) | ≤ 50 ms | ≤ 10 ms | goal |",
		"", ""}, "\n")
	if markdown.String() != wantMarkdown {
		t.Errorf("got\n%s\nwant\n%s", markdown.String(), wantMarkdown)
	}
}

func TestWriteReportNamesTheMachine(t *testing.T) {
	var out bytes.Buffer
	r := report{machine: machine(t.TempDir()), size: sizes[0], points: []point{{files: 1000, first: 1, memory: 30}, {files: 4000, first: 4, memory: 30}}}
	if err := writeReport(&out, r, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cores", "size tiny", "| 4,000 | 4 |", "| grows with the power | 1.00 | 0.00 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestDigits(t *testing.T) {
	for value, want := range map[float64]string{0.12345: "0.123", 12.345: "12.3", 999: "999", 1000: "1,000", 1234567.8: "1,234,568"} {
		if got := digits(value); got != want {
			t.Errorf("%v: got %s, want %s", value, got, want)
		}
	}
}
