package fs

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// However much is logged, little of it is written, and how much was left out.
func TestLogIsBounded(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2023, 5, 10, 10, 0, 0, 0, time.UTC)
	log := slog.New(newBounded(slog.NewTextHandler(&out, nil), func() time.Time { return now }))
	for i := range 10_000 {
		log.With("n", i).Warn("reading an attribute")
	}
	if n := strings.Count(out.String(), "\n"); n != mostLines {
		t.Errorf("got %d lines in a minute, want %d", n, mostLines)
	}
	out.Reset()
	now = now.Add(logMinute)
	log.Warn("reading an attribute")
	log.Warn("reading an attribute")
	want := "9940 more lines"
	if got := out.String(); strings.Count(got, "\n") != 3 || !strings.Contains(strings.SplitAfter(got, "\n")[0], want) {
		t.Errorf("got %q, want %q first, then two lines", got, want)
	}
}
