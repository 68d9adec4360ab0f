package fs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
)

// The value that follows a size is the one of that size, whatever happened between; every
// other question is answered by a look of its own, however soon it comes.
func TestVerdictAfterChange(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	f, cat := asked(t, dir)
	if err := cat.Verify(t.Context(), catalog.Filter{}, catalog.VerifyOptions{}); err != nil {
		t.Fatal(err)
	}
	in := &fuse.InHeader{NodeId: walk(t, f, sampleClip)}
	room := make([]byte, 100)
	ask := func(dest []byte) string {
		n, code := f.GetXAttr(nil, in, xattrPrefix+"footagefs.status", dest)
		if len(dest) == 0 && code == fuse.ERANGE {
			return string(room[:n])
		}
		if code != fuse.OK {
			t.Fatal(code)
		}
		return string(dest[:n])
	}
	if got := ask(room); got != "verified" {
		t.Fatalf("got %q, want verified", got)
	}
	n, _ := f.GetXAttr(nil, in, xattrPrefix+"footagefs.status", nil)
	clip := filepath.Join(dir, "20230510_EP103_Day05_MU/Camera_Media/A001R1AB/A001C001_230510_R1AB.mxf")
	must(t, os.WriteFile(clip, []byte("short"), 0o644))
	if got := ask(room); int(n) != len("verified") || got != "verified" && got != "mismatch" {
		t.Errorf("got a size of %d and then %q", n, got)
	}
	for range 3 { // at once
		if got := ask(room); got != "mismatch" {
			t.Errorf("after a change: got %q, want mismatch", got)
		}
	}
	must(t, os.WriteFile(clip, []byte("other"), 0o644))
	if n, _ := f.GetXAttr(nil, in, xattrPrefix+"footagefs.status", nil); int(n) != len("mismatch") {
		t.Errorf("got a size of %d, want that of mismatch", n)
	}
}
