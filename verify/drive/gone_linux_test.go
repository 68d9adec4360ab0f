package drive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// busy is true while a file system on the device is alive: nobody else may have it alone.
func busy(device string) bool {
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err != nil {
		return true
	}
	unix.Close(fd)
	return false
}

// checkGone sees that every call answers ErrGone, and no errno that says something of a file.
func checkGone(t *testing.T, d *Drive) {
	t.Helper()
	if !d.Gone() {
		t.Error("Gone got false")
	}
	calls := map[string]func() error{
		"Stat":      func() error { _, err := d.Stat("a/clip"); return err },
		"Stat .":    func() error { _, err := d.Stat("."); return err },
		"ReadDir":   func() error { _, err := d.ReadDir("a"); return err },
		"OpenFile":  func() error { _, _, err := d.OpenFile("a/clip"); return err },
		"OpenDir":   func() error { _, err := d.OpenDir("a"); return err },
		"ListXattr": func() error { _, err := d.ListXattr("a/clip"); return err },
		"GetXattr":  func() error { _, err := d.GetXattr("a/clip", "user.x"); return err },
		"StatFS":    func() error { _, _, _, _, _, err := d.StatFS(); return err },
		"Walk": func() error {
			return d.Walk(context.Background(), ".", func(string, Info, error) error { return nil })
		},
		"Watch": func() error { return d.Watch(context.Background(), func(bool, bool) {}, func(Change) {}) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrGone) || errors.Is(err, syscall.ENOENT) {
			t.Errorf("%s got %v, want ErrGone", name, err)
		}
	}
	d.Release() // as often as one likes
}

func TestRelease(t *testing.T) {
	v := newVolume(t, "ext4", "RELEASE")
	dir := v.mount()
	write(t, filepath.Join(dir, "a/clip"), "x")
	d := open(t, dir)
	folder, err := d.OpenDir("a")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := folder.Stat("clip"); err != nil || info.Size != 1 {
		t.Errorf("Stat in a folder got %+v, %v", info, err)
	}
	d.Release()
	checkGone(t, d)
	if _, err := folder.Stat("clip"); !errors.Is(err, ErrGone) {
		t.Errorf("Stat in a folder of a released drive got %v, want ErrGone", err)
	}
	folder.Close()
	folder.Close()
	unmounted(t, dir)
	if busy(v.device) {
		t.Error("the device is busy after release and umount")
	}
}

// TestDeviceLost takes the medium away below a mounted file system.
func TestDeviceLost(t *testing.T) {
	v := newVolume(t, "ext4", "LOST")
	dir := v.mount()
	write(t, filepath.Join(dir, "a/clip"), "x")
	d := open(t, dir)
	if _, err := d.Stat("a/missing"); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a missing file of a drive that is here: got %v, want ENOENT", err)
	}
	if err := os.Truncate(v.image, 0); err != nil {
		t.Fatal(err)
	}
	run(t, "losetup", "-c", v.device)
	if _, err := d.Stat("a/missing"); !errors.Is(err, ErrGone) || errors.Is(err, syscall.ENOENT) {
		t.Errorf("a missing file of a drive that is away: got %v, want ErrGone", err)
	}
	checkGone(t, d)
}

func TestDeviceLostIsNoticed(t *testing.T) {
	v := newVolume(t, "ext4", "LOST")
	d := open(t, v.mount())
	if err := os.Truncate(v.image, 0); err != nil {
		t.Fatal(err)
	}
	run(t, "losetup", "-c", v.device)
	select {
	case <-d.GoneC():
	case <-time.After(3 * time.Second):
		t.Error("a device without a medium was not noticed")
	}
}

// TestDeadDriver kills the driver of a FUSE file system.
func TestDeadDriver(t *testing.T) {
	v := newVolume(t, "exfat", "DEAD")
	dir := v.mount()
	write(t, filepath.Join(dir, "a/clip"), "x")
	d := open(t, dir)
	pids := strings.Fields(run(t, "pgrep", "-f", "mount.exfat-fuse.*"+v.device+" "+dir))
	for _, pid := range pids {
		run(t, "kill", "-9", pid)
	}
	eventually(t, 2*time.Second, "every call says that the drive is gone", func() bool {
		_, err := d.Stat("a/clip")
		return errors.Is(err, ErrGone)
	})
	checkGone(t, d)
}

// TestReleaseWhileUsed sees under the race detector, and by inodes, that no call uses a
// descriptor that was closed and given to another file meanwhile.
func TestReleaseWhileUsed(t *testing.T) {
	dir := tree(t, map[string]string{"a/b/clip": "x", "a/c/clip": "y"})
	for range 50 {
		d := open(t, dir)
		want, err := d.Stat("a/b/clip")
		if err != nil {
			t.Fatal(err)
		}
		var users sync.WaitGroup
		for range 4 {
			users.Go(func() {
				for {
					got, err := d.Stat("a/b/clip")
					if errors.Is(err, ErrGone) {
						return
					}
					if err != nil || got != want {
						t.Errorf("Stat got %+v, %v, want %+v", got, err, want)
						return
					}
					if _, err := d.ReadDir("a"); err != nil && !errors.Is(err, ErrGone) {
						t.Errorf("ReadDir: %v", err)
					}
				}
			})
		}
		users.Go(func() { // takes the numbers of closed descriptors
			for !d.Gone() {
				if f, err := os.Open(os.DevNull); err == nil {
					f.Close()
				}
			}
		})
		time.Sleep(time.Millisecond)
		users.Go(d.Release)
		d.Release()
		users.Wait()
		d.Close()
	}
}
