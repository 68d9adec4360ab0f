package drive

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// told collects what Watch tells.
type told struct {
	mu      sync.Mutex
	covers  bool
	byFile  bool
	folders map[string]int
	files   map[uint64]int
}

func (w *told) sawFile(inode uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.files[inode] > 0
}

func (w *told) saw(folder string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.folders[folder] > 0
}

func (w *told) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, times := range w.folders {
		n += times
	}
	return n
}

func (w *told) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.folders)
	clear(w.files)
}

// watch runs Watch until the test's end and returns once it is ready.
func watch(t *testing.T, d *Drive) *told {
	t.Helper()
	w := &told{folders: map[string]int{}, files: map[uint64]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- d.Watch(ctx, func(covers, byFile bool) {
			w.covers, w.byFile = covers, byFile
			close(ready)
		}, func(ch Change) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if ch.Folder != "" {
				w.folders[ch.Folder]++
			}
			for _, inode := range ch.Files {
				w.files[inode]++
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil && !d.Gone() {
				t.Errorf("Watch: %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Watch does not end with its context")
		}
	})
	<-ready
	return w
}

// checkWatch changes a drive in every way and sees what is told.
func checkWatch(t *testing.T, dir string, d *Drive) {
	t.Helper()
	write(t, filepath.Join(dir, "a/b/clip"), "1")
	w := watch(t, d)
	if !w.covers {
		t.Error("the watch does not cover the drive")
	}
	steps := []struct {
		what   string
		do     func() error
		folder string
	}{
		{"write", func() error { return os.WriteFile(filepath.Join(dir, "a/b/clip"), []byte("2"), 0o644) }, "a/b"},
		{"create", func() error { return os.WriteFile(filepath.Join(dir, "a/new"), nil, 0o644) }, "a"},
		{"times", func() error { return os.Chtimes(filepath.Join(dir, "a/new"), time.Unix(1, 0), time.Unix(1, 0)) }, "a"},
		{"rename", func() error { return os.Rename(filepath.Join(dir, "a/new"), filepath.Join(dir, "a/b/new")) }, "a/b"},
		{"remove", func() error { return os.Remove(filepath.Join(dir, "a/b/new")) }, "a/b"},
		{"create at the root", func() error { return os.WriteFile(filepath.Join(dir, "top"), nil, 0o644) }, "."},
		{"new folders", func() error { return os.MkdirAll(filepath.Join(dir, "x/y/z"), 0o755) }, "."},
		{"write in a new folder", func() error { return os.WriteFile(filepath.Join(dir, "x/y/z/f"), nil, 0o644) }, "x/y/z"},
		{"rename a folder", func() error { return os.Rename(filepath.Join(dir, "x"), filepath.Join(dir, "a/x")) }, "a"},
		{"write in a renamed folder", func() error { return os.WriteFile(filepath.Join(dir, "a/x/y/z/f"), []byte("1"), 0o644) }, "a/x/y/z"},
		{"remove folders", func() error { return os.RemoveAll(filepath.Join(dir, "a/x")) }, "a"},
	}
	for _, step := range steps {
		time.Sleep(3 * settle / 2)
		w.forget()
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		eventually(t, time.Second, step.what+" told of "+step.folder, func() bool { return w.saw(step.folder) })
	}
	time.Sleep(3 * settle / 2)
	w.forget()
	if f, _, err := d.OpenFile("a/b/clip"); err != nil {
		t.Error(err)
	} else {
		_, _ = f.Read(make([]byte, 1))
		f.Close()
	}
	walked(t, d, ".")
	time.Sleep(3 * settle)
	if n := w.total(); n != 0 {
		t.Errorf("reading was told as %d changes: %v", n, w.folders)
	}
}

func TestWatch(t *testing.T) {
	needRoot(t)
	for _, kind := range []string{"ext4", "xfs", "btrfs", "exfat"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := newVolume(t, kind, "WATCH").mount()
			checkWatch(t, dir, open(t, dir))
		})
	}
	t.Run("tmpfs", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		mountAt(t, "none", dir, "tmpfs", 0)
		checkWatch(t, dir, open(t, dir))
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		dir := newVolume(t, "ext4", "WATCH").mount()
		below := filepath.Join(dir, "shows/one")
		write(t, filepath.Join(below, "a/b/clip"), "")
		checkWatch(t, below, open(t, below))
	})
	t.Run("subvolume", func(t *testing.T) {
		t.Parallel()
		dir := newVolume(t, "btrfs", "WATCH").mount()
		below := filepath.Join(dir, "subvolume")
		run(t, "btrfs", "subvolume", "create", below)
		checkWatch(t, below, open(t, below))
	})
}

