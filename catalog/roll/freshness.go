// Package roll says what was observed of a roll's files, and how fresh what is known of a
// roll is: values that ask no drive, clock or lock.
//
// A roll's verdicts are made from a look at all of its files. What is shown of it, whom it
// keeps waiting and when it is looked at next follow from one small value, a Freshness,
// and what happens to a roll is an Event that makes the next value: whoever keeps a
// Freshness guards it, and says when something happened.
package roll

import "time"

// State is where a roll stands between two looks.
type State uint8

// The states. The zero value is that of a roll that was not looked at yet.
const (
	Remembered State = iota // nobody looked since the start, or since its drive came back
	Looking                 // a look is under way
	Current                 // the last look tells what there is, as far as anybody has said
	Stale                   // something was told since the last look began, or it failed
	Away                    // its drive is not here
)

// Event is what happens to a roll.
type Event uint8

// The events.
const (
	Returned    Event = iota // the start, or the drive came back
	LookBegan                // somebody begins to look at all of its files
	LookEnded                // the look found out what there is
	LookFailed               // the look could not find it out
	LookDropped              // the look was given up, which says nothing about the roll
	Told                     // something changed, or may have: what is known has to be looked at again
	Overdue                  // what was told has waited for its look too long
	Went                     // the drive went
)

// Patience is how long a roll may show what it was before something was told. Users are
// promised that a change shows within two seconds; where the look takes longer, or hangs,
// the roll must not go on being called verified.
const Patience = 1500 * time.Millisecond

// Freshness is how fresh what is known of a roll is. Its zero value is that of a start.
type Freshness struct {
	State State
	// Confirmed says that a look ended well since the start, or since the drive came back,
	// and that nothing waits for the next one for longer than Patience. What is not
	// confirmed is not shown as verified.
	Confirmed bool
	// AsOf is when the last look that ended well began: everything before it is known.
	// Zero where there was none since the start or the return.
	AsOf time.Time

	owed  time.Time // since when what was told waits for a look; zero where nothing does
	began time.Time // Looking: when the look began
	anew  time.Time // Looking: when something was first told since it began
}

// After is the freshness once an event happened at the instant at. Events that say nothing
// in a state leave it as it is: the end of a look that began before the drive went, say.
func (f Freshness) After(e Event, at time.Time) Freshness {
	switch e {
	case Returned:
		return Freshness{}
	case Went:
		return Freshness{State: Away}
	case LookBegan:
		if f.State != Away {
			f.State, f.began, f.anew = Looking, at, time.Time{}
		}
	case Told:
		return f.told(at)
	case Overdue:
		f.Confirmed = false
	case LookEnded, LookFailed, LookDropped:
		if f.State == Looking {
			return f.looked(e, at)
		}
	}
	return f
}

// told notes that there is something to look at.
func (f Freshness) told(at time.Time) Freshness {
	switch f.State {
	case Current:
		f.State, f.owed = Stale, at
	case Looking:
		if f.anew.IsZero() {
			f.anew = at
		}
	}
	return f
}

// looked ends a look.
func (f Freshness) looked(e Event, at time.Time) Freshness {
	switch e {
	case LookEnded:
		f.Confirmed, f.AsOf, f.owed = true, f.began, f.anew
	case LookFailed:
		f.Confirmed = false
	}
	f.State = Stale
	switch {
	case e == LookEnded && f.owed.IsZero():
		f.State = Current
	case f.owed.IsZero():
		f.owed = at
	}
	f.began, f.anew = time.Time{}, time.Time{}
	return f
}

// Due is true where a look is owed: nobody looked yet, or something was told since.
func (f Freshness) Due() bool { return f.State == Remembered || f.State == Stale }

// IsOverdue is true where what was told waits so long that an Overdue event is due. It
// stays true until a look that began later ends well.
func (f Freshness) IsOverdue(now time.Time) bool {
	return f.Confirmed && !f.owed.IsZero() && now.Sub(f.owed) > Patience
}

// Owed is since when what was told waits for a look; zero where nothing does.
func (f Freshness) Owed() time.Time { return f.owed }

// OlderThan is true where what is known is not as of t or later.
func (f Freshness) OlderThan(t time.Time) bool { return f.AsOf.Before(t) }
