package drive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// kinds are the file systems that drives have, one of them driven in user space.
var kinds = []string{"ext4", "xfs", "exfat"}

// heldOf are this process's descriptors that are of the file system mounted at dir, whichever
// mount they are of.
func heldOf(t *testing.T, dir string) []string {
	t.Helper()
	var drive unix.Stat_t
	if err := unix.Stat(dir, &drive); err != nil {
		t.Fatal(err)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var held []string
	for _, fd := range fds {
		n, err := strconv.Atoi(fd.Name())
		if err != nil {
			t.Fatal(err)
		}
		var st unix.Stat_t
		if unix.Fstat(n, &st) == nil && st.Dev == drive.Dev {
			link, _ := os.Readlink("/proc/self/fd/" + fd.Name())
			held = append(held, link)
		}
	}
	return held
}

// TestIdle sees that nothing of a drive is held once nobody uses it, whatever was done
// before and though it is watched.
func TestIdle(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			v := newVolume(t, kind, "IDLE")
			dir := v.mount()
			write(t, filepath.Join(dir, "a/b/clip"), "x")
			d := open(t, dir)
			if held := heldOf(t, dir); len(held) > 0 {
				t.Errorf("after Open %v is held", held)
			}
			w := watch(t, d)
			exercise(t, d)
			write(t, filepath.Join(dir, "a/b/new"), "x")
			_ = w
			eventually(t, time.Second, "nothing is held", func() bool { return len(heldOf(t, dir)) == 0 })
			if err := unix.Unmount(dir, 0); err != nil {
				t.Errorf("umount of an idle drive: %v", err)
			}
		})
	}
}

// TestUnmount sees that a drive's umount is what it is without us: it is busy while a file is
// open, and afterwards ends with everything on the device.
func TestUnmount(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			v := newVolume(t, kind, "GONE")
			dir := v.mount()
			content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			write(t, filepath.Join(dir, "a/clip"), string(content))
			d := open(t, dir)
			watch(t, d)
			f, _, err := d.OpenFile("a/clip")
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "new"), string(content))
			if err := unix.Unmount(dir, 0); err != unix.EBUSY {
				t.Fatalf("umount while a file is open: got %v, want busy", err)
			}
			if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) {
				t.Errorf("the open file: %d bytes, %v", len(got), err)
			}
			folder, err := d.Enter("a/clip")
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			if err := unix.Unmount(dir, 0); err != unix.EBUSY {
				t.Fatalf("umount while a folder is open: got %v, want busy", err)
			}
			folder.Close()
			eventually(t, time.Second, "it can be unmounted", func() bool { return unix.Unmount(dir, 0) == nil })
			pulled(t, v, "new", content)
			select {
			case <-d.GoneC():
			case <-time.After(time.Second):
				t.Fatal("unmounting was not noticed within a second")
			}
			checkGone(t, d)
			if busy(v.device) {
				t.Error("the device is busy after umount")
			}
		})
	}
}

// pulled sees that the device holds a file, as who pulls it this moment finds it.
func pulled(t *testing.T, v *volume, path string, want []byte) {
	t.Helper()
	twin := &volume{t: t, kind: v.kind, image: filepath.Join(t.TempDir(), "pulled.img")}
	run(t, "cp", "--sparse=always", v.image, twin.image)
	twin.attach()
	options := map[string][]string{"ext4": {"ro", "noload"}, "xfs": {"ro", "norecovery", "nouuid"}}
	got, err := os.ReadFile(filepath.Join(twin.mount(options[v.kind]...), path))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the drive as pulled has %d bytes of %s (%v), want %d", len(got), path, err, len(want))
	}
}

// TestLazyUnmount sees that what others wrote reaches a drive soon after a lazy umount,
// although a file of it is still open here, and that this file is still good.
func TestLazyUnmount(t *testing.T) {
	v := newVolume(t, "ext4", "LAZY")
	dir := v.mount()
	write(t, filepath.Join(dir, "clip"), "x")
	d := open(t, dir)
	f, _, err := d.OpenFile("clip")
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("footage "), 1<<17)
	write(t, filepath.Join(dir, "new"), string(content))
	if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	<-d.GoneC()
	d.Close() // waits for the watcher
	pulled(t, v, "new", content)
	if got, err := io.ReadAll(f); err != nil || string(got) != "x" {
		t.Errorf("a file open since before: %q, %v", got, err)
	}
	f.Close()
	eventually(t, 2*time.Second, "the device is free", func() bool { return !busy(v.device) })
}

// TestAnotherInItsPlace puts something else where a drive was: nothing of it is ever taken
// for the drive's.
func TestAnotherInItsPlace(t *testing.T) {
	v, other := newVolume(t, "ext4", "FIRST"), newVolume(t, "ext4", "SECOND")
	write(t, filepath.Join(other.mount(), "a/clip"), "another")
	for name, put := range map[string]func(dir string){
		"an empty folder": func(string) {},
		"the drive again": func(dir string) { run(t, "mount", v.device, dir) },
		"another drive":   func(dir string) { run(t, "mount", other.device, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := v.mount()
			write(t, filepath.Join(dir, "a/clip"), "x")
			d := open(t, dir)
			exercise(t, d)
			eventually(t, time.Second, "it can be unmounted", func() bool { return unix.Unmount(dir, 0) == nil })
			put(dir)
			for range 3 {
				if info, err := d.Stat("a/clip"); !errors.Is(err, ErrGone) {
					t.Errorf("Stat got %+v, %v, want ErrGone", info, err)
				}
			}
			checkGone(t, d)
		})
	}
}

