package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"footagefs/testdata/drives"
)

// A point of the scale curve is a library of some size and what working with it costs.
type point struct {
	files  int
	first  float64 // seconds of the first verify
	again  float64 // of the second
	report float64 // of writing report.csv
	mount  float64 // from mount to the first listing
	memory float64 // MB resident after a day was browsed
	stored float64 // bytes of catalog a file
}

// curve measures libraries of growing size. Cost is to grow as the number of files does,
// or less.
func (b *bench) curve(ctx context.Context) ([]point, error) {
	var points []point
	for _, rolls := range b.size.curve {
		p, err := b.point(ctx, rolls)
		if err != nil {
			return points, fmt.Errorf("measuring the curve at %d rolls: %w", rolls, err)
		}
		b.say("curve: %s", strings.Join(p.cells(), " "))
		points = append(points, p)
	}
	return points, nil
}

func (b *bench) point(ctx context.Context, rolls int) (p point, err error) {
	s := &stage{bench: b}
	defer func() { err = errors.Join(err, s.strike.run()) }()
	dir := b.fresh("curve")
	s.strike.add(func() error { return os.RemoveAll(dir) })
	p.files = rolls * b.size.curveFiles
	b.say("curve: making %s files", count(p.files))
	if err := b.command(b.probe, "probe", "scale", strconv.Itoa(rolls), strconv.Itoa(b.size.curveFiles), dir).run(ctx); err != nil {
		return p, err
	}
	catalog := b.fresh("curve") + ".db"
	verify := b.fg("verify", "--catalog", catalog, dir)
	report := b.fg("report", "--catalog", catalog, dir)
	steps := []struct {
		cost *float64
		side side
		runs int
	}{
		{&p.first, verify.side("verify"), 1},
		{&p.again, verify.side("verify"), 3},
		{&p.report, report.side("report"), 3},
		{&p.mount, s.mountAndBrowse(dir, catalog, &p.memory), 3},
	}
	for _, step := range steps {
		if *step.cost, err = medianOf(ctx, step.side, step.runs); err != nil {
			return p, err
		}
	}
	p.stored, err = sizeOfCatalog(catalog)
	p.stored /= float64(p.files)
	return p, err
}

func makeScale(args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	rolls, err1 := strconv.Atoi(args[0])
	files, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return drives.Scale(args[2], rolls, files, scaleFile)
}

func medianOf(ctx context.Context, s side, runs int) (float64, error) {
	var costs []float64
	for range runs {
		cost, err := s.turn(ctx)
		if err != nil {
			return 0, err
		}
		costs = append(costs, cost)
	}
	return median(costs), nil
}

// mountAndBrowse takes the time to the first listing, and the memory after a day of it
// was browsed.
func (s *stage) mountAndBrowse(dir, catalog string, memory *float64) side {
	return side{name: "mount", run: func(ctx context.Context) (float64, error) {
		began := time.Now()
		m, err := s.footage(ctx, user{}, dir, catalog)
		if err != nil {
			return 0, err
		}
		err = s.command("ls", m.cameraRolls()).run(ctx)
		cost := time.Since(began).Seconds()
		if err == nil {
			err = s.browseDay(ctx, m)
		}
		var measured error
		*memory, measured = s.resident(ctx, m.cmd.Process.Pid)
		return cost, errors.Join(err, measured, m.unmount())
	}}
}

// sizeOfCatalog is the size of a catalog with what has not been merged into it yet.
func sizeOfCatalog(path string) (float64, error) {
	names, err := filepath.Glob(path + "*")
	var total float64
	for _, name := range names {
		info, statErr := os.Stat(name)
		if statErr != nil {
			return 0, fmt.Errorf("looking at the catalog: %w", statErr)
		}
		total += float64(info.Size())
	}
	return total, err
}

func (p point) values() []float64 {
	return []float64{p.first, p.again, p.report, p.mount, p.memory, p.stored}
}

func (p point) cells() []string {
	cells := []string{count(p.files)}
	for _, v := range p.values() {
		cells = append(cells, digits(v))
	}
	return cells
}

// curveCells are the points, and under them how costs grew: with what power of the number
// of files. 1 is a straight line, 0 does not grow, 2 would be the square.
func curveCells(points []point) [][]string {
	cells := [][]string{{"files", "first verify, s", "second verify, s", "report, s", "mount to ls, s", "memory, MB", "catalog, bytes a file"}}
	for _, p := range points {
		cells = append(cells, p.cells())
	}
	if len(points) < 2 {
		return cells
	}
	from, to := points[0], points[len(points)-1]
	last := []string{"grows with the power"}
	for i, v := range to.values() {
		last = append(last, fmt.Sprintf("%.2f", power(from.files, to.files, from.values()[i], v)))
	}
	return append(cells, last)
}

// power is the exponent by which a cost grew from one number of files to another.
func power(fromFiles, toFiles int, from, to float64) float64 {
	if from <= 0 || to <= 0 || fromFiles == toFiles {
		return 0
	}
	return math.Log(to/from) / math.Log(float64(toFiles)/float64(fromFiles))
}
