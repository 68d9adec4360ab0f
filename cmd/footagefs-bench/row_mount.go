package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// mountKnown is the time from the command to the first listing, of a library whose files
// the catalog knows.
func mountKnown(ctx context.Context, s *stage) (contest, error) {
	catalog, err := s.reviewed(ctx)
	return contest{ours: s.untilListed(func() string { return catalog })}, err
}

// mountNew is the same of a library that was never seen, against a walk of its days,
// asset types and rolls.
func mountNew(_ context.Context, s *stage) (contest, error) {
	return contest{
		ours:  s.untilListed(func() string { return s.fresh("new") + ".db" }),
		peers: []side{s.command("find", s.paths[many], "-maxdepth", "3").side("find")},
	}, nil
}

// untilListed mounts and lists the dates.
func (s *stage) untilListed(catalog func() string) side {
	return side{name: "footagefs", run: func(ctx context.Context) (float64, error) {
		file := catalog()
		began := time.Now()
		m, err := s.footage(ctx, user{}, s.paths[many], file)
		if err != nil {
			return 0, err
		}
		n, err := s.command("ls", m.cameraRolls()).lines(ctx)
		cost := time.Since(began).Seconds()
		if err == nil && n < days(s.size.rolls) {
			err = fmt.Errorf("ls saw %d of %d dates", n, days(s.size.rolls))
		}
		return cost, errors.Join(err, m.unmount())
	}}
}

// days is the number of dates of a library: ten rolls each.
func days(rolls int) int { return (rolls + 9) / 10 }

// memoryBrowsed is the resident memory of a mount of everything, a day of it verified and
// browsed, the others waiting to be verified.
func memoryBrowsed(ctx context.Context, s *stage) (contest, error) {
	return s.memory(ctx, func(*mounted) string { return "" })
}

// memoryWalked is the same after a walk of all files.
func memoryWalked(ctx context.Context, s *stage) (contest, error) {
	return s.memory(ctx, (*mounted).library)
}

func (s *stage) memory(ctx context.Context, alsoWalk func(*mounted) string) (contest, error) {
	catalog, err := s.reviewed(ctx)
	return contest{ours: side{name: "footagefs", run: func(ctx context.Context) (float64, error) {
		m, err := s.footage(ctx, user{}, s.paths[many], catalog)
		if err != nil {
			return 0, err
		}
		if err = s.browseDay(ctx, m); err == nil && alsoWalk(m) != "" {
			err = s.command("find", alsoWalk(m), "-size", "+0").run(ctx)
		}
		cost, measured := s.resident(ctx, m.cmd.Process.Pid)
		return cost, errors.Join(err, measured, m.unmount())
	}}}, err
}

// browseDay waits until the newest day is verified, which comes first, and lists it with
// its attributes.
func (s *stage) browseDay(ctx context.Context, m *mounted) error {
	dates, err := filepath.Glob(m.cameraRolls() + "/2*")
	if err != nil || len(dates) == 0 {
		return errors.New("no dates in the mount")
	}
	newest := dates[len(dates)-1]
	if err := s.fg("wait", m.dir, "--date", filepath.Base(newest)).run(ctx); err != nil {
		return err
	}
	if err := s.command("ls", "-lR", newest).run(ctx); err != nil {
		return err
	}
	if missing("getfattr") == "" {
		return s.command("getfattr", "-d", "-R", newest).run(ctx)
	}
	return nil
}

// resident is the resident memory of a process in MB.
func (b *bench) resident(ctx context.Context, pid int) (float64, error) {
	out, err := b.command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).output(ctx)
	if err != nil {
		return 0, err
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(out), 64)
	if err != nil {
		return 0, fmt.Errorf("reading the memory of a process: %w", err)
	}
	return kib * 1024 / 1e6, nil
}

// reviewed lets a catalog know the library's lists, its bytes not read.
func (s *stage) reviewed(ctx context.Context) (string, error) {
	catalog := filepath.Join(s.dir, "library.db")
	return catalog, s.fg("review", "--catalog", catalog, s.paths[many]).run(ctx)
}

// reportChanged is how long the reading of report.csv takes that first shows a change: a
// file becomes too short, and right again.
func reportChanged(ctx context.Context, s *stage) (contest, error) {
	catalog, err := s.reviewed(ctx)
	if err != nil {
		return contest{}, err
	}
	m, err := s.footage(ctx, user{}, s.paths[many], catalog, "noverify")
	if err != nil {
		return contest{}, err
	}
	names, err := filepath.Glob(filepath.Join(s.paths[many], "*", "*", "*", "*.mxf"))
	if err != nil || len(names) == 0 {
		return contest{}, errors.New("no files on the drive")
	}
	report := filepath.Join(m.library(), "report.csv")
	if n, err := s.command("cat", report).lines(ctx); err != nil || n != s.size.rolls+1 {
		return contest{}, fmt.Errorf("report.csv has %d lines, want %d (%w)", n, s.size.rolls+1, err)
	}
	wrong := false
	return contest{ours: side{
		name: "footagefs",
		prepare: func(context.Context) error {
			if wrong = !wrong; wrong {
				return os.Truncate(names[0], scaleFile-1)
			}
			return os.Truncate(names[0], scaleFile)
		},
		run: func(ctx context.Context) (float64, error) { return readUntil(ctx, report, wrong) },
	}}, nil
}

const reportWait = 3 * time.Minute // until a change must show in report.csv

// readUntil reads a report until a roll is failed in it, or none, and returns the
// milliseconds of the reading that shows it first: it is this one that has to wait until
// the report is written anew.
func readUntil(ctx context.Context, report string, failed bool) (float64, error) {
	for deadline := time.Now().Add(reportWait); time.Now().Before(deadline); {
		began := time.Now()
		data, err := os.ReadFile(report)
		took := time.Since(began)
		if err == nil && bytes.Contains(data, []byte(",failed,")) == failed {
			return float64(took) / float64(time.Millisecond), nil
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return 0, errors.New("report.csv does not show a change of the drive")
}
