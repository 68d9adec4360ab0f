package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clip")
	if err := os.WriteFile(file, make([]byte, 3<<20+5), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"read", file, file}, {"random", "65536", "10", file}} {
		var out bytes.Buffer
		if err := probe(args, &out); err != nil {
			t.Fatal(err)
		}
		if cost, err := strconv.ParseFloat(strings.TrimSpace(out.String()), 64); err != nil || cost <= 0 {
			t.Errorf("%v: got %q, want seconds", args, out.String())
		}
	}
	for _, args := range [][]string{{"read", file + "x"}, {"random", "4194304", "1", file}, {"forget", file + "x"}} {
		if err := probe(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}

func TestFioSeconds(t *testing.T) {
	tests := []struct {
		name, report string
		want         float64
		err          bool
	}{
		{"one job", `{"jobs":[{"read":{"io_bytes":100,"runtime":1500}}]}`, 1.5, false},
		{"a warning first", "note: direct\n" + `{"jobs":[{"read":{"io_bytes":100,"runtime":20}}]}`, 0.02, false},
		{"not all read", `{"jobs":[{"read":{"io_bytes":99,"runtime":20}}]}`, 0, true},
		{"no job", `{"jobs":[]}`, 0, true},
		{"no report", `engine not loadable`, 0, true},
		{"nothing", ``, 0, true},
	}
	for _, test := range tests {
		if got, err := fioSeconds(test.report, 100); got != test.want || (err != nil) != test.err {
			t.Errorf("%s: got %v, %v; want %v", test.name, got, err, test.want)
		}
	}
}

func TestPower(t *testing.T) {
	tests := []struct {
		from, to, want float64
	}{{1, 4, 1}, {1, 16, 2}, {3, 3, 0}, {1, 2, 0.5}, {0, 5, 0}}
	for _, test := range tests {
		if got := power(1000, 4000, test.from, test.to); got < test.want-1e-9 || got > test.want+1e-9 {
			t.Errorf("from %v to %v: got %v, want %v", test.from, test.to, got, test.want)
		}
	}
}

func TestChangedReportWaitsForOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a\n")
	r := &reportReader{path: path}
	r.read()
	write("b\n")
	if cost, err := r.changed(t.Context()); err != nil || cost <= 0 || string(r.last) != "b\n" {
		t.Errorf("got %v, %v and %q, want the time of reading b", cost, err, r.last)
	}
	if n := days(2000); n != 200 || days(11) != 2 {
		t.Errorf("got %d days of 2,000 rolls, %d of 11", n, days(11))
	}
}
