package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A row is a line of the table: what is done, on which drive, against whom.
type row struct {
	number  int
	what    string
	drives  []drive // made when the first row needs them, removed after the last
	runs    int     // alternations that count
	checks  []check
	contest func(ctx context.Context, s *stage) (contest, error)
}

// A check is a peer and how we want to compare with it. Without floor and goal it is told
// for information.
type check struct {
	peer        string // "" compares with nobody: the cost itself counts
	scale       scale
	floor, goal float64 // 0: none
}

// scale is how a check reads.
type scale int

const (
	faster    scale = iota // times as fast as the peer: more is better
	within                 // times the peer's time: less is better
	seconds                // our own, less is better
	millis                 // likewise
	megabytes              // likewise, 1,000,000 bytes
)

// A line is a check and what came of it.
type line struct {
	number    int
	what      string
	check     check
	value     float64 // the median of the rounds
	low, high float64 // quartiles
	rounds    int
	why       string // not measured, because
}

// lines holds what a contest gave against the row's checks.
func (r row) lines(results []samples) []line {
	var all []line
	for _, c := range r.checks {
		l := line{number: r.number, what: r.what, check: c}
		if i := slices.IndexFunc(results, func(s samples) bool { return s.name == c.peer }); c.peer != "" && i < 0 {
			l.why = "nobody took its part"
		} else if c.peer != "" && results[i].why != "" {
			l.why = results[i].why
		} else {
			l.measured(results[0].costs, results[max(i, 0)].costs)
		}
		all = append(all, l)
	}
	return all
}

func (l *line) measured(ours, theirs []float64) {
	values := ours
	switch l.check.scale {
	case faster:
		values = ratios(theirs, ours)
	case within:
		values = ratios(ours, theirs)
	}
	l.rounds = len(values)
	l.value, l.low, l.high = median(values), quantile(values, 0.25), quantile(values, 0.75)
	if l.rounds == 0 {
		l.why = "no round was finished"
	}
}

// unmeasured are the lines of a row of which nothing is known.
func (r row) unmeasured(why error) []line {
	all := listed([]row{r})
	for i := range all {
		all[i].why = why.Error()
	}
	return all
}

// listed are the lines of rows before they are measured.
func listed(rows []row) []line {
	var all []line
	for _, r := range rows {
		for _, c := range r.checks {
			all = append(all, line{number: r.number, what: r.what, check: c})
		}
	}
	return all
}

// verdict is goal, floor, missed or not measured; "" where nothing was to be reached.
func (l line) verdict() string {
	switch {
	case l.why != "":
		return "not measured: " + l.why
	case l.rounds == 0 || l.check.floor == 0 && l.check.goal == 0:
		return ""
	case l.reaches(l.check.goal):
		return "goal"
	case l.reaches(l.check.floor):
		return "floor"
	}
	return "missed"
}

func (l line) reaches(mark float64) bool {
	if l.check.scale == faster {
		return mark > 0 && l.value >= mark
	}
	return mark > 0 && l.value <= mark
}

// errNeedsRoot is why a row is not measured for others.
var errNeedsRoot = errors.New("needs root")

// measureAll measures rows, says how each went, and returns lines for all of them,
// those after an interruption too.
func (b *bench) measureAll(ctx context.Context, rows []row) []line {
	var all []line
	for i, r := range rows {
		lines := r.unmeasured(errors.New("interrupted"))
		if ctx.Err() == nil {
			lines = b.measureRow(ctx, r)
		}
		for _, l := range lines {
			b.say("row %d: %s", l.number, l.summary())
		}
		all = append(all, lines...)
		b.dropDrives(rows[i+1:])
	}
	return all
}

func (b *bench) measureRow(ctx context.Context, r row) []line {
	runs := r.runs
	if b.runs > 0 {
		runs = b.runs
	}
	s := &stage{bench: b, paths: map[drive]string{}}
	results, err := s.hold(ctx, r, runs)
	if undone := s.strike.run(); undone != nil {
		b.say("row %d: %s", r.number, undone)
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		return r.unmeasured(err)
	}
	return r.lines(results)
}

// A stage is where one row is measured: what is put up for it is taken down after it.
type stage struct {
	*bench
	paths  map[drive]string // the row's drives
	strike undo
}

func (s *stage) hold(ctx context.Context, r row, runs int) ([]samples, error) {
	for _, d := range r.drives {
		dir, err := s.drive(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("making the drive %s: %w", d, err)
		}
		s.paths[d] = dir
	}
	s.say("row %d: %s", r.number, r.what)
	c, err := r.contest(ctx, s)
	if err != nil {
		return nil, err
	}
	return c.hold(ctx, runs)
}
