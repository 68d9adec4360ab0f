package drive

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAccessOfFiles reads lists from a drive by path and by folder, by the newer call of the
// kernel and by the older one.
func TestAccessOfFiles(t *testing.T) {
	needRoot(t)
	if _, err := exec.LookPath("setfacl"); err != nil {
		t.Skip("setfacl is not installed")
	}
	dir := newVolume(t, "xfs", "LISTS").mount()
	write(t, filepath.Join(dir, "day/clip"), "1")
	write(t, filepath.Join(dir, "day/plain"), "1")
	write(t, filepath.Join(dir, "day/many"), "1")
	run(t, "setfacl", "-m", "u:12:rw,u:13:-,m::r", filepath.Join(dir, "day/clip"))
	run(t, "setfacl", "-m", "g:14:rx", filepath.Join(dir, "day"))
	run(t, "setfacl", "-m", "u:12:-", dir)
	var many []string // more than the first buffer holds
	for range 200 {
		many = append(many, "u:"+strconv.Itoa(5000+len(many))+":r")
	}
	run(t, "setfacl", "-m", strings.Join(many, ","), filepath.Join(dir, "day/many"))
	d := open(t, dir)
	for _, old := range []bool{false, true} {
		noGetxattrat.Store(old)
		for path, want := range map[string]Access{
			".":         {Owner: 7, Group: 5, Other: 5, Users: []Named{{12, 0}}},
			"day":       {Owner: 7, Group: 5, Other: 5, Groups: []Named{{14, 5}}},
			"day/clip":  {Owner: 6, Group: 4, Other: 4, Users: []Named{{12, 4}, {13, 0}}},
			"day/plain": {Owner: 6, Group: 4, Other: 4},
		} {
			info, err := d.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, d.Access(path, &info)); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
		}
		folder, err := d.OpenDir("day")
		if err != nil {
			t.Fatal(err)
		}
		info, err := folder.Stat("many")
		if err != nil {
			t.Fatal(err)
		}
		if got := folder.Access("many", &info); len(got.Users) != len(many) || got.Other != 4 {
			t.Errorf("a long list: got %d users, others %d", len(got.Users), got.Other)
		}
		folder.Close()
	}
	noGetxattrat.Store(false)
}

// TestAbove sees what is above a drive, also where it was given by way of a link.
func TestAbove(t *testing.T) {
	dir := t.TempDir()
	closed := filepath.Join(dir, "home/alice")
	write(t, filepath.Join(closed, "usb/f"), "")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(closed, "usb"), link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o710); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{link, filepath.Join(closed, "usb")} {
		above := open(t, at).Above()
		if got := above[0]; got.Owner != 7 || got.Group != 1 || got.Other != 0 {
			t.Errorf("%s: above it is %+v", at, got)
		}
		if want := strings.Count(closed, "/") + 1; len(above) != want { // and "/"
			t.Errorf("%s: got %d folders above, want %d", at, len(above), want)
		}
	}
}
