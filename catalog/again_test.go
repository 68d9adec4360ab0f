package catalog

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
)

// A roll that came while others were read, by a server that tells nobody, is on the drive of
// which something is concluded.
func TestRollsThatCameAreLookedAtBeforeTheEnd(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	path := s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
	s.write(path+"/clip.mov", "garbage")
	c.LookAgain(t.Context(), Filter{}, c.started)
	if got := statuses(c)["A002R1AB"]; got != RollPending {
		t.Errorf("got %q of a roll that came, want pending", got)
	}
	s.settle()
	came := false
	progress := func(Progress) {
		if !came { // once the run knows its rolls
			came = true
			s.roll("A003R1AB", map[string]string{"clip.mov": "footage"})
		}
	}
	if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Progress: progress}); err != nil {
		t.Fatal(err)
	}
	got := statuses(c)
	if got["A002R1AB"] != RollFailed || !came || got["A003R1AB"] != RollVerified {
		t.Errorf("got %v (came: %t), want A002R1AB failed and A003R1AB verified", got, came)
	}
}

// While a roll is being looked at nobody knows what comes of it: what concludes something
// looks for itself.
func TestALookThatIsUnderWayConcludesNothing(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	r := only(t, c)
	c.setWatched(r.drive, true, true)
	s.write(path+"/clip.mov", "garbage")
	r.refreshing.Lock()
	c.tell(r)
	r.happened(roll.LookBegan, c.now())
	var g errgroup.Group
	g.Go(func() error { c.LookAgain(t.Context(), Filter{}, c.started); return nil })
	time.AfterFunc(2*watchDelay, func() {
		r.happened(roll.LookDropped, c.now())
		r.refreshing.Unlock()
	})
	_ = g.Wait() // it returns no error
	if got := statuses(c)["A001R1AB"]; got != RollPending {
		t.Errorf("got %s of a roll that was being looked at, want pending", got)
	}
}

// Who asks for a verdict gets one of now, not of a look that was good enough for somebody
// who asked a moment ago.
func TestALookFromBeforeTheQuestionIsNoAnswer(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	c.LookAgain(t.Context(), Filter{}, c.now())
	s.settle()
	s.write(path+"/clip.mov", "garbage")
	c.LookAgain(t.Context(), Filter{}, c.now())
	if got := statuses(c)["A001R1AB"]; got != RollPending {
		t.Errorf("got %s of a roll that changed before it was asked for, want pending", got)
	}
}
