package catalog

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// resultOf is what a reading of a file as it is now finds.
func resultOf(t *testing.T, c *Catalog, r *rollState, name string) result {
	t.Helper()
	var got result
	d := r.drive.handle()
	path := drive.Join(r.found.Path, name)
	jobs := func(yield func(verify.Job) bool) {
		yield(verify.Job{Path: path, Algorithms: []checksum.Algorithm{checksum.XXH64}})
	}
	err := verify.Run(t.Context(), d, jobs, verify.Options{}, func(res verify.Result) error {
		if res.Err != nil {
			t.Fatal(res.Err)
		}
		got = result{r, name, 0, roll.Observation{Look: roll.LookOf(res.Info), Sums: res.Sums, ReadAt: res.At.UnixNano(), FirstAt: res.At.UnixNano(), Plug: r.drive.plug.Load()}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestResultsCommittedDuringAnInventoryAreKept(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	r := only(t, c)
	if err := c.refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	res := resultOf(t, c, r, "clip.mov")
	// An inventory that has asked the catalog before the result was stored ends after it.
	r.beginLook(c.now())
	inv, err := c.takeInventory(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	c.commit(t.Context(), r.drive, []result{res})
	c.show(t.Context(), []*rollState{r})
	r.endLook(inv, c.now(), 0)
	c.rederive(r)
	if got := statuses(c)["A001R1AB"]; got != RollVerified {
		t.Errorf("got %s after a result that was committed, want verified", got)
	}
}

func TestResultsDoNotHideALaterChange(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	r := only(t, c)
	if err := c.refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	res := resultOf(t, c, r, "clip.mov")
	s.write(path+"/clip.mov", "garbage")
	if err := c.refresh(t.Context(), r); err != nil { // this look sees the change
		t.Fatal(err)
	}
	c.commit(t.Context(), r.drive, []result{res}) // of the bytes before
	c.show(t.Context(), []*rollState{r})
	if got := statuses(c)["A001R1AB"]; got == RollVerified {
		t.Errorf("got %s for bytes that nobody read", got)
	}
}

func TestResultsOfAFileThatChangedAMomentAgoAreNotBelieved(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.settle()
	c := s.open()
	r := only(t, c)
	if err := c.refresh(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	rd := c.newReading(r.drive, Filter{}, VerifyOptions{}, true)
	r.drive.fs.Kind = "exfat"            // whose times are coarse
	s.write(path+"/clip.mov", "footage") // since the inventory
	res := resultOf(t, c, r, "clip.mov")
	info, err := r.drive.handle().Stat(path + "/clip.mov")
	if err != nil {
		t.Fatal(err)
	}
	rd.judgeResult(r, &fileJob{path: "clip.mov"}, verify.Result{Info: info, Sums: res.obs.Sums, At: res.obs.ReadTime()})
	if len(rd.batch) > 0 {
		t.Error("a result is believed although another change within the clock's step would not show")
	}
}

func TestASummaryIsAsGoodAsWhatItWasMadeFrom(t *testing.T) {
	for name, spoil := range map[string]func(s *shoot, c *Catalog){
		"another process found something and died": func(s *shoot, c *Catalog) {
			r := only(s.t, c)
			bad := resultOf(s.t, c, r, "clip.mov")
			bad.obs.Sums = []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0123456789abcdef"}}
			bad.obs.ReadAt++
			c.store.Record(s.t.Context(), map[store.Folder][]roll.Named{{FS: r.drive.fsID, Path: r.fsPath()}: {{Name: "clip.mov", Observation: bad.obs}}}, []int64{r.row()})
		},
		"another roll lies there": func(s *shoot, c *Catalog) {
			s.rename(someDay+"/A001R1AB", "old")
			if err := os.Mkdir(filepath.Join(s.dir, someDay, "A001R1AB"), 0o755); err != nil {
				s.t.Fatal(err)
			}
			s.write(someDay+"/A001R1AB/clip.mov", "garbage")
			s.rename("old/A001R1AB.mhl", someDay+"/A001R1AB/A001R1AB.mhl")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShoot(t)
			s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
			c := s.verified()
			c.saveSummaries(t.Context())
			spoil(s, c)
			if got := s.open().Rolls(Filter{})[0]; got.Known == RollVerified || got.Status != RollPending {
				t.Errorf("before the first look it is shown as %s, known as %s; want pending, and not known as verified", got.Status, got.Known)
			}
		})
	}
}

func TestSummariesAreKept(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.verified().Close()
	c := s.open()
	got := c.Rolls(Filter{})[0]
	if got.Known != RollVerified || got.Status != RollPending || got.VerifiedAt.IsZero() {
		t.Errorf("a drive that is known is shown as %s, known as %s, verified at %v; want pending, verified, a time", got.Status, got.Known, got.VerifiedAt)
	}
	if got.Counts.Pending != 1 || got.Counts.Verified != 0 {
		t.Errorf("got counts %+v of what was not looked at yet, want one pending file", got.Counts)
	}
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got != RollVerified {
		t.Errorf("once it was looked at it is shown as %s, want verified", got)
	}
}

func TestAStoppedRunClaimsNothing(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	s.verified().Close()
	s.write(path+"/clip.mov", "garbage")
	c := s.open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Verify(ctx, Filter{}, VerifyOptions{}); err == nil {
		t.Fatal("a stopped run ended without an error")
	}
	if got := c.Unfinished(Filter{}); len(got) != 1 {
		t.Errorf("got findings %v of a roll that was not looked at, want not-verified", got)
	}
}
