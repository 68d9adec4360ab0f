package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestClaimsKeepProcessesApart(t *testing.T) {
	s, _, fs := files(t)
	now := time.Now()
	s.now = func() time.Time { return now }
	claim := func(owner, want string) {
		t.Helper()
		got, err := s.claim(context.Background(), fs, "A001", owner)
		if err != nil || got != want {
			t.Errorf("%s claims: got holder %q and error %v, want %q", owner, got, err, want)
		}
	}
	claim("one", "one")
	claim("two", "one")
	claim("one", "one")
	now = now.Add(ClaimLapse + time.Second)
	claim("two", "two")
	claim("one", "two")
	if err := s.unclaim(context.Background(), fs, "A001", "two"); err != nil {
		t.Fatal(err)
	}
	claim("one", "one")
}

func TestTheClaimOfADeadProcessIsTakenOver(t *testing.T) {
	const beyond = 1<<22 + 1 // no process has such a number
	for name, test := range map[string]struct {
		owner string
		mine  bool
	}{
		"dead":               {fmt.Sprintf("%s %d 5 1", bootID(), beyond), true},
		"of another boot":    {fmt.Sprintf("another-boot %d 5 1", os.Getpid()), true},
		"number used again":  {fmt.Sprintf("%s %d before 1", bootID(), os.Getpid()), true},
		"alive":              {thisProcess(), false},
		"of another machine": {fmt.Sprintf("%s %d 5 1", unknown, beyond), false},
		"of no process":      {"someone", false},
	} {
		t.Run(name, func(t *testing.T) {
			if bootID() == unknown {
				t.Skip("this platform does not tell one boot from another")
			}
			s := opened(t, filepath.Join(t.TempDir(), "catalog.db"))
			fs, _, err := s.FileSystem(t.Context(), someFS)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.file.claim(t.Context(), fs, "day/A", test.owner); err != nil {
				t.Fatal(err)
			}
			if got := s.Claim(t.Context(), fs, "day/A"); got != test.mine {
				t.Errorf("claimed: %t, want %t", got, test.mine)
			}
			s.Unclaim(t.Context(), fs, "day/A") // his own only
			if holder, err := s.file.claim(t.Context(), fs, "day/A", test.owner); err != nil || holder != test.owner {
				t.Errorf("in the end %q holds it, error %v", holder, err)
			}
		})
	}
}
