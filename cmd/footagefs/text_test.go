package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"footagefs/catalog"
	"footagefs/verify/finding"
)

func TestWriteTable(t *testing.T) {
	var b bytes.Buffer
	err := writeTable(&b, style{}, [][]cell{
		{{text: "ä"}, {text: "1", right: true}, {text: "x"}},
		{{text: "bbb"}, {text: "100", right: true}, {text: ""}},
	})
	if want := "ä      1  x\nbbb  100\n"; err != nil || b.String() != want {
		t.Errorf("got %q, %v, want %q", &b, err, want)
	}
	b.Reset()
	if err := writeTable(&b, style{Color: true}, [][]cell{{{text: "a", color: red}, {text: "b"}}}); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[31ma\x1b[0m  b\n"; b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
}

func TestStyleOfNoTerminal(t *testing.T) {
	if styleOf(new(bytes.Buffer)).Color {
		t.Error("colours without a terminal")
	}
}

func TestProgressText(t *testing.T) {
	now := catalog.Progress{BytesDone: 2e9, BytesTotal: 10e9}
	for rate, want := range map[float64]string{
		0:     "2.0 GB of 10 GB",
		100e6: "2.0 GB of 10 GB  100 MB/s  1m20s left",
		1e6:   "2.0 GB of 10 GB  1.0 MB/s  2h13m left",
		8e9:   "2.0 GB of 10 GB  8.0 GB/s  2s left",
	} {
		if got := progressText(now, rate); got != want {
			t.Errorf("at %.0f: got %q, want %q", rate, got, want)
		}
	}
}

func TestRateFollowsTheDrive(t *testing.T) {
	var r rate
	start := time.Unix(0, 0)
	if r.add(start, 0); r.perSecond() != 0 {
		t.Error("a rate from one look")
	}
	for s := 1; s <= 60; s++ {
		r.add(start.Add(time.Duration(s)*time.Second), int64(s)*100)
	}
	for s := 61; s <= 120; s++ {
		r.add(start.Add(time.Duration(s)*time.Second), 6000+int64(s-60)*10)
	}
	if got := r.perSecond(); got < 9 || got > 11 {
		t.Errorf("got %f, want the slower rate of the last half minute", got)
	}
}

func TestDateFlag(t *testing.T) {
	for in, want := range map[string]string{"20230510": "20230510", "2023-05-10": "20230510", "20240229": "20240229"} {
		var d dateFlag
		if err := d.Set(in); err != nil || string(d) != want {
			t.Errorf("%s: got %s, %v", in, d, err)
		}
	}
	for _, in := range []string{"", "230510", "20230532", "20230229", "2023-5-10", "10.05.2023", "2023/05/10", "20230510 ", "today"} {
		var d dateFlag
		if err := d.Set(in); err == nil {
			t.Errorf("%q was taken as %s", in, d)
		}
	}
}

func TestConclusionExit(t *testing.T) {
	bad := catalog.Finding{Finding: finding.Finding{Severity: finding.Error}}
	warn := catalog.Finding{Finding: finding.Finding{Severity: finding.Warning}}
	roll := func(s ...catalog.RollStatus) (rolls []catalog.Roll) {
		for _, status := range s {
			rolls = append(rolls, catalog.Roll{Status: status})
		}
		return rolls
	}
	for _, tt := range []struct {
		c    conclusion
		want int
	}{
		{conclusion{}, exitFindings},
		{conclusion{rolls: roll(catalog.RollVerified)}, exitDone},
		{conclusion{rolls: roll(catalog.RollVerified, catalog.RollWarning), findings: []catalog.Finding{warn}}, exitDone},
		{conclusion{rolls: roll(catalog.RollVerified), findings: []catalog.Finding{bad}}, exitFindings},
		{conclusion{rolls: roll(catalog.RollVerified, catalog.RollPending)}, exitFindings},
		{conclusion{rolls: roll(catalog.RollOffline)}, exitFindings},
		{conclusion{rolls: roll(catalog.RollUnverified)}, exitFindings},
		{conclusion{rolls: roll(catalog.RollFailed)}, exitFindings},
		{conclusion{rolls: roll(catalog.RollUnreadable)}, exitFindings},
		{conclusion{rolls: roll(catalog.RollInvalidManifest)}, exitFindings},
	} {
		if got := tt.c.exit(); got != tt.want {
			t.Errorf("%+v: got %d, want %d", tt.c, got, tt.want)
		}
	}
}

func TestSummary(t *testing.T) {
	c := conclusion{rolls: []catalog.Roll{
		{Status: catalog.RollVerified, Counts: catalog.Counts{Listed: 4000, Verified: 4000, Size: 3e12}},
		{Status: catalog.RollFailed, Counts: catalog.Counts{Listed: 3, Verified: 1, Mismatch: 1, Missing: 1, Size: 1e9}},
	}}
	want := "2 rolls: 1 verified, 1 failed; 4,001 of 4,003 files verified, 1 mismatch, 1 missing; 3.0 TB"
	if got := c.summary(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExitStatus(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exitDone}, {errors.New("x"), exitFailed}, {usagef("x"), exitUsage}, {exitError(exitFindings), exitFindings},
		{context.Canceled, exitFailed},
	} {
		if got := exitStatus(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}

// Neither a log nor a terminal gets raw control bytes from a name.
func TestLogIsOneHarmlessLine(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(&logHandler{out: &logWriter{w: &b, times: true}})
	log.With("drive", "a\x1b[2Jb").WithGroup("g").Warn("could not\nread", "path", "x\xff\u202ey")
	log.Debug("nothing")
	line := b.String()
	if strings.Count(line, "\n") != 1 || hasRaw(line) {
		t.Errorf("got %q", line)
	}
	for _, part := range []string{" warn could not", "drive: a", "g.path: x"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q is not in %q", part, line)
		}
	}
}
