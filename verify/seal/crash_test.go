package seal

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"footagefs/verify"
)

var errCrash = errors.New("the power is gone")

// TestSealCrashes ends the process's life after every step of writing: what is read back
// is the old state or the new one, and the next seal puts everything in order.
func TestSealCrashes(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		o       Options
	}{
		"first generation": {func(*testing.T, string) {}, Options{}},
		"next generation, with one nested": {func(t *testing.T, dir string) {
			_, err := Write(t.Context(), openDrive(t, dir), sealRoll+"/Clips", Options{Litter: isLitter, Now: later(0)}, nil)
			must(t, err)
			_, _, err = sealIt(t, dir, Options{Now: later(1)})
			must(t, err)
			put(t, dir, "Clips/new.mxf", "new")
		}, Options{}},
		"MHL 1.1": {func(*testing.T, string) {}, Options{Legacy: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			prepared := func() string {
				dir := layOut(t, sealRollFiles)
				tt.prepare(t, dir)
				return dir
			}
			old := stateOf(t, prepared())
			steps := 0
			count := tt.o
			count.Now, count.step = later(2), func(string) error { steps++; return nil }
			dir := prepared()
			_, _, err := sealIt(t, dir, count)
			must(t, err)
			sealed := stateOf(t, dir)
			if steps < 6 || old == sealed {
				t.Fatalf("%d steps from %s to %s", steps, old, sealed)
			}
			for last := range steps {
				dir, n := prepared(), 0
				crash := tt.o
				at := ""
				crash.Now, crash.step = later(2), func(step string) error {
					if n++; n == last+1 {
						at = step
						return errCrash
					}
					return nil
				}
				if _, _, err := sealIt(t, dir, crash); !errors.Is(err, errCrash) {
					t.Fatalf("step %d: got %v", last, err)
				}
				state := stateOf(t, dir)
				if state != old && state != sealed {
					t.Errorf("after %q: got %s\nwant %s\nor   %s", at, state, old, sealed)
				}
				again := tt.o
				again.Now, again.Also = later(3), true
				if _, _, err := sealIt(t, dir, again); err != nil {
					t.Errorf("after %q: sealing again: %v", at, err)
				}
				if strings.Contains(names(t, dir), tempPrefix) {
					t.Errorf("after %q and another seal there is left %s", at, names(t, dir))
				}
			}
		})
	}
}

// stateOf is how a roll reads: verdicts and findings. A manifest that its chain does not
// list yet is not part of it.
func stateOf(t *testing.T, dir string) string {
	t.Helper()
	_, verdicts, findings := readRoll(t, dir)
	findings = slices.DeleteFunc(findings, func(f string) bool { return strings.HasPrefix(f, "manifest-not-in-chain") })
	for p := range verdicts {
		if strings.Contains(p, tempPrefix) {
			if verdicts[p] != string(verify.Ignored) {
				t.Errorf("%s is %s", p, verdicts[p])
			}
			delete(verdicts, p)
		}
	}
	return spelled(verdicts) + " | " + strings.Join(findings, "; ")
}
