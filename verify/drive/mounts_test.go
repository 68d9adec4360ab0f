package drive

import (
	"os"
	"path/filepath"
	"testing"
)

func TestUpon(t *testing.T) {
	table := parseMounts(`22 1 8:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /mnt ro - fuse.footagefs x ro,user_id=1000
41 22 0:52 / /copy ro - fuse.footagefs x ro,user_id=1000
42 41 0:52 /a /copy/a ro - fuse.footagefs x ro,user_id=1000
43 42 0:60 / /copy/a/b rw - tmpfs precious rw
44 22 0:61 / /mnt2 rw - tmpfs t rw
`)
	for id, want := range map[int]int{40: 0, 41: 43, 42: 43, 43: 0, 44: 0} {
		m, _ := findMount(table, id)
		if other, ok := Upon(table, m); other.ID != want || ok != (want != 0) {
			t.Errorf("on %s: got %d, want %d", m.Point, other.ID, want)
		}
	}
}

func TestOwner(t *testing.T) {
	for super, want := range map[string]int{"ro,user_id=1000,group_id=5": 1000, "rw": -1, "user_id=x": -1, "": -1} {
		uid, ok := mount{Super: super}.Owner()
		if ok != (want >= 0) || ok && uid != want {
			t.Errorf("%q: got %d, %v, want %d", super, uid, ok, want)
		}
	}
}

func TestReach(t *testing.T) {
	root, err := Reach("/")
	if err != nil {
		t.Fatal(err)
	}
	root.Close()
	if !root.Point || root.Mount.Point != "/" {
		t.Errorf("/: got %+v", root)
	}
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, link} { // the link itself, which lies in dir
		at, err := Reach(path)
		if err != nil {
			t.Fatal(err)
		}
		at.Close()
		if at.Point {
			t.Errorf("%s: got the mount point %s", path, at.Mount.Point)
		}
	}
	if at, err := Reach(filepath.Join(dir, "absent")); err == nil {
		t.Errorf("what is not there: got %+v", at.Mount)
	}
}
