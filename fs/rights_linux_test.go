package fs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

func TestClosed(t *testing.T) {
	day := "20230510_Day05"
	c := &closed{drive: 1, inside: map[string]drive.Access{
		day: of(alice, editors, 0o700), "20230511/Camera_Media": of(root, editors, 0o711), "20230512/Camera_Media/A001": of(root, wheel, 0o750)},
		holds: map[string]bool{".": true, "20230511": true, "20230512": true, "20230512/Camera_Media": true}}
	for _, tt := range []struct {
		path       string
		open       bool
		pass, list int
	}{
		{"20230509/Camera_Media/A001", true, 0, 0},
		{day + "/Camera_Media/A001", false, 1, 1},
		{"20230511/Camera_Media/A001", false, 0, 1}, // who knows its name may look at it
		{"20230512/Camera_Media/A001", false, 0, 0}, // its name is no secret
		{"20230512/Camera_Media/A002", true, 0, 0},
		{"20230512", false, 0, 0},
		{".", false, 0, 0},
	} {
		var pass, list gates
		c.pass(&pass, tt.path)
		c.pass(&pass, tt.path) // a gate counts once
		c.list(&list, tt.path)
		if open := c.open(tt.path); open != tt.open || len(pass.list) != tt.pass || len(list.list) != tt.list {
			t.Errorf("%s: open %v, %d gates to it, %d before its name; want %v, %d, %d",
				tt.path, open, len(pass.list), len(list.list), tt.open, tt.pass, tt.list)
		}
	}
	above := &closed{above: []drive.Access{of(alice, editors, 0o700)}}
	var pass gates
	if above.pass(&pass, "."); len(pass.list) != 1 || above.open("20230509") {
		t.Error("what is closed above a drive is open on it")
	}
}

func TestAdmits(t *testing.T) {
	f := &fileSystem{uid: carol}
	attr := func(mode uint32) *fuse.Attr {
		return &fuse.Attr{Mode: fuse.S_IFDIR | mode, Owner: fuse.Owner{Uid: alice, Gid: editors}}
	}
	none := uint32(1) << 31 // no process has this number
	for _, tt := range []struct {
		name     string
		uid, gid uint32
		pid      uint32
		mode     uint32
		want     bool
	}{
		{"root", root, wheel, none, 0, true},
		{"the mount's owner", carol, 1, none, 0, true},
		{"the owner", alice, 1, none, 0o500, true},
		{"the owner, who may not", alice, 1, none, 0o055, false},
		{"in the group", bob, editors, none, 0o550, true},
		{"in the group, which may not", bob, editors, none, 0o505, false},
		{"another", bob, 1, uint32(os.Getpid()), 0o550, false},
		{"another, who may", bob, 1, uint32(os.Getpid()), 0o505, true},
		{"another where nobody else may", bob, editors, none, 0o500, false},
		{"another of whom nothing is known", bob, 1, none, 0o550, true}, // the kernel decides
	} {
		asks := &fuse.Caller{Owner: fuse.Owner{Uid: tt.uid, Gid: tt.gid}, Pid: tt.pid}
		if got := f.admits(asks, attr(tt.mode)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A roll that was not there at the last look is looked at before anybody hears of it; what
// was looked at a moment ago is not looked at again; a drive that is away is as it was.
func TestRightsAreKept(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	f, cat := asked(t, dir)
	for at := dir; at != os.TempDir(); at = filepath.Dir(at) {
		must(t, os.Chmod(at, 0o755))
	}
	now := time.Now()
	r := newRights(Options{AllowOther: true}, &f.hung, func() time.Time { return now })
	id := cat.Drives()[0].ID
	view := func() *view { return f.views.get() }
	if c := r.of(view(), id); !c.empty() {
		t.Fatalf("closed: %+v", c)
	}
	day := "20230510_EP103_Day05_MU"
	must(t, os.Chmod(filepath.Join(dir, day), 0o700))
	if c := r.of(view(), id); !c.empty() {
		t.Errorf("looked again at once: %+v", c)
	}
	now = now.Add(lookAgain)
	if c := r.of(view(), id); c.empty() || c.open(day+"/Sound_Media/S005") {
		t.Errorf("after %s: %+v", lookAgain, c)
	}
	more := map[string]bool{"Secret": true}
	must(t, os.Mkdir(filepath.Join(dir, "Secret"), 0o711))
	if c := r.ofMore(view(), id, more); c.open("Secret") {
		t.Errorf("a folder that is new to it: %+v", c)
	}
	must(t, os.Chmod(filepath.Join(dir, day), 0o755))
	cat.Drives()[0].Handle.Release()
	now = now.Add(time.Minute)
	if c := r.of(view(), id); c.open(day) {
		t.Errorf("a drive that is away: %+v", c)
	}
	if c := r.of(&viewOfNothing, catalog.DriveID(99)); c.open("any") {
		t.Errorf("a drive that was never here: %+v", c)
	}
}

var viewOfNothing = view{layout: tree.New(nil, nil, nil, false)}
