package roll

import (
	"fmt"
	"testing"
	"time"
)

// at is an instant of a test, in seconds.
func at(s float64) time.Time { return time.Unix(1_000, 0).Add(time.Duration(s * float64(time.Second))) }

// step is one event of a story, and what is true of the roll after it.
type step struct {
	at        float64
	event     Event
	state     State
	confirmed bool
	asOf      float64 // 0: none
}

func TestFreshness(t *testing.T) {
	for _, test := range []struct {
		story string
		steps []step
	}{
		{"a start", []step{
			{1, LookBegan, Looking, false, 0},
			{2, LookEnded, Current, true, 1},
			{3, Told, Stale, true, 1},
			{4, Told, Stale, true, 1},
			{5, LookBegan, Looking, true, 1},
			{6, LookEnded, Current, true, 5},
		}},
		{"told before the first look: it tells nothing that the look would not find", []step{
			{1, Told, Remembered, false, 0},
			{2, LookBegan, Looking, false, 0},
			{3, LookEnded, Current, true, 2},
		}},
		{"told while it is looked at", []step{
			{1, LookBegan, Looking, false, 0},
			{2, Told, Looking, false, 0},
			{3, LookEnded, Stale, true, 1},
			{4, LookBegan, Looking, true, 1},
			{5, LookEnded, Current, true, 4},
		}},
		{"a look that fails", []step{
			{1, LookBegan, Looking, false, 0},
			{2, LookEnded, Current, true, 1},
			{3, Told, Stale, true, 1},
			{4, LookBegan, Looking, true, 1},
			{5, LookFailed, Stale, false, 1},
			{6, LookBegan, Looking, false, 1},
			{7, LookEnded, Current, true, 6},
		}},
		{"a look that is given up", []step{
			{1, LookBegan, Looking, false, 0},
			{2, LookDropped, Stale, false, 0},
			{3, LookBegan, Looking, false, 0},
			{4, LookEnded, Current, true, 3},
			{5, LookBegan, Looking, true, 3},
			{6, LookDropped, Stale, true, 3},
		}},
		{"the drive goes, and comes back", []step{
			{1, LookBegan, Looking, false, 0},
			{2, LookEnded, Current, true, 1},
			{3, Went, Away, false, 0},
			{4, Told, Away, false, 0},
			{5, LookBegan, Away, false, 0},
			{6, LookEnded, Away, false, 0},
			{7, Returned, Remembered, false, 0},
			{8, LookBegan, Looking, false, 0},
			{9, LookEnded, Current, true, 8},
		}},
		{"the drive goes and comes back during a look: its end tells of the time before", []step{
			{1, LookBegan, Looking, false, 0},
			{2, Went, Away, false, 0},
			{3, Returned, Remembered, false, 0},
			{4, LookEnded, Remembered, false, 0},
		}},
		{"what was told waits too long", []step{
			{1, LookBegan, Looking, false, 0},
			{2, LookEnded, Current, true, 1},
			{3, Told, Stale, true, 1},
			{5, Overdue, Stale, false, 1},
			{6, LookBegan, Looking, false, 1},
			{7, LookEnded, Current, true, 6},
		}},
	} {
		var f Freshness
		for i, s := range test.steps {
			f = f.After(s.event, at(s.at))
			var asOf time.Time
			if s.asOf > 0 {
				asOf = at(s.asOf)
			}
			if f.State != s.state || f.Confirmed != s.confirmed || !f.AsOf.Equal(asOf) {
				t.Errorf("%s, step %d: got %+v, want %+v", test.story, i+1, f, s)
			}
		}
	}
}

func TestOverdue(t *testing.T) {
	f := Freshness{}.After(LookBegan, at(0)).After(LookEnded, at(1))
	if f.IsOverdue(at(100)) {
		t.Error("nothing was told, and it is overdue")
	}
	f = f.After(Told, at(100)).After(Told, at(101.4))
	if f.IsOverdue(at(101.4)) {
		t.Error("overdue before its time")
	}
	if !f.IsOverdue(at(101.6)) {
		t.Error("not overdue: a later word made the first one forgotten")
	}
	looking := f.After(LookBegan, at(101))
	if !looking.IsOverdue(at(101.6)) {
		t.Error("a look that hangs keeps what was told from being overdue")
	}
	ended := looking.After(Told, at(102)).After(LookEnded, at(102.1))
	if ended.IsOverdue(at(103)) || !ended.IsOverdue(at(104)) {
		t.Error("after a look, only what was told since it began counts")
	}
	if f = f.After(Overdue, at(102)); f.IsOverdue(at(103)) {
		t.Error("it was said once and is said again")
	}
}

// Whatever happens in whatever order: what is confirmed was looked at since the drive
// came, and a roll that is current owes no look.
func TestFreshnessIsNeverTooGood(t *testing.T) {
	events := []Event{Returned, LookBegan, LookEnded, LookFailed, LookDropped, Told, Overdue, Went}
	type known struct {
		looking, looked bool // since the drive came
		owes            bool
		owesLater       bool
	}
	var walk func(f Freshness, k known, depth int, path string)
	walk = func(f Freshness, k known, depth int, path string) {
		if f.Confirmed && !k.looked {
			t.Fatalf("%s: confirmed without a look: %+v", path, f)
		}
		if f.State == Current && k.owes {
			t.Fatalf("%s: current, and something was told: %+v", path, f)
		}
		if depth == 0 {
			return
		}
		for _, e := range events {
			n := k
			switch e {
			case Returned, Went:
				n = known{}
			case LookBegan:
				n.looking, n.owesLater = f.State != Away, false
			case Told:
				n.owes = n.owes || !n.looking
				n.owesLater = n.looking
			case LookEnded:
				if k.looking {
					n = known{looked: true, owes: k.owesLater}
				}
			case LookFailed, LookDropped:
				n.owes, n.looking = n.owes || n.looking, false
			}
			walk(f.After(e, at(float64(10-depth))), n, depth-1, fmt.Sprint(path, " ", e))
		}
	}
	walk(Freshness{}, known{}, 6, "")
}