// TestWatchOutside sees that what happens on the file system outside of the drive is not told.
func TestWatchOutside(t *testing.T) {
	dir := newVolume(t, "ext4", "WATCH").mount()
	write(t, filepath.Join(dir, "drive/a/f"), "")
	write(t, filepath.Join(dir, "a/f"), "")
	w := watch(t, open(t, filepath.Join(dir, "drive")))
	write(t, filepath.Join(dir, "a/f"), "1")
	write(t, filepath.Join(dir, "a/g"), "1")
	write(t, filepath.Join(dir, "drive/a/f"), "1")
	eventually(t, time.Second, "the change inside", func() bool { return w.saw("a") })
	write(t, filepath.Join(dir, "a/h"), "1")
	write(t, filepath.Join(dir, "h"), "1")
	w.forget()
	time.Sleep(3 * settle)
	if n := w.total(); n != 0 {
		t.Errorf("changes outside were told: %v", w.folders)
	}
}

// A file that is changed by a name outside of the drive, or by none, is told of by its number.
func TestWatchTellsOfFilesByNumber(t *testing.T) {
	for _, kind := range []string{"ext4", "xfs", "btrfs"} {
		t.Run(kind, func(t *testing.T) {
			dir := newVolume(t, kind, "WATCH").mount()
			file, other := filepath.Join(dir, "drive/a/f"), filepath.Join(dir, "other")
			write(t, file, "")
			if err := os.Link(file, other); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			inode := info.Sys().(*syscall.Stat_t).Ino
			w := watch(t, open(t, filepath.Join(dir, "drive")))
			if !w.byFile {
				t.Fatal("files are not told of by their numbers")
			}
			write(t, other, "1")
			eventually(t, time.Second, "a change by the other name", func() bool { return w.sawFile(inode) })
			if err := os.Remove(other); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * settle)
			w.forget()
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			handle, _, err := unix.NameToHandleAt(int(f.Fd()), "", unix.AT_EMPTY_PATH)
			if err != nil {
				t.Fatal(err)
			}
			root, err := os.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			fd, err := unix.OpenByHandleAt(int(root.Fd()), handle, unix.O_WRONLY)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			if _, err := unix.Write(fd, []byte("2")); err != nil {
				t.Fatal(err)
			}
			eventually(t, time.Second, "a change by a handle", func() bool { return w.sawFile(inode) })
		})
	}
}

// TestWatchAsUser runs TestWatchUser's checks again without privilege.
func TestWatchAsUser(t *testing.T) {
	asNobody(t, "TestAsNobodyWatch")
}

func TestAsNobodyWatch(t *testing.T) {
	dir := nobodysFolder(t)
	d := open(t, dir)
	if d.cloned {
		t.Error("a clone without privilege")
	}
	checkWatch(t, dir, d)
}

const nobody = 65534

// asNobody runs a test of this binary as another user, in a folder of that user's.
func asNobody(t *testing.T, name string) {
	t.Helper()
	needRoot(t)
	dir, err := os.MkdirTemp("", "drive-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "test")
	content, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o755, filepath.Join(dir, "drive"): 0o755} {
		if err := os.MkdirAll(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(binary, content, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(dir, "drive"), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DRIVE_TEST_NOBODY="+filepath.Join(dir, "drive"), "TMPDIR="+filepath.Join(dir, "drive"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
		t.Errorf("as another user: %v\n%s", err, out)
	}
}

// nobodysFolder is where a test that asNobody runs may write; other runs of it are skipped.
func nobodysFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DRIVE_TEST_NOBODY")
	if dir == "" {
		t.Skip("is run by another test as another user")
	}
	return dir
}

// TestWatchLimit watches more folders than the user may, in a user namespace whose limit
// is a small one.
func TestWatchLimit(t *testing.T) {
	needRoot(t)
	dir, _ := wide(t, 20, 1)
	cmd := exec.Command("/proc/self/exe", "-test.run", "^TestInNamespaceWatchLimit$", "-test.v")
	cmd.Env = append(os.Environ(), "DRIVE_TEST_LIMIT="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInNamespaceWatchLimit") {
		t.Errorf("in a user namespace: %v\n%s", err, out)
	}
}

func TestInNamespaceWatchLimit(t *testing.T) {
	dir := os.Getenv("DRIVE_TEST_LIMIT")
	if dir == "" {
		t.Skip("is run by another test in a user namespace")
	}
	limit := func(n string) {
		if err := os.WriteFile("/proc/sys/user/max_inotify_watches", []byte(n), 0); err != nil {
			t.Fatal(err)
		}
	}
	limit("10")
	d := open(t, dir)
	w := watch(t, d)
	if w.covers {
		t.Error("a watch of 10 of 21 folders says that it covers the drive")
	}
	write(t, filepath.Join(dir, "f003/new"), "")
	eventually(t, time.Second, "a change in a watched folder", func() bool { return w.saw("f003") })
	limit("100")
	ready := make(chan bool, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- d.Watch(context.Background(), func(covers, _ bool) { ready <- covers }, func(Change) {})
	}()
	if !<-ready {
		t.Error("a watch of all folders does not cover the drive")
	}
	limit("33") // ten, twenty-one, and two more
	for _, name := range []string{"x", "y", "z"} {
		write(t, filepath.Join(dir, name, "f"), "")
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a watch that cannot cover the drive any more ended without an error")
		}
	case <-time.After(2 * time.Second):
		t.Error("a watch that cannot cover the drive any more goes on")
	}
}
