package control

import "testing"

func someMounts() []mountEntry {
	return []mountEntry{
		{22, 1, "/", "/", "254:0", "ext4", NoOwner},
		{40, 22, "/media/A B", "/", "0:40", "exfat", NoOwner},
		{41, 22, "/home/u/footage", "/", "0:52", "fuse.footagefs", 1000},
		{42, 22, "/srv/lib", "/Footage Library", "0:52", "fuse.footagefs", 1000},
		{43, 41, "/home/u/footage", "/", "0:60", "fuse.footagefs", 0},
		{50, 51, "/srv/moved", "/", "0:61", "fuse.footagefs", 0}, // moved onto a newer one
		{51, 22, "/srv/moved", "/", "0:62", "tmpfs", NoOwner},
	}
}

func TestMountOf(t *testing.T) {
	mounts := someMounts()
	for path, device := range map[string]string{
		"/":                        "254:0",
		"/home/u":                  "254:0",
		"/home/u/footage":          "0:60",
		"/home/u/footage/x":        "0:60",
		"/home/u/footage2":         "254:0",
		"/media/A B/20230510":      "0:40",
		"/srv/lib/Camera Rolls/20": "0:52",
		"/srv/moved/20230510":      "0:61",
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
