package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/profile"
	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// Known rolls in a folder that cannot be read are found all the same, as what they are by
// the names above them.
func TestKnownRollsInUnreadableFolders(t *testing.T) {
	const day = "20230510_EP103_Day05_MU"
	s := newShoot(t)
	for _, path := range []string{
		day + "/Camera_Media/A001", day + "/Camera_Media/ALEXA/B001", day + "/Sound_Media/S001", "Show/20230511/Camera_Media/C001",
	} {
		s.write(path+"/x.mxf", "x")
	}
	c := s.open()
	ds := c.driveStates()[0]
	prefixed := func(paths ...string) (known []store.Roll) {
		for _, path := range paths {
			known = append(known, store.Roll{Path: drive.Join(ds.fs.Prefix, path), Inode: 7})
		}
		return known
	}
	all := prefixed(day+"/Camera_Media/A001", day+"/Camera_Media/ALEXA", day+"/Camera_Media/ALEXA/B001", day+"/Sound_Media/S001",
		"Show/20230511/Camera_Media/C001", ".Trash-1000/20230511/Camera_Media/D001", day+"/Camera_Media/WENT", "Show/Other/E001")
	all = append(all, store.Roll{Path: drive.Join(ds.fs.Prefix, day+"/Camera_Media/GONE"), Gone: true})
	refused := &syscallError{syscall.EIO}
	const a, b, snd, show = "camera 20230510 " + day + "/Camera_Media/A001", "camera 20230510 " + day + "/Camera_Media/ALEXA/B001",
		"sound 20230510 " + day + "/Sound_Media/S001", "camera 20230511 Show/20230511/Camera_Media/C001"
	for _, test := range []struct {
		name   string
		unread []string
		found  []structure.Roll
		want   []string
	}{
		{"a day folder", []string{day}, nil, []string{"day " + day, a, b, snd}},
		{"an asset type folder", []string{day + "/Sound_Media"}, nil, []string{"day " + day, snd}},
		{"a folder above", []string{"Show"}, nil, []string{"day Show/20230511", show}},
		{"the drive", []string{"."}, nil, []string{"day Show/20230511", "day " + day, a, b, show, snd}},
		{"a level that was taken for a roll", []string{day + "/Camera_Media/ALEXA"}, []structure.Roll{{Path: day + "/Camera_Media/ALEXA", Type: Camera, Date: "20230510"}},
			[]string{"day " + day, b, "unreadable " + day + "/Camera_Media/ALEXA"}},
		{"a roll", []string{day + "/Camera_Media/A001"}, []structure.Roll{{Path: day + "/Camera_Media/A001", Type: Camera, Date: "20230510"}}, []string{a}},
		{"another folder", []string{day + "/Reports"}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := &structure.Structure{Rolls: test.found, Unread: map[string]error{}}
			for _, path := range test.unread {
				found.Unread[path] = refused
			}
			c.recall(ds, found, all)
			var got []string
			for _, d := range found.Days {
				got = append(got, "day "+d.Path)
			}
			for _, r := range found.Rolls {
				got = append(got, string(r.Type)+" "+r.Date+" "+r.Path)
			}
			for _, f := range found.Findings {
				got = append(got, string(f.Code)+" "+f.Path)
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, r := range found.Rolls {
				if d := r.DayFolder; r.Inode == 7 && (d != day && d != "Show/20230511" || r.Name != r.Path[len(r.Path)-4:]) {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
}

type syscallError struct{ errno syscall.Errno }

func (e *syscallError) Error() string { return e.errno.Error() }
func (e *syscallError) Unwrap() error { return e.errno }

// Litter that cannot be read is nothing, unless a manifest lists something in it.
func TestUnreadableLitter(t *testing.T) {
	items := []mhl.Item{{Path: "@eaDir/listed"}, {Path: "Clips/a"}, {Path: "Clips/lost+found.x"}, {Path: "lost+found/x/y"}}
	c := &contents{unreadable: map[string]unread{}}
	for _, path := range []string{".", "Clips", ".Trashes", "Clips/@eaDir", "@eaDir", "lost+found", ".DS_Store", "a/.snapshot/deep", "Trash"} {
		c.unreadable[path] = unread{drive.Folder, syscall.EACCES}
	}
	p, err := profile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c.overlook(p, items)
	var got []string
	for path := range c.unreadable {
		got = append(got, path)
	}
	slices.Sort(got)
	if want := []string{".", "@eaDir", "Clips", "Trash", "lost+found"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Manifests in litter are no manifests of the roll: somebody threw them away.
func TestManifestsInLitter(t *testing.T) {
	s := newShoot(t)
	s.write(someDay+"/A001/#recycle/old.mhl", "x")
	s.write(someDay+"/A001/x.mxf", "x")
	c := s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range c.Findings(Filter{}) {
		got = append(got, string(f.Code))
	}
	if want := []string{"no-manifest"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// One bad folder is one finding, however many rolls lie in it or are judged by what lies above.
func TestUnreadableIsSaidOnce(t *testing.T) {
	said := unreadPlaces{{Drive: 1, Path: "20230510"}: true}
	for _, test := range []struct {
		roll, path string
		drive      DriveID
		code       finding.Code
		want       bool
	}{
		{"20230510/Camera_Media/A001", "20230510/Camera_Media/A001", 1, "unreadable", true},
		{"20230510/Camera_Media/A001", "20230510/Camera_Media/A001/Clips", 1, "unreadable", true},
		{"20230510/Camera_Media/A001", "20230510/Camera_Media/A001", 2, "unreadable", false},
		{"20230510/Camera_Media/A001", "20230510/Camera_Media/A001", 1, "no-manifest", false},
		{"20230511/Camera_Media/A001", "20230511/Camera_Media/A001", 1, "unreadable", false},
		{"20230511/Camera_Media/A001", "20230511/Camera_Media/A001", 1, "unreadable", false}, // its own, said of it alone
		{"20230511/Camera_Media/A001", "20230511/all.mhl", 1, "unreadable", false},
		{"20230511/Camera_Media/A002", "20230511/all.mhl", 1, "unreadable", true},
	} {
		if got := said.again(test.roll, &Finding{Drive: test.drive, Finding: finding.Finding{Path: test.path, Code: test.code}}); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

// A want of descriptors of our own is waited for, and is nothing that the drive did.
func TestAShortageOfOurOwn(t *testing.T) {
	tries := 0
	err := withPatience(t.Context(), func() error {
		if tries++; tries < 3 {
			return fmt.Errorf("listing: %w", syscall.EMFILE)
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("got %v after %d tries", err, tries)
	}
	tries = 0
	err = withPatience(t.Context(), func() error { tries++; return syscall.EIO })
	if !errors.Is(err, syscall.EIO) || tries != 1 {
		t.Errorf("got %v after %d tries, want the drive's error at once", err, tries)
	}
	called, cancel := context.WithCancel(t.Context())
	cancel()
	tries = 0
	if err := withPatience(called, func() error { tries++; return syscall.ENFILE }); err == nil || tries != 1 {
		t.Errorf("got %v after %d tries, want no wait once it is called off", err, tries)
	}
}

func TestAFileThatWasNotReadForAShortage(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"a.mxf": "a"})
	s.settle()
	c := s.open()
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	r := only(t, c)
	rd := c.newReading(r.drive, Filter{}, VerifyOptions{}, true)
	for _, err := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		file := &fileJob{path: "a.mxf"}
		if rd.judgeResult(r, file, verify.Result{Err: fmt.Errorf("opening: %w", err)}) || len(rd.batch) != 0 {
			t.Errorf("%v: it was stored", err)
		}
	}
	if e := r.inv.find("a.mxf"); e.hold == "" {
		t.Error("it was not held back")
	}
}

// A look that did not end shows no verdict from before, and says why.
func TestARollThatCouldNotBeLookedAt(t *testing.T) {
	s := newShoot(t)
	s.roll("A001R1AB", map[string]string{"a.mxf": "a"})
	c := s.verified()
	r := only(t, c)
	r.beginLook(c.now())
	if !r.giveUpLook(syscall.EMFILE, c.now()) {
		t.Error("it is shown otherwise, and that is not said")
	}
	c.bump()
	if got := statuses(c)["A001R1AB"]; got != RollPending {
		t.Errorf("got %s, want pending", got)
	}
	if got := c.Findings(Filter{}); len(got) != 1 || got[0].Code != "unreadable" || got[0].Severity != Error {
		t.Errorf("got %+v, want that it could not be looked at", got)
	}
	if got := c.Unfinished(Filter{}); len(got) != 0 {
		t.Errorf("got %+v, want nothing said twice", got)
	}
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	if got := statuses(c)["A001R1AB"]; got != RollVerified || len(c.Findings(Filter{})) != 0 {
		t.Errorf("looked at again: got %s and %+v, want verified", got, c.Findings(Filter{}))
	}
}
