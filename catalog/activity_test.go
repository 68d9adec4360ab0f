package catalog

import "testing"

func TestAFileThatWasNotStartedMayEnd(t *testing.T) {
	var a activity
	ds := &driveState{name: "SHUTTLE01"}
	a.finish(ds, "clip.mov", false)
	a.start(ds, "clip.mov")
	a.start(ds, "clip.mov")
	a.finish(ds, "clip.mov", true)
	if got, _ := a.now(); len(got) != 1 {
		t.Errorf("got %q, want the file that is still being read", got)
	}
	a.finish(ds, "clip.mov", true)
	if got, _ := a.now(); len(got) != 0 {
		t.Errorf("got %q, want nothing", got)
	}
}
