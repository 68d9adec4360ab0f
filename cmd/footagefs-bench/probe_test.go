package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
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

func TestReadUntilTheReportShowsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	for text, failed := range map[string]bool{"A001,camera,failed,1\n": true, "A001,camera,verified,1\n": false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if cost, err := readUntil(t.Context(), path, failed); err != nil || cost <= 0 {
			t.Errorf("%q: got %v, %v; want the time of reading it", text, cost, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := readUntil(ctx, path, !failed); err == nil {
			t.Errorf("%q: got no error for what it does not show", text)
		}
		cancel()
	}
	if n := days(2000); n != 200 || days(11) != 2 {
		t.Errorf("got %d days of 2,000 rolls, %d of 11", n, days(11))
	}
}
