package drive

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// sectorsWritten is how much was written to a volume's device since it was attached.
func sectorsWritten(t *testing.T, v *volume) string {
	t.Helper()
	run(t, "sync")
	stat, err := os.ReadFile("/sys/block/" + filepath.Base(v.device) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(stat))[6]
}

// exercise does to a drive all that can be done to it.
func exercise(t *testing.T, d *Drive) {
	t.Helper()
	err := d.Walk(context.Background(), ".", func(path string, info Info, err error) error {
		if err != nil {
			return err
		}
		if _, err := d.ListXattr(path); err != nil {
			return err
		}
		if info.Kind == Folder {
			_, err = d.ReadDir(path)
			return err
		}
		f, _, err := d.OpenFile(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if _, _, _, _, _, err := d.StatFS(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsWritten(t *testing.T) {
	v := newVolume(t, "ext4", "STRICT")
	dir := v.mount("strictatime")
	write(t, filepath.Join(dir, "day/roll/clip"), strings.Repeat("x", 100_000))
	write(t, filepath.Join(dir, "day/roll/empty/f"), "")
	time.Sleep(50 * time.Millisecond) // access times move on with the clock
	before := sectorsWritten(t, v)
	var old, now syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "day/roll/clip"), &old); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir)
	if d.AccessTimes() {
		t.Error("AccessTimes got true, want false for root on a local file system")
	}
	exercise(t, d)
	if after := sectorsWritten(t, v); after != before {
		t.Errorf("sectors written: %s before, %s after", before, after)
	}
	if err := syscall.Stat(filepath.Join(dir, "day/roll/clip"), &now); err != nil || now.Atim != old.Atim {
		t.Errorf("access time got %v (%v), want %v", now.Atim, err, old.Atim)
	}
	// The test can fail: the same through the drive's own mount moves the time.
	if _, err := os.ReadFile(filepath.Join(dir, "day/roll/clip")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Stat(filepath.Join(dir, "day/roll/clip"), &now); err != nil || now.Atim == old.Atim {
		t.Errorf("access time did not move by a reading through the mount: %v", err)
	}
}

// TestCloneKeepsOut sees that what a drive holds has no power in what is served of it.
func TestCloneKeepsOut(t *testing.T) {
	dir := newVolume(t, "ext4", "CLONE").mount()
	write(t, filepath.Join(dir, "f"), "x")
	d := open(t, dir)
	if !d.cloned {
		t.Fatal("no clone")
	}
	f, _, err := d.OpenFile("f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	const want = unix.ST_RDONLY | unix.ST_NOSUID | unix.ST_NODEV | unix.ST_NOEXEC | unix.ST_NOATIME
	if st.Flags&want != want {
		t.Errorf("flags got %#x, want %#x", st.Flags, want)
	}
}

func TestAccessTimesAsUser(t *testing.T) { asNobody(t, "TestAsNobodyAccessTimes") }

func TestAsNobodyAccessTimes(t *testing.T) {
	dir := nobodysFolder(t)
	write(t, filepath.Join(dir, "a/f"), "x")
	path := filepath.Join(dir, "a/f")
	if err := os.Chtimes(path, time.Unix(1e9, 0), time.Unix(2e9, 0)); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir)
	if d.AccessTimes() {
		t.Error("AccessTimes of one's own files got true")
	}
	exercise(t, d)
	if info, err := d.Stat("a/f"); err != nil || info.AccessTime != 1e18 {
		t.Errorf("access time got %v, %v, want it unmoved", info.AccessTime, err)
	}
	others := open(t, "/usr")
	if !others.AccessTimes() && !others.quiet {
		t.Error("AccessTimes of others' files got false")
	}
}
