package drive

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// volume is a file system on a loop device, made for a test and removed after it.
type volume struct {
	t      *testing.T
	kind   string
	image  string
	device string
}

// newVolume makes a file system with a label in a file and attaches a loop device to it.
func newVolume(t *testing.T, kind, label string) *volume {
	t.Helper()
	needRoot(t)
	v := &volume{t: t, kind: kind, image: filepath.Join(t.TempDir(), kind+".img")}
	size, args := int64(64<<20), []string{}
	switch kind {
	case "ext4": // all of it now: what is made later would be written while a test looks for writes
		args = []string{"-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-L", label}
	case "xfs":
		size, args = 320<<20, []string{"-q", "-L", label}
	case "btrfs":
		size, args = 128<<20, []string{"-q", "-L", label}
	case "vfat":
		args = []string{"-n", label}
	case "exfat":
		args = []string{"-L", label}
	}
	if err := os.WriteFile(v.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(v.image, size); err != nil {
		t.Fatal(err)
	}
	run(t, "mkfs."+kind, append(args, v.image)...)
	v.attach()
	return v
}

// attach gives the image a loop device.
func (v *volume) attach() {
	v.t.Helper()
	v.device = strings.TrimSpace(run(v.t, "losetup", "-f", "--show", v.image))
	device := v.device
	v.t.Cleanup(func() {
		if backing, err := os.ReadFile("/sys/block/" + filepath.Base(device) + "/loop/backing_file"); err == nil && strings.TrimSpace(string(backing)) == v.image {
			_ = exec.Command("losetup", "-d", device).Run()
		}
	})
}

// mount mounts the volume in a new folder, which the test's end unmounts.
func (v *volume) mount(options ...string) string {
	v.t.Helper()
	dir := v.t.TempDir()
	args := []string{"-t", v.kind}
	if len(options) > 0 {
		args = append(args, "-o", strings.Join(options, ","))
	}
	if v.kind == "exfat" {
		need(v.t, "mount.exfat-fuse")
		run(v.t, "mount.exfat-fuse", append(args[2:], v.device, dir)...)
	} else {
		if !supported(v.kind) {
			v.t.Skipf("the kernel has no %s", v.kind)
		}
		run(v.t, "mount", append(args, v.device, dir)...)
	}
	v.t.Cleanup(func() { unmounted(v.t, dir) })
	return dir
}

func supported(kind string) bool {
	known, err := os.ReadFile("/proc/filesystems")
	return err == nil && strings.Contains(string(known), "\t"+kind+"\n")
}

// bind mounts a folder at another, new one.
func bind(t *testing.T, from string) string {
	t.Helper()
	needRoot(t)
	to := t.TempDir()
	mountAt(t, from, to, "", unix.MS_BIND)
	return to
}

// mountAt mounts something until the test's end.
func mountAt(t *testing.T, source, target, kind string, flags uintptr) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, ""); err != nil {
		t.Fatalf("mount %s on %s: %v", source, target, err)
	}
	t.Cleanup(func() { unmounted(t, target) })
}

// unmounted unmounts dir where it still is a mount point.
func unmounted(t *testing.T, dir string) {
	t.Helper()
	for range 50 {
		err := unix.Unmount(dir, 0)
		if err == nil || err == unix.EINVAL || err == unix.ENOENT {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s stays busy", dir)
	_ = unix.Unmount(dir, unix.MNT_DETACH)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// need skips where a program is not installed.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("needs " + program)
	}
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	need(t, program)
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what happens in another goroutine or process.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("%s: not within %v", what, within)
}
