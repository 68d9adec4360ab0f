package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMountOptions(t *testing.T) {
	n := func(v uint32) *uint32 { return &v }
	for _, tt := range []struct {
		in   []string
		want mountOptions
	}{
		{nil, mountOptions{}},
		{[]string{""}, mountOptions{}},
		{[]string{"ro,nosuid,nodev,noatime,nofail,_netdev,user,x-systemd.automount,X-other,comment=x"}, mountOptions{noFail: true}},
		{[]string{"rw"}, mountOptions{notes: []string{"mount option rw: the mount stays read-only"}}},
		{[]string{"noverify,recheck", "noxattr,verified_only,allow_other,daemon"},
			mountOptions{noVerify: true, recheck: true, noXattr: true, verifiedOnly: true, allowOther: true, daemon: true}},
		{[]string{"readers=4,limit=12.5"}, mountOptions{readers: 4, limit: 12_500_000}},
		{[]string{"uid=1000,gid=0,umask=022"}, mountOptions{uid: n(1000), gid: n(0), umask: n(0o22)}},
		{[]string{`catalog=/a\,b/c.db,profile=Netflix Recommended`}, mountOptions{catalog: "/a,b/c.db", profile: "Netflix Recommended"}},
		{[]string{`volname="Show, Season 2",log=/l`}, mountOptions{volname: "Show, Season 2", log: "/l"}},
		{[]string{"catalog=/a=b"}, mountOptions{catalog: "/a=b"}},
		{[]string{"catalog=/a,catalog=/b"}, mountOptions{catalog: "/b"}},
	} {
		got, err := parseMountOptions(tt.in, false)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(mountOptions{})); d != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.in, d)
		}
	}
}

func TestParseMountOptionsRefuses(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"nofial", "nofial"},
		{"noverify=1", "noverify"},
		{"catalog", "catalog"},
		{"catalog=", "catalog"},
		{"readers=0", "readers"},
		{"readers=x", "readers"},
		{"readers=100000", "readers"},
		{"limit=0", "limit"},
		{"limit=-1", "limit"},
		{"limit=NaN", "limit"},
		{"limit=Inf", "limit"},
		{"uid=root", "uid"},
		{"uid=-1", "uid"},
		{"umask=9", "umask"},
		{"umask=1777", "umask"},
		{"allow_other,allow_root", "allow_root"},
	} {
		_, err := parseMountOptions([]string{tt.in}, false)
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want a usage error that names %s", tt.in, err, tt.want)
		}
	}
}

func TestSloppyOptions(t *testing.T) {
	o, err := parseMountOptions([]string{"frobnicate=3,noverify"}, true)
	if err != nil || !o.noVerify || len(o.notes) != 1 || !strings.Contains(o.notes[0], "frobnicate") {
		t.Errorf("got %+v, %v", o, err)
	}
}

// What a process in the background is told must be what its parent understood.
func TestOptionsRoundTrip(t *testing.T) {
	for _, in := range []string{
		"daemon",
		`catalog=/a\,b\\c.db,profile="x,y",log=/var/log/f,volname=Tag "1",readers=3,limit=0.000001,uid=0,gid=12,umask=0,` +
			"noverify,recheck,noxattr,verified_only,allow_root,daemon",
		"limit=12.345678",
	} {
		want, err := parseMountOptions([]string{in}, false)
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		again := joinOptions(want.list())
		got, err := parseMountOptions([]string{again}, false)
		if err != nil {
			t.Fatalf("%q: %v", again, err)
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(mountOptions{})); d != "" {
			t.Errorf("%q became %q (-want +got)\n%s", in, again, d)
		}
	}
}

func FuzzSplitOptions(f *testing.F) {
	for _, s := range []string{"", "a,b", `a\,b,c`, `"a,b",c`, `\`, `"`, `a=\\,b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first := splitOptions(s)
		again := splitOptions(joinOptions(first))
		if d := cmp.Diff(first, again); d != "" {
			t.Errorf("%q (-first +again)\n%s", s, d)
		}
	})
}

func TestAsHelper(t *testing.T) {
	isCommand := func(s string) bool { return s == "mount" || s == "report" }
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		is   bool
		want helperCall
	}{
		{[]string{"footagefs", "mount", "/d", "/m", "-o", "rw"}, false, helperCall{}},
		{[]string{"footagefs", "report", "/d"}, false, helperCall{}},
		{[]string{"footagefs", "mount", "/d"}, false, helperCall{}},
		{[]string{"footagefs", "muont", "/d", "-o", "rw"}, false, helperCall{}},
		{[]string{"footagefs", "/d", "/m", "--help"}, false, helperCall{}},
		{[]string{"footagefs", "/d", "/m"}, true, helperCall{operands: []string{"/d", "/m"}}},
		{[]string{"/usr/bin/footagefs", "/d", "/m", "-o", "rw,noverify"}, true,
			helperCall{operands: []string{"/d", "/m"}, options: []string{"rw,noverify"}}},
		{[]string{"footagefs", dir, "/m", "-orw"}, true, helperCall{operands: []string{dir, "/m"}, options: []string{"rw"}}},
		{[]string{"/sbin/mount.footagefs", "/d", "/m", "-sfnv", "-o", "a,b", "-o", "c"}, true,
			helperCall{operands: []string{"/d", "/m"}, options: []string{"a,b", "c"}, sloppy: true, fake: true, verbose: true}},
		{[]string{"mount.fuse.footagefs", "-n", "/d", "/m", "-N", "/proc/1/ns/mnt", "-t", "fuse.footagefs"}, true,
			helperCall{operands: []string{"/d", "/m"}, namespace: "/proc/1/ns/mnt"}},
		{[]string{"mount.footagefs", "-vo", "rw", "--", "-d", "/m"}, true,
			helperCall{operands: []string{"-d", "/m"}, options: []string{"rw"}, verbose: true}},
	} {
		got, is, err := asHelper(tt.args, isCommand)
		if err != nil || is != tt.is {
			t.Errorf("%q: got %v, %v, want %v", tt.args, is, err, tt.is)
			continue
		}
		if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(helperCall{})); is && d != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.args, d)
		}
	}
	for _, args := range [][]string{
		{"mount.footagefs", "/d"}, {"mount.footagefs", "/d", "/m", "/n"}, {"mount.footagefs", "/d", "/m", "-o"}, {"mount.footagefs", "/d", "/m", "-x"},
	} {
		if _, is, err := asHelper(args, isCommand); !is || exitStatus(err) != exitUsage {
			t.Errorf("%q: got %v, %v, want a usage error", args, is, err)
		}
	}
}
