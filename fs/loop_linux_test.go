package fs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
	"footagefs/testdata/drives"
)

// loop is a drive on a device of its own.
type loop struct {
	dir    string // where it is mounted
	device string // /dev/loop3
	image  string
}

// loopDrive makes a drive with a file system on a loop device. It skips where the user may
// not, or the program that makes it is not there.
func loopDrive(t *testing.T, options string, mkfs ...string) loop {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loop devices need root")
	}
	need(t, mkfs[0], "losetup", "mount")
	l := loop{dir: filepath.Join(t.TempDir(), "LOOP"), image: filepath.Join(t.TempDir(), "image")}
	must(t, os.Mkdir(l.dir, 0o755))
	must(t, os.WriteFile(l.image, nil, 0o644))
	must(t, os.Truncate(l.image, 320<<20))
	run(t, mkfs[0], append(mkfs[1:], l.image)...)
	l.device = strings.TrimSpace(run(t, "losetup", "--find", "--show", l.image))
	t.Cleanup(func() { exec.Command("losetup", "-d", l.device).Run() })
	l.mount(t, options)
	t.Cleanup(func() { unix.Unmount(l.dir, unix.MNT_DETACH) })
	must(t, drives.Sample(l.dir))
	return l
}

func (l loop) mount(t *testing.T, options string) {
	t.Helper()
	if exec.Command("mount", "-o", options, l.device, l.dir).Run() == nil {
		return
	}
	if _, err := exec.LookPath("mount.exfat-fuse"); err != nil {
		t.Skip("this kernel does not know the file system")
	}
	run(t, "mount.exfat-fuse", "-o", options, l.device, l.dir)
}

// written is how many sectors were written to the device.
func (l loop) written(t *testing.T) int {
	t.Helper()
	unix.Sync()
	stat, err := os.ReadFile("/sys/block/" + filepath.Base(l.device) + "/stat")
	must(t, err)
	n, err := strconv.Atoi(strings.Fields(string(stat))[6])
	must(t, err)
	return n
}

// Walking, reading, asking for attributes and verifying write nothing to a drive, not even
// access times, though it is mounted so that every reading would.
func TestNothingIsWritten(t *testing.T) {
	need(t, "getfattr", "tar", "find")
	l := loopDrive(t, "rw,strictatime", "mkfs.ext4", "-q")
	before := stats(t, l.dir)
	start := l.written(t)
	m := mountFor(t, serveJob{Drives: []string{l.dir}, Read: true})
	for range 2 {
		looks(t, m.in(tree.DrivesName))
		looks(t, m.in(tree.LibraryName))
		// Its result does not count: attributes come and go while files are verified.
		_ = exec.Command("getfattr", "-R", "-d", m.in(tree.LibraryName), m.in(tree.DrivesName)).Run()
		run(t, "tar", "cf", "/dev/null", "-C", m.in(tree.LibraryName), ".")
	}
	eventually(t, "everything is verified", func() bool {
		buf := make([]byte, 100)
		n, err := unix.Getxattr(m.in(tree.LibraryName), "user.footagefs.status", buf)
		return err == nil && string(buf[:n]) == "verified"
	})
	m.end(t)
	if n := l.written(t) - start; n != 0 {
		t.Errorf("%d sectors were written", n)
	}
	for path, was := range before {
		if now := stats(t, l.dir)[path]; now != was {
			t.Errorf("%s: was %s, is %s", path, was, now)
		}
	}
}

// stats are the numbers, times and sizes of everything on a drive. Only looking, it moves no time.
func stats(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := make(map[string]string)
	out := run(t, "find", dir, "-printf", "%p\\t%A@ %T@ %C@ %s %i %m\\n")
	for line := range strings.Lines(out) {
		path, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if info, err := os.Lstat(path); err == nil && !info.IsDir() { // find reads folders, which moves their times
			list[path] = rest
		}
	}
	return list
}

// Where inode numbers do not last, an open gives the new bytes all the same, and numbers
// are stable while a file is.
func TestWithoutInodeNumbers(t *testing.T) {
	l := loopDrive(t, "rw", "mkfs.exfat")
	path := filepath.Join(l.dir, clipOn)
	job := serveJob{Drives: []string{l.dir}, Catalog: filepath.Join(t.TempDir(), "catalog.db")}
	m := mountFor(t, job)
	first := numbers(t, m.path)
	old, err := os.Open(m.in(sampleClip))
	must(t, err)
	defer old.Close()
	must(t, os.WriteFile(path+".new", []byte("another"), 0o644))
	must(t, os.Rename(path+".new", path))
	if got, err := os.ReadFile(m.in(sampleClip)); err != nil || string(got) != "another" {
		t.Errorf("right after the replacement: got %d bytes, %v", len(got), err)
	}
	must(t, os.WriteFile(path, []byte("longer than another"), 0o644))
	if got, err := os.ReadFile(m.in(sampleClip)); err != nil || string(got) != "longer than another" {
		t.Errorf("right after it grew: got %q, %v", got, err)
	}
	old.Close()
	m.end(t)
	must(t, unix.Unmount(l.dir, 0))
	l.mount(t, "rw")
	m = mountFor(t, job)
	second := numbers(t, m.path)
	for name, number := range first {
		if changed := name == sampleClip || strings.HasSuffix(name, ".csv"); !changed && second[name] != number {
			t.Errorf("%s: was %d, is %d after another plug-in", name, number, second[name])
		}
	}
	if first[sampleClip] == second[sampleClip] {
		t.Errorf("the replaced clip still has the number %d", first[sampleClip])
	}
}

