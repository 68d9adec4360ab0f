package catalog

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
)

// kept keeps a catalog's drives fresh until the test's end, as a mount does.
func kept(t *testing.T, c *Catalog) {
	t.Helper()
	work := c.Start(context.Background())
	t.Cleanup(work.Stop)
	if !work.AwaitFirstLooks() {
		t.Fatal("it was stopped before the first looks")
	}
}

// within waits until a condition holds. The bound is wide: a busy machine is no fault.
func within(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, d)
		}
	}
}

// However long the last look at a roll, or at all of a drive, took: what is told is looked
// at within seconds.
func TestWhatIsToldIsLookedAtSoonHoweverLargeTheDrive(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	kept(t, c)
	within(t, 10*time.Second, "both are verified", func() bool {
		got := statuses(c)
		return got["A001R1AB"] == RollVerified && got["A002R1AB"] == RollVerified
	})
	for _, r := range c.states(Filter{}) {
		r.mu.Lock()
		r.cost = time.Hour
		r.mu.Unlock()
	}
	s.write(path+"/clip.mov", "garbage")
	within(t, 10*time.Second, "the change shows", func() bool { return statuses(c)["A001R1AB"] == RollPending })
	s.roll("A003R1AB", map[string]string{"clip.mov": "footage"})
	within(t, 10*time.Second, "the new roll shows", func() bool { _, ok := statuses(c)["A003R1AB"]; return ok })
}

// A roll whose look hangs is not called verified for longer than it takes to notice.
func TestWhatWaitsForItsLookTooLongIsPending(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	kept(t, c)
	within(t, 10*time.Second, "it is verified", func() bool { return statuses(c)["A001R1AB"] == RollVerified })
	r := only(t, c)
	r.refreshing.Lock() // somebody looks at it, and the drive does not answer
	c.tell(r)
	within(t, 10*time.Second, "it is pending", func() bool { return statuses(c)["A001R1AB"] == RollPending })
	r.refreshing.Unlock()
	within(t, 10*time.Second, "it is verified again", func() bool { return statuses(c)["A001R1AB"] == RollVerified })
}

// A drive that went and came back is shown as it was once it was looked at, although
// nothing in it changed.
func TestADriveThatComesBackIsConfirmed(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	kept(t, c)
	within(t, 10*time.Second, "it is verified", func() bool { return statuses(c)["A001R1AB"] == RollVerified })
	ds := c.driveStates()[0]
	version := c.Version()
	c.setOffline(ds, true)
	if got := statuses(c)["A001R1AB"]; got != RollOffline {
		t.Errorf("got %s of a drive that is away, want offline", got)
	}
	if n := c.Rolls(Filter{})[0].Counts; n.Verified != 1 || n.Pending != 0 {
		t.Errorf("a drive that is away: %d verified and %d pending, want the last counts", n.Verified, n.Pending)
	}
	c.setOffline(ds, false)
	within(t, 10*time.Second, "it is verified again", func() bool { return statuses(c)["A001R1AB"] == RollVerified })
	if c.Version() < version+3 {
		t.Error("a view that was made meanwhile is not made anew")
	}
}

