package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// scripted is a side that writes down its turns and costs what it is told to, one after
// the other; a cost below 0 is a failure.
func scripted(name string, log *[]string, costs ...float64) side {
	turn := 0
	return side{
		name:    name,
		prepare: func(context.Context) error { *log = append(*log, "prepare "+name); return nil },
		run: func(context.Context) (float64, error) {
			*log = append(*log, name)
			cost := costs[min(turn, len(costs)-1)]
			turn++
			if cost < 0 {
				return 0, errors.New("broke")
			}
			return cost, nil
		},
	}
}

func TestHoldTakesTurns(t *testing.T) {
	var log []string
	c := contest{ours: scripted("a", &log, 9, 1, 2), peers: []side{scripted("b", &log, 8, 3, 4)}}
	got, err := c.hold(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("prepare a,a,prepare b,b,", 3)
	if order := strings.Join(log, ",") + ","; order != want {
		t.Errorf("got the order %s, want %s", order, want)
	}
	// The first round, of 9 and 8, does not count.
	if !slices.Equal(got[0].costs, []float64{1, 2}) || !slices.Equal(got[1].costs, []float64{3, 4}) {
		t.Errorf("got the costs %v and %v, want [1 2] and [3 4]", got[0].costs, got[1].costs)
	}
}

func TestHoldWithoutAPeer(t *testing.T) {
	tests := []struct {
		name string
		peer func(log *[]string) side
		why  string
	}{
		{"absent", func(*[]string) side { return side{name: "b", absent: "b is not installed"} }, "b is not installed"},
		{"fails at once", func(log *[]string) side { return scripted("b", log, -1) }, "broke"},
		{"fails later", func(log *[]string) side { return scripted("b", log, 1, 1, -1) }, "broke"},
		{"takes no time", func(log *[]string) side { return scripted("b", log, 0) }, "it took no time at all"},
		{"cannot be prepared", func(log *[]string) side {
			s := scripted("b", log, 1)
			s.prepare = func(context.Context) error { return errors.New("no") }
			return s
		}, "preparing b: no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log []string
			got, err := contest{ours: scripted("a", &log, 1), peers: []side{test.peer(&log), scripted("c", &log, 2)}}.hold(t.Context(), 3)
			if err != nil {
				t.Fatal(err)
			}
			if got[1].why != test.why || len(got[1].costs) != 0 {
				t.Errorf("got %q and %v, want %q and no costs", got[1].why, got[1].costs, test.why)
			}
			if len(got[0].costs) != 3 || len(got[2].costs) != 3 {
				t.Errorf("got %d and %d rounds of the others, want 3", len(got[0].costs), len(got[2].costs))
			}
		})
	}
}

func TestHoldEndsWithoutUs(t *testing.T) {
	var log []string
	if _, err := (contest{ours: scripted("a", &log, 1, -1), peers: []side{scripted("b", &log, 1)}}).hold(t.Context(), 3); err == nil || err.Error() != "broke" {
		t.Errorf("got %v, want broke", err)
	}
	if n := len(log); n != 6 {
		t.Errorf("got %d steps, want 6: %v", n, log)
	}
}

func TestHoldIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log []string
	stops := side{name: "b", run: func(context.Context) (float64, error) { cancel(); return 0, errors.New("killed") }}
	if _, err := (contest{ours: scripted("a", &log, 1), peers: []side{stops}}).hold(ctx, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be interrupted", err)
	}
	if len(log) != 2 {
		t.Errorf("got %v after the interruption", log)
	}
}

func TestMedianAndQuantile(t *testing.T) {
	tests := []struct {
		values            []float64
		low, median, high float64
	}{
		{nil, 0, 0, 0},
		{[]float64{7}, 7, 7, 7},
		{[]float64{4, 2}, 2.5, 3, 3.5},
		{[]float64{3, 1, 2}, 1.5, 2, 2.5},
		{[]float64{5, 1, 4, 2, 3}, 2, 3, 4},
		{[]float64{1, 1, 1, 100}, 1, 1, 25.75},
	}
	for _, test := range tests {
		before := slices.Clone(test.values)
		low, mid, high := quantile(test.values, 0.25), median(test.values), quantile(test.values, 0.75)
		if low != test.low || mid != test.median || high != test.high {
			t.Errorf("%v: got %v %v %v, want %v %v %v", test.values, low, mid, high, test.low, test.median, test.high)
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("%v became %v", before, test.values)
		}
	}
}

func TestRatiosPairRounds(t *testing.T) {
	if got := ratios([]float64{2, 9, 1}, []float64{1, 3}); !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("got %v, want [2 3]", got)
	}
}

func TestUndoRunsBackwardsAndOnce(t *testing.T) {
	var u undo
	var order []int
	for i := range 3 {
		u.add(func() error {
			order = append(order, i)
			if i == 1 {
				return errors.New("stuck")
			}
			return nil
		})
	}
	if err := u.run(); err == nil || err.Error() != "stuck" {
		t.Errorf("got %v, want stuck", err)
	}
	if err := u.run(); err != nil || !slices.Equal(order, []int{2, 1, 0}) {
		t.Errorf("got %v and the order %v, want [2 1 0]", err, order)
	}
}
