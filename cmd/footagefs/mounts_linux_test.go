package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const someMounts = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 0:40 / /media/A\040B rw,nosuid shared:3 master:1 - exfat /dev/sda1 rw
41 22 0:52 / /home/u/footage ro,nosuid,nodev - fuse.footagefs /media/A\040B ro,user_id=1000,group_id=1000
42 22 0:52 /Footage\040Library /srv/lib ro - fuse.footagefs /media/A\040B ro,user_id=1000,group_id=1000
43 41 0:60 / /home/u/footage ro - fuse.footagefs x ro,user_id=0
44 22 0:61 / /home/u/nameless ro - fuse.footagefs  ro,user_id=1000,group_id=1000
45 22 0:62 / /home/u/odd ro - fuse.footagefs x,user_id=0 ro,user_id=all
not a line
44 22 0:61 / /x
`

func TestParseMountInfo(t *testing.T) {
	want := []mountEntry{
		{"/", "/", "254:0", "ext4", noOwner},
		{"/media/A B", "/", "0:40", "exfat", noOwner},
		{"/home/u/footage", "/", "0:52", "fuse.footagefs", 1000},
		{"/srv/lib", "/Footage Library", "0:52", "fuse.footagefs", 1000},
		{"/home/u/footage", "/", "0:60", "fuse.footagefs", 0},
		{"/home/u/nameless", "/", "0:61", "fuse.footagefs", 1000}, // its user gave it an empty source
		{"/home/u/odd", "/", "0:62", "fuse.footagefs", noOwner},
	}
	if d := cmp.Diff(want, parseMountInfo(someMounts), cmp.AllowUnexported(mountEntry{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestMountOf(t *testing.T) {
	mounts := parseMountInfo(someMounts)
	for path, device := range map[string]string{
		"/":                        "254:0",
		"/home/u":                  "254:0",
		"/home/u/footage":          "0:60",
		"/home/u/footage/x":        "0:60",
		"/home/u/footage2":         "254:0",
		"/media/A B/20230510":      "0:40",
		"/srv/lib/Camera Rolls/20": "0:52",
	} {
		if m, ok := mountOf(mounts, path); !ok || m.device != device {
			t.Errorf("%s: got %+v, want device %s", path, m, device)
		}
	}
	bound, _ := mountOf(mounts, "/srv/lib")
	if got := wholeTree(mounts, bound).point; got != "/home/u/footage" {
		t.Errorf("the whole tree is at %s", got)
	}
}

func FuzzParseMountInfo(f *testing.F) {
	f.Add(someMounts)
	f.Add(`1 2 3:4 \ \04 a - b c d`)
	f.Fuzz(func(t *testing.T, s string) { parseMountInfo(s) })
}
