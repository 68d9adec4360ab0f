package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// A side is footagefs or a peer doing the same work.
type side struct {
	name    string
	absent  string                                     // why it cannot take part, "" where it can
	prepare func(ctx context.Context) error            // before each turn, not measured; may be nil
	run     func(ctx context.Context) (float64, error) // what a turn costs: seconds, ms or MB
}

// A contest is footagefs against its peers; peers may be none.
type contest struct {
	ours  side
	peers []side
}

// samples are what the turns of a side cost, and why there are none.
type samples struct {
	name  string
	costs []float64
	why   string
}

// hold lets the sides take turns, ours first in each round. One round goes before that
// does not count: it warms caches. A peer that fails is out; without ours there is no
// contest.
func (c contest) hold(ctx context.Context, runs int) ([]samples, error) {
	sides := append([]side{c.ours}, c.peers...)
	results := make([]samples, len(sides))
	for i, s := range sides {
		results[i] = samples{name: s.name, why: s.absent}
	}
	for round := range runs + 1 {
		for i, s := range sides {
			if results[i].why != "" {
				continue
			}
			cost, err := s.turn(ctx)
			switch {
			case ctx.Err() != nil:
				return nil, context.Cause(ctx)
			case err != nil && i == 0:
				return nil, err
			case err != nil:
				results[i] = samples{name: s.name, why: err.Error()}
			case round > 0:
				results[i].costs = append(results[i].costs, cost)
			}
		}
	}
	return results, nil
}

func (s side) turn(ctx context.Context) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if s.prepare != nil {
		if err := s.prepare(ctx); err != nil {
			return 0, fmt.Errorf("preparing %s: %w", s.name, err)
		}
	}
	cost, err := s.run(ctx)
	if err == nil && cost <= 0 {
		err = errors.New("it took no time at all")
	}
	return cost, err
}

// ratios compares the turns of a round with each other: what they share, a machine that
// was busy at the time, drops out. over divides the first by the second.
func ratios(over, under []float64) []float64 {
	all := make([]float64, min(len(over), len(under)))
	for i := range all {
		all[i] = over[i] / under[i]
	}
	return all
}

// median is the middle value, the mean of the two middle ones where they are even in
// number, 0 of none.
func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the value below which the share q of the values lies, between two of them
// where it falls there, 0 of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, cmp.Compare[float64])
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
