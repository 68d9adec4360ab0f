package fs

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// How long a mount that is in use is asked to end before its mount point is taken away.
const (
	askFor  = 1500 * time.Millisecond
	askEach = 50 * time.Millisecond
	waitFor = 300 * time.Millisecond // for requests under way, which a dead drive may hold
)

// release gives the mount point back, wherever it is by now: at once where nobody uses it,
// else when the use ends within a moment, else all the same, and who still has files open
// keeps them until this program ends. Where somebody else's file system lies over it, the
// mount stays below that, without this program; the error says so.
func (s *standing) release(ended <-chan struct{}) error {
	deadline := time.Now().Add(askFor)
	err := s.takeAway(false)
	for errors.Is(err, ErrInUse) && time.Now().Before(deadline) {
		select {
		case <-ended: // unmounted by somebody else
			return nil
		case <-time.After(askEach):
		}
		err = s.takeAway(false)
	}
	if err != nil {
		err = s.takeAway(true)
	}
	select {
	case <-ended: // by somebody else, perhaps, while we tried
		return nil
	case <-time.After(waitFor):
	}
	if err != nil {
		return fmt.Errorf("giving the mount point back: %w", err)
	}
	return nil
}

// waitAtMost waits for helpers that may be held by a drive that does not answer.
func waitAtMost(helpers *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() {
		helpers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}
