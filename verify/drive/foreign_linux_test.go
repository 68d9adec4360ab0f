package drive

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestForeign(t *testing.T) {
	dir := newVolume(t, "ext4", "FOREIGN").mount()
	write(t, filepath.Join(dir, "day/other/covered"), "x")
	write(t, filepath.Join(dir, "day/bound/covered"), "x")
	write(t, filepath.Join(dir, "day/z"), "x")
	d := open(t, dir)
	mountAt(t, "none", filepath.Join(dir, "day/other"), "tmpfs", 0)
	mountAt(t, filepath.Join(dir, "day"), filepath.Join(dir, "day/bound"), "", unix.MS_BIND)
	write(t, filepath.Join(dir, "day/other/strange"), "x")
	checkForeign := func(d *Drive) {
		t.Helper()
		for _, path := range []string{"day/other", "day/bound"} {
			if info, err := d.Stat(path); err != nil || info.Kind != Foreign {
				t.Errorf("Stat(%s) got %v, %v, want Foreign", path, info.Kind, err)
			}
			if _, err := d.ReadDir(path); !errors.Is(err, ErrForeign) {
				t.Errorf("ReadDir(%s) got %v, want ErrForeign", path, err)
			}
		}
		for _, path := range []string{"day/other/covered", "day/other/strange", "day/other", "day/bound/z"} {
			if _, _, err := d.OpenFile(path); !errors.Is(err, ErrForeign) {
				t.Errorf("OpenFile(%s) got %v, want ErrForeign", path, err)
			}
			if _, err := d.GetXattr(path, "user.x"); !errors.Is(err, ErrForeign) {
				t.Errorf("GetXattr(%s) got %v, want ErrForeign", path, err)
			}
		}
		want := []Entry{{Name: "bound", Kind: Foreign}, {Name: "other", Kind: Foreign}, {Name: "z", Kind: Regular}}
		got, err := d.ReadDir("day")
		for i := range got {
			got[i].Inode = 0
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ReadDir(day): %v\n%s", err, diff)
		}
		if diff := cmp.Diff([]string{"day/bound", "day/other", "day/z"}, walked(t, d, "day")); diff != "" {
			t.Errorf("Walk(day) -want +got:\n%s", diff)
		}
	}
	eventually(t, 2*time.Second, "mounts below an open drive noticed", func() bool {
		subs := d.subs.Load()
		return subs != nil && len(*subs) == 2
	})
	checkForeign(d)
	checkForeign(open(t, dir))
	unmounted(t, filepath.Join(dir, "day/other"))
	eventually(t, 2*time.Second, "the covered folder is back", func() bool {
		info, err := d.Stat("day/other/covered")
		return err == nil && info.Kind == Regular
	})
	// A folder above a mount point that is renamed takes it along.
	if err := os.Rename(filepath.Join(dir, "day"), filepath.Join(dir, "night")); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Second, "the renamed mount point", func() bool {
		info, err := d.Stat("night/bound")
		return err == nil && info.Kind == Foreign
	})
	unmounted(t, filepath.Join(dir, "night/bound"))
}