// A look that began before the drive went says nothing after it came back.
func TestALookFromBeforeTheDriveWentIsNotTaken(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	r := only(t, c)
	r.beginLook(c.now())
	inv, err := c.takeInventory(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	c.setOffline(r.drive, true)
	c.setOffline(r.drive, false)
	r.endLook(inv, c.now(), 0)
	if got := statuses(c)["A001R1AB"]; got != RollPending {
		t.Errorf("got %s, want pending", got)
	}
}

// What fell before the moment that a watch began is found by a look of its own.
func TestAWatchThatBeginsHasAllLookedAtAgain(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	r := only(t, c)
	r.happened(roll.LookBegan, c.now())
	r.happened(roll.LookEnded, c.now())
	c.tellAll(r.drive)
	if !r.isDue() {
		t.Error("the roll is not looked at again")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !r.drive.stale {
		t.Error("the structure is not looked at again")
	}
}

// A file of a roll that is changed by another name, or by its number alone, is told of by
// its folder to whoever keeps what was said of it; also where the inventory was let go of.
func TestAFileIsFoundByItsNumber(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage", "Clips/b.mov": "more"})
	s.roll("A002R1AB", map[string]string{"clip.mov": "other"})
	c := s.verified()
	var folders []string
	c.OnChange(func(_ DriveID, folder string) { folders = append(folders, folder) })
	ds := c.driveStates()[0]
	info, err := ds.handle().Stat(path + "/Clips/b.mov")
	if err != nil {
		t.Fatal(err)
	}
	r := c.states(Filter{Roll: "A001R1AB"})[0]
	c.changedFiles(ds, []uint64{info.Inode})
	if !r.isDue() || len(folders) != 1 || folders[0] != path+"/Clips" {
		t.Errorf("due %t, told of %q; want the roll due, and told of its folder Clips", r.isDue(), folders)
	}
	if err := c.refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.inv = nil
	r.mu.Unlock()
	folders = nil
	c.changedFiles(ds, []uint64{info.Inode})
	if err := c.refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if len(folders) != 1 || folders[0] != path+"/Clips" {
		t.Errorf("told of %q after the look, want the folder Clips", folders)
	}
	folders = nil
	c.changedFiles(ds, []uint64{1, 1 << 62})
	if r.isDue() || len(folders) != 0 {
		t.Errorf("due %t, told of %q by a number that is no file's of the roll", r.isDue(), folders)
	}
}

// A roll with files that have other names is looked at although no watch tells of those.
func TestAChangeByAnotherNameIsSeenWhereNothingTells(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Link(filepath.Join(s.dir, path, "clip.mov"), other); err != nil {
		t.Skip("no hard links from here to there: ", err)
	}
	c := s.verified()
	ds := c.driveStates()[0]
	c.setWatched(ds, true, false) // by a watch that knows folders only
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { return c.keep(ctx, ds) })
	defer func() { cancel(); g.Wait() }()
	if err := os.WriteFile(other, []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "the change shows", func() bool { return statuses(c)["A001R1AB"] == RollPending })
}

// A file may get its other name when the roll was looked at already: a watch of folders tells
// neither that, nor what is written by that name.
func TestAChangeByANewNameIsSeenWhereNothingTells(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	ds := c.driveStates()[0]
	link := func(file, name string) string {
		other := filepath.Join(t.TempDir(), name)
		if err := os.Link(filepath.Join(s.dir, path, file), other); err != nil {
			t.Skip("no hard links from here to there: ", err)
		}
		return other
	}
	c.setWatched(ds, true, false) // by a watch that knows folders only
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { return c.keep(ctx, ds) })
	defer func() { cancel(); _ = g.Wait() }()
	if err := os.WriteFile(link("clip.mov", "other"), []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "the change shows", func() bool { return statuses(c)["A001R1AB"] == RollPending })
	if got := statuses(c)["A002R1AB"]; got != RollVerified {
		t.Errorf("got %s of a roll in which nothing changed, want verified", got)
	}
}

// What concludes something does not wait for that.
func TestAChangeByANewNameIsNotConcludedOver(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	c.setWatched(c.driveStates()[0], true, false)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Link(filepath.Join(s.dir, path, "clip.mov"), other); err != nil {
		t.Skip("no hard links from here to there: ", err)
	}
	if err := os.WriteFile(other, []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := only(t, c)
	r.mu.Lock()
	r.fresh.AsOf = r.fresh.AsOf.Add(-time.Minute)
	r.mu.Unlock()
	c.LookAgain(t.Context(), Filter{}, c.started)
	if got := statuses(c)["A001R1AB"]; got != RollPending {
		t.Errorf("got %s, want pending", got)
	}
}