// TestCovered mounts something over a drive that nobody looks at.
func TestCovered(t *testing.T) {
	v := newVolume(t, "ext4", "COVERED")
	dir := v.mount()
	write(t, filepath.Join(dir, "a/clip"), "x")
	d := open(t, dir)
	mountAt(t, "none", dir, "tmpfs", 0)
	select {
	case <-d.GoneC():
	case <-time.After(2 * time.Second):
		t.Error("a mount over the drive was not noticed")
	}
	checkGone(t, d)
}

// TestMovedMount renames a folder above a drive, and moves its mount.
func TestMovedMount(t *testing.T) {
	v := newVolume(t, "ext4", "MOVED")
	top := t.TempDir()
	mountAt(t, "none", top, "tmpfs", 0)
	if err := unix.Mount("", top, "", unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(top, "above/drive")
	write(t, filepath.Join(top, "else/x"), "x")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "mount", v.device, dir)
	write(t, filepath.Join(dir, "a/clip"), "x")
	d := open(t, dir)
	if err := os.Rename(filepath.Join(top, "above"), filepath.Join(top, "renamed")); err != nil {
		t.Fatal(err)
	}
	if info, err := d.Stat("a/clip"); err != nil || info.Size != 1 {
		t.Errorf("below a renamed folder: got %+v, %v", info, err)
	}
	now := filepath.Join(top, "else")
	if err := unix.Mount(filepath.Join(top, "renamed/drive"), now, "", unix.MS_MOVE, ""); err != nil {
		t.Fatal(err)
	}
	if f, _, err := d.OpenFile("a/clip"); err != nil {
		t.Errorf("where the mount was moved to: %v", err)
	} else {
		f.Close()
	}
	eventually(t, time.Second, "it can be unmounted", func() bool { return unix.Unmount(now, 0) == nil })
	<-d.GoneC()
}

// TestOpenElsewhere maps a file and closes it: it is in use all the same.
func TestOpenElsewhere(t *testing.T) {
	dir := newVolume(t, "ext4", "MAPPED").mount()
	write(t, filepath.Join(dir, "clip"), strings.Repeat("x", 4096))
	d := open(t, dir)
	f, _, err := d.OpenFile("clip")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.OpenElsewhere() {
		t.Error("of a file that only we have open: got true")
	}
	again, err := os.Open(filepath.Join(dir, "clip"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := unix.Mmap(int(again.Fd()), 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if !f.OpenElsewhere() {
		t.Error("of a file that somebody has mapped: got false")
	}
	if err := unix.Munmap(m); err != nil {
		t.Fatal(err)
	}
	if f.OpenElsewhere() {
		t.Error("after munmap: got true")
	}
}

// TestFree sees that a released drive is called free when the last file is closed.
func TestFree(t *testing.T) {
	dir := tree(t, map[string]string{"clip": "x"})
	d := open(t, dir)
	f, _, err := d.OpenFile("clip")
	if err != nil {
		t.Fatal(err)
	}
	d.Release()
	select {
	case <-d.Free():
		t.Error("free although a file is open")
	case <-time.After(20 * time.Millisecond):
	}
	f.Close()
	select {
	case <-d.Free():
	case <-time.After(time.Second):
		t.Error("not free although the file was closed")
	}
}

func TestCoveredPath(t *testing.T) {
	const table = `22 1 8:1 / / rw - ext4 /dev/sda1 rw
31 22 8:17 / /media/A rw - ext4 /dev/sdb1 rw
32 31 0:50 / /media/A/day/other rw - tmpfs none rw
41 22 8:18 / /media/B rw - ext4 /dev/sdc1 rw
42 41 0:51 / /media/B rw - tmpfs none rw
51 22 8:19 / /home/x/C rw - ext4 /dev/sdd1 rw
52 22 0:52 / /home/x rw - tmpfs none rw
61 22 8:20 / /srv/DD rw - ext4 /dev/sde1 rw
62 22 0:53 / /srv/D rw - tmpfs none rw
`
	for _, tt := range []struct {
		id   int
		path string
		want bool
	}{
		{31, "/media/A", false},
		{31, "/media/A/day", false},
		{31, "/media/A/day/other/x", true},
		{41, "/media/B", true},
		{51, "/home/x/C", true},
		{61, "/srv/DD", false},
		{22, "/usr", false},
		{22, "/media/A", true},
	} {
		m, _ := findMount(parseMounts(table), tt.id)
		if got := covered(parseMounts(table), m, tt.path); got != tt.want {
			t.Errorf("covered(%d, %s) got %v, want %v", tt.id, tt.path, got, tt.want)
		}
	}
}

// TestMountNumbers sees that a mount is told from the one before it, which may have had the
// same number in the table.
func TestMountNumbers(t *testing.T) {
	v := newVolume(t, "ext4", "NUMBERS")
	seen := map[string]bool{}
	var before uint64
	for range 3 {
		dir := v.mount()
		d := open(t, dir)
		if !d.rootID.unique {
			t.Skip("the kernel gives mounts no unique numbers")
		}
		if there, known := mountThere(d.rootID.mount); known && !there {
			t.Error("a mount that is there: got false")
		}
		if there, known := mountThere(before); known && there {
			t.Error("a mount that was unmounted: got true")
		}
		for _, s := range Sightings(".") {
			if s.Dir == dir {
				number, _, _ := strings.Cut(s.Mount, " /")
				if seen[number] {
					t.Errorf("%s was seen before", s.Mount)
				}
				seen[number] = true
			}
		}
		before = d.rootID.mount
		if err := unix.Unmount(dir, 0); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d mounts were seen, want 3", len(seen))
	}
}
