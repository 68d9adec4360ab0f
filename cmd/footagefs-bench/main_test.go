package main

import (
	"bytes"
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the test's binary be the child that probes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestParseSelection(t *testing.T) {
	tests := []struct {
		text string
		want []string
		err  bool
	}{
		{"", nil, false},
		{"1", []string{"1"}, false},
		{"9, 1,5", []string{"1", "5", "9"}, false},
		{"18-20,curve", []string{"18", "19", "20", "curve"}, false},
		{"curve,", []string{"curve"}, false},
		{"0", nil, true},
		{"21", nil, true},
		{"1-", nil, true},
		{"9-5", nil, true},
		{"all", nil, true},
		{"-3", nil, true},
	}
	for _, test := range tests {
		got, err := parseSelection(test.text)
		if names := slices.Sorted(maps.Keys(got)); (err != nil) != test.err || !slices.Equal(names, test.want) {
			t.Errorf("%q: got %v, %v; want %v", test.text, names, err, test.want)
		}
	}
}

func TestSelectionOfNothingIsAll(t *testing.T) {
	for _, test := range []struct {
		text       string
		row, curve bool // whether row 5 and the curve are wanted
	}{{"", true, true}, {"5", true, false}, {"curve", false, true}, {"4", false, false}} {
		s, err := parseSelection(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if s.row(5) != test.row || s.curve() != test.curve {
			t.Errorf("%q: got %v and %v, want %v and %v", test.text, s.row(5), s.curve(), test.row, test.curve)
		}
	}
}

func TestRunRefusesWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--only", "21"}, {"--size", "huge"}, {"--runs", "-1"}, {"--nothing"}, {"operand"}, {"probe"}, {"probe", "dance", "x"},
		{"probe", "random", "x", "1", "y"}, {"probe", "random", "1"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "usage") {
			t.Errorf("%q: got %d, %q, %q; want status 2 and a word on stderr", args, code, stdout.String(), stderr.String())
		}
	}
}

func TestRunListsAndHelps(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
		not  string
	}{
		{[]string{"--help"}, "--only ROWS", "verdict"},
		{[]string{"--list", "--only", "18", "--markdown"}, "| 18 | parsing an MHL of 48,000 entries | encoding/xml |", "report.csv"},
		{[]string{"--list", "--size", "full"}, "2,000 rolls, 5,000,000 files", "not measured"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), test.args, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%q: got %d, %q; want status 0 and silence", test.args, code, stderr.String())
		}
		if out := stdout.String(); !strings.Contains(out, test.want) || strings.Contains(out, test.not) {
			t.Errorf("%q: got\n%s\nwant %q in it and no %q", test.args, out, test.want, test.not)
		}
	}
}

func TestSizes(t *testing.T) {
	if s, err := sizeOf("full"); err != nil || s.rolls*s.perRoll != 5_000_000 || s.curve[len(s.curve)-1]*s.curveFiles != 5_000_000 {
		t.Errorf("full: got %d rolls of %d files, %v; want five million", s.rolls, s.perRoll, err)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 100_000: "100,000", 5_000_001: "5,000,001"} {
		if got := count(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := binary(2<<30) + " " + binary(256<<20); got != "2 GiB 256 MiB" {
		t.Errorf("got %s", got)
	}
}

// program is this executable, which probes.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

func TestRunMeasuresAndCleansUp(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	args := []string{"--only", "18", "--size", "quick", "--runs", "1", "--dir", dir, "--footagefs", program(t)}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("got %d, %s", code, stderr.String())
	}
	if out := stdout.String(); !strings.Contains(out, "encoding/xml") || strings.Contains(out, "not measured") || !strings.Contains(out, "size quick") {
		t.Errorf("got\n%s\nwant one row that was measured", out)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v is left behind, %v", entries, err)
	}
}

func TestRunIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stderr := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte("row 18: parsing")) {
			cancel()
		}
		return len(p), nil
	})
	dir := t.TempDir()
	var stdout bytes.Buffer
	if code := run(ctx, []string{"--only", "18,19", "--size", "quick", "--dir", dir, "--footagefs", program(t)}, &stdout, stderr); code != 1 {
		t.Errorf("got %d, want 1", code)
	}
	if n := strings.Count(stdout.String(), "not measured: interrupted"); n != 2 {
		t.Errorf("got %d interrupted rows, want 2:\n%s", n, stdout.String())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v is left behind, %v", entries, err)
	}
}