// A drive that is unmounted below leaves its rolls' folders; opens and listings in them
// fail, and all comes back when it does.
func TestDriveGoesAndComesBack(t *testing.T) {
	l := loopDrive(t, "rw", "mkfs.ext4", "-q")
	m := mountFor(t, serveJob{Drives: []string{l.dir, sample(t, "OTHER")}})
	clip, roll := m.in(sampleClip), filepath.Dir(m.in(sampleClip))
	must(t, unix.Access(clip, unix.R_OK))
	// It is being looked at, having been mounted just now.
	eventually(t, "it can be unmounted", func() bool { return unix.Unmount(l.dir, 0) == nil })
	eventually(t, "opens fail", func() bool {
		_, err := os.Open(clip)
		return errors.Is(err, unix.EIO)
	})
	if names, err := os.ReadDir(roll); !errors.Is(err, unix.EIO) {
		t.Errorf("a listing: got %d names, %v, want EIO", len(names), err)
	}
	if names, err := os.ReadDir(filepath.Dir(roll)); err != nil || len(names) < 3 {
		t.Errorf("the date: got %d names, %v", len(names), err)
	}
	for _, path := range []string{roll, m.in(tree.DrivesName, "LOOP")} {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			t.Errorf("%s: got %v, want the folder to stay", path, err)
		}
	}
	if _, err := os.ReadFile(m.in(tree.DrivesName, "OTHER", "20230510_EP103_Day05_MU/Reports/20230510_Camera_Report.csv")); err != nil {
		t.Errorf("the other drive: %v", err)
	}
	l.mount(t, "rw")
	eventually(t, "the clip is back", func() bool {
		got, err := os.ReadFile(clip)
		want, wantErr := os.ReadFile(filepath.Join(l.dir, clipOn))
		return err == nil && wantErr == nil && string(got) == string(want)
	})
}

// ioctlVar has the test program try ioctls on a path, as whoever it is run by.
const ioctlVar = "FOOTAGEFS_TEST_IOCTL"

// ioctls are calls that change or stop a file system where they get through.
var ioctls = map[string]uint{
	"FITRIM": 0xc0185879, "FS_IOC_SHUTDOWN": 0x8004587d, "FS_IOC_SETFLAGS": 0x40086602, "FS_IOC_FSSETXATTR": 0x401c5820,
	"FS_IOC_SETVERSION": 0x40087602, "EXT4_IOC_MOVE_EXT": 0xc028660f, "EXT4_IOC_MIGRATE": 0x6609, "FS_IOC_ADD_ENCRYPTION_KEY": 0xc0506617,
}

// tryIoctls prints every ioctl that is not refused.
func tryIoctls(path string) {
	fd, err := unix.Open(path, unix.O_RDONLY, 0)
	if err != nil {
		fmt.Println("opening:", err)
		return
	}
	for name, number := range ioctls {
		var room [128]byte
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), uintptr(number), uintptr(unsafe.Pointer(&room)))
		if errno != unix.ENOTTY && errno != unix.EPERM && errno != unix.EROFS {
			fmt.Println(name, errno)
		}
	}
}

// No ioctl of another user reaches the drive's file system.
func TestIoctlsDoNotReachTheDrive(t *testing.T) {
	l := loopDrive(t, "rw", "mkfs.ext4", "-q")
	for dir := l.dir; dir != os.TempDir(); dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755)) // who may not come to the drive may not come to its library
	}
	for _, splice := range []bool{false, true} {
		point := publicFolder(t)
		m := mountFor(t, serveJob{Point: point, Drives: []string{l.dir}, AllowOther: true, Altered: true, Splice: splice})
		for _, path := range []string{m.in(sampleClip), filepath.Dir(m.in(sampleClip)), m.path, m.in(tree.LibraryName, tree.ReportName)} {
			if out := asNobody(t, ioctlVar+"="+path); out != "" {
				t.Errorf("%s: %s", path, out)
			}
		}
		m.end(t)
	}
	must(t, os.WriteFile(filepath.Join(l.dir, "alive"), []byte("x"), 0o644))
}

// Under allow_root others are refused, and root is not.
func TestAllowRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	m := mountFor(t, serveJob{Point: publicFolder(t), Drives: []string{sample(t, "SHUTTLE01")}, AllowRoot: true})
	if out := asNobody(t, ioctlVar+"="+m.in(sampleClip)); !strings.Contains(out, "permission denied") {
		t.Errorf("another user: got %q, want permission denied", out)
	}
}

// publicFolder is an empty folder that everybody can get to.
func publicFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "footagefs-test-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	point := filepath.Join(dir, "mnt")
	must(t, os.Mkdir(point, 0o755))
	return point
}

// asNobody runs this program as a user who may nothing, and returns what it prints.
func asNobody(t *testing.T, env string) string {
	t.Helper()
	program := filepath.Join(filepath.Dir(publicFolder(t)), "test")
	copyFile(t, os.Args[0], program)
	cmd := exec.Command(program)
	cmd.Env = []string{env}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	return string(out)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, errors.Join(err, out.Close()))
}
