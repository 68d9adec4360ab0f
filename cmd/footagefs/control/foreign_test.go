package control

import (
	"os"
	"path/filepath"
	"testing"
)

// Links in another user's mount lead where he likes; those in one's own are followed.
func TestLinksOfAnotherUsersMount(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	point := filepath.Join(dir, "mnt")
	for _, folder := range []string{filepath.Join(point, "Drives"), filepath.Join(dir, "secret", "roll")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"out": "../secret", "in": "Drives", "Drives/far": filepath.Join(dir, "secret")} {
		if err := os.Symlink(target, filepath.Join(point, link)); err != nil {
			t.Fatal(err)
		}
	}
	for owner, foreign := range map[int]bool{os.Geteuid(): false, os.Geteuid() + 1: true, NoOwner: true} {
		mounts := []mountEntry{
			{point: "/", root: "/", device: "1:1", kind: "ext4", owner: NoOwner},
			{point: point, root: "/", device: "0:9", kind: "fuse.footagefs", owner: owner},
		}
		for path, leaves := range map[string]bool{
			"mnt": false, "mnt/in": false, "mnt/Drives": false, "secret": false,
			"mnt/out": true, "mnt/out/roll": true, "mnt/Drives/far/roll": true,
		} {
			path = filepath.Join(dir, path)
			real, err := RealPath(path)
			if err != nil {
				t.Fatal(err)
			}
			end, _ := mountOf(mounts, real)
			if _, got := leadsThrough(mounts, path, end); got != (leaves && foreign) {
				t.Errorf("owner %d, %s: got %v, want %v", owner, path, got, leaves && foreign)
			}
		}
	}
}
