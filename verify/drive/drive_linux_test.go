package drive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestUnmount(t *testing.T) {
	for _, kind := range []string{"ext4", "exfat"} {
		t.Run(kind, func(t *testing.T) {
			v := newVolume(t, kind, "GONE")
			dir := v.mount()
			content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			write(t, filepath.Join(dir, "a/clip"), string(content))
			d := open(t, dir)
			w := watch(t, d)
			f, _, err := d.OpenFile("a/clip")
			if err != nil {
				t.Fatal(err)
			}
			if err := unix.Unmount(dir, 0); err != nil {
				t.Fatalf("the user's umount: %v", err)
			}
			select {
			case <-d.GoneC():
			case <-time.After(time.Second):
				t.Fatal("unmounting was not noticed within a second")
			}
			checkGone(t, d)
			if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) {
				t.Errorf("a file open since before: %d bytes, %v", len(got), err)
			}
			_ = w
			// Its owner's descriptor is what still keeps the device busy.
			if !busy(v.device) {
				t.Error("the device is free although a file of it is open")
			}
			f.Close()
			eventually(t, 2*time.Second, "the device is free", func() bool { return !busy(v.device) })
		})
	}
}

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
		"Watch": func() error { return d.Watch(context.Background(), func(bool) {}, func(string) {}) },
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

func TestDeepTree(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("n", 200)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const levels = 300
	for range levels {
		if err := unix.Mkdirat(fd, name, 0o755); err != nil {
			t.Fatal(err)
		}
		next, err := unix.Openat(fd, name, unix.O_PATH|unix.O_DIRECTORY, 0)
		unix.Close(fd)
		if err != nil {
			t.Fatal(err)
		}
		fd = next
	}
	defer unix.Close(fd)
	file, err := unix.Openat(fd, "clip", unix.O_CREAT|unix.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(file)
	d := open(t, dir)
	got := walked(t, d, ".")
	if len(got) != levels+1 {
		t.Fatalf("Walk got %d, want %d", len(got), levels+1)
	}
	deepest := got[levels]
	if info, err := d.Stat(deepest); err != nil || info.Kind != Regular {
		t.Errorf("Stat of the deepest got %v, %v", info.Kind, err)
	}
	f, _, err := d.OpenFile(deepest)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestXattr(t *testing.T) {
	dir := newVolume(t, "ext4", "XATTR").mount()
	write(t, filepath.Join(dir, "a/f"), "x")
	if err := os.Symlink("a/f", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("v", 800)
	for name, value := range map[string]string{"user.small": "1", "user.large": large, "user.empty": ""} {
		if err := unix.Setxattr(filepath.Join(dir, "a/f"), name, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	names, err := d.ListXattr("a/f")
	if diff := cmp.Diff(map[string]bool{"user.small": true, "user.large": true, "user.empty": true}, set(names)); err != nil || diff != "" {
		t.Errorf("ListXattr: %v\n%s", err, diff)
	}
	for name, want := range map[string]string{"user.small": "1", "user.large": large, "user.empty": ""} {
		if got, err := d.GetXattr("a/f", name); err != nil || string(got) != want {
			t.Errorf("GetXattr(%s) got %.20q, %v", name, got, err)
		}
	}
	if _, err := d.GetXattr("a/f", "user.none"); !errors.Is(err, unix.ENODATA) {
		t.Errorf("GetXattr of none got %v, want ENODATA", err)
	}
	if names, err := d.ListXattr("link"); err != nil || len(names) != 0 {
		t.Errorf("ListXattr of a link got %v, %v: those of its target?", names, err)
	}
	if names, err := d.ListXattr("."); err != nil {
		t.Errorf("ListXattr(.) got %v, %v", names, err)
	}
}

func set(names []string) map[string]bool {
	m := map[string]bool{}
	for _, name := range names {
		m[name] = true
	}
	return m
}

func TestStatFS(t *testing.T) {
	dir := newVolume(t, "ext4", "STATFS").mount()
	d := open(t, dir)
	blocks, free, files, filesFree, size, err := d.StatFS()
	if err != nil || blocks == 0 || free == 0 || free > blocks || files == 0 || filesFree > files || size == 0 {
		t.Errorf("StatFS got %d %d %d %d %d %v", blocks, free, files, filesFree, size, err)
	}
}

// TestBeneathByWalk holds what replaces openat2 to what openat2 does.
func TestBeneathByWalk(t *testing.T) {
	dir := tree(t, map[string]string{"a/b/clip": "x"})
	for link, target := range map[string]string{"link": "a", "a/link": "b", "a/b/link": "clip"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		write(t, filepath.Join(dir, "mnt/x"), "x")
		mountAt(t, "none", filepath.Join(dir, "mnt"), "tmpfs", 0)
		write(t, filepath.Join(dir, "mnt/x"), "x")
	}
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(root)
	for _, path := range []string{"a/b/clip", "a/b", "a", ".", "missing", "a/missing", "link", "link/b/clip", "a/link", "a/link/clip", "a/b/link", "a/b/clip/x", "mnt", "mnt/x"} {
		for _, flags := range []int{readFlags, listFlags, folderOnly, unix.O_PATH | unix.O_NOFOLLOW} {
			want, wantErr := openPart(root, path, flags)
			got, err := openByWalk(root, path, flags)
			if (err == nil) != (wantErr == nil) {
				t.Errorf("openByWalk(%s, %#x) got %v, want %v", path, flags, err, wantErr)
			}
			if wantErr == nil {
				a, _ := statFD(want)
				b, _ := statFD(got)
				if a.Inode != b.Inode {
					t.Errorf("openByWalk(%s, %#x) got inode %d, want %d", path, flags, b.Inode, a.Inode)
				}
				unix.Close(want)
			}
			if err == nil {
				unix.Close(got)
			}
		}
	}
}
