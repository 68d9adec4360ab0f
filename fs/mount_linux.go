package fs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"footagefs/verify/drive"
)

// possible says what is missing for a mount, before anything is touched.
func (o Options) possible() error {
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return fmt.Errorf("/dev/fuse is not here: load the kernel's fuse module (modprobe fuse); in a container, pass the device in (--device /dev/fuse --cap-add SYS_ADMIN)")
	}
	if os.Geteuid() == 0 {
		return nil
	}
	if _, err := fusermount(); err != nil {
		return fmt.Errorf("fusermount3 is not installed, without which only root can mount: apt install fuse3, or dnf install fuse3")
	}
	if (o.AllowOther || o.AllowRoot) && !userAllowOther() {
		return fmt.Errorf("allow_other and allow_root need the line user_allow_other in /etc/fuse.conf, which only root can add")
	}
	return nil
}

// mayMountOn refuses a mount point that fusermount3 would refuse a user.
func mayMountOn(point string) error {
	if os.Geteuid() == 0 {
		return nil
	}
	var st unix.Stat_t
	err := unix.Stat(point, &st)
	if err == nil {
		err = unix.Access(point, unix.W_OK)
	}
	if err != nil || st.Mode&unix.S_ISVTX != 0 && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("mount point %s is not yours, and only root mounts on others' folders: choose a folder of your own, or have root make it yours (chown)", point)
	}
	return nil
}

// userAllowOther is true where users may open their mounts to others.
func userAllowOther() bool {
	conf, err := os.ReadFile("/etc/fuse.conf")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(conf)) {
		if strings.TrimSpace(line) == "user_allow_other" {
			return true
		}
	}
	return false
}

// platform adds what only Linux knows. The flags replace go-fuse's own, which are nosuid
// and nodev, so all are named.
//
// The kernel compares permissions itself, as it does on the drive; not where a user asked
// for others than the drive's, who might lock himself out.
func (o Options) platform(m *fuse.MountOptions) {
	if !m.AllowOther && (os.Geteuid() == 0 || o.UID == nil && o.GID == nil && o.Umask == nil) {
		m.Options = append(m.Options, "default_permissions")
	}
	if os.Geteuid() == 0 {
		m.DirectMount = true
		m.DirectMountFlags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV
	}
}

// fusermount is the helper with which users mount and unmount. There may be no PATH.
func fusermount() (string, error) {
	for _, name := range []string{"fusermount3", "/bin/fusermount3", "/usr/bin/fusermount3", "fusermount", "/bin/fusermount"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// takeAway unmounts m and nothing else; lazily it only takes it from its place, and the
// rest ends when the last file in it is closed.
//
// Whatever lies over m is what its path leads to, and what is mounted in it goes with it
// when it is taken lazily: so both are looked at directly before. The kernel knows no call
// that does both at once.
func takeAway(m drive.Mount, lazily bool) error {
	if err := uncovered(m); err != nil {
		return err
	}
	at, err := drive.Reach(m.Point)
	if err != nil {
		return fmt.Errorf("finding the mount at %s again: %w", m.Point, err)
	}
	if at.Mount.ID != m.ID || at.Mount.Device != m.Device {
		at.Close()
		return &CoveredError{Mount: m, By: at.Mount}
	}
	if lazily { // by what is held, as the path may lead elsewhere the next moment
		err := unix.Unmount(at.Path(), unix.MNT_DETACH)
		at.Close()
		if err == nil {
			return nil
		}
		return byHelper(m.Point, "-uz", err)
	}
	at.Close() // which would keep it busy
	err = unix.Unmount(m.Point, unix.UMOUNT_NOFOLLOW)
	switch {
	case err == nil:
		return nil
	case os.Geteuid() == 0 && err == unix.EBUSY:
		return fmt.Errorf("unmounting %s: %w", m.Point, ErrInUse)
	}
	return byHelper(m.Point, "-u", err)
}

// byHelper unmounts as users may, who are refused otherwise, with err.
func byHelper(point, option string, err error) error {
	helper, lookErr := fusermount()
	if lookErr != nil {
		return fmt.Errorf("unmounting %s: %w", point, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), helperTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, helper, option, "--", point)
	cmd.Env = append(os.Environ(), "LC_ALL=C") // what it says is looked at
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case bytes.Contains(out, []byte("busy")):
		return fmt.Errorf("unmounting %s: %w", point, ErrInUse)
	}
	return fmt.Errorf("unmounting %s: %s: %w", point, bytes.TrimSpace(out), err)
}

// helperTime is how long fusermount3 may take.
const helperTime = 5 * time.Second

// ownDevices are the devices of the file systems that this process serves, where the kernel
// tells (Linux 6.18 and later).
func ownDevices() []string {
	fds, err := os.ReadDir("/proc/self/fdinfo")
	if err != nil {
		return nil
	}
	var devices []string
	for _, fd := range fds {
		text, err := os.ReadFile("/proc/self/fdinfo/" + fd.Name())
		if err != nil {
			continue // closed meanwhile
		}
		for line := range strings.Lines(string(text)) {
			number, found := strings.CutPrefix(line, "fuse_connection:")
			if n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32); found && err == nil {
				devices = append(devices, fmt.Sprintf("%d:%d", n>>20, n&(1<<20-1)))
			}
		}
	}
	return devices
}

// mountKind is what the table of mounts calls our mounts.
const mountKind = "fuse." + fsType

// isOurKind is true for a footagefs: this process's or another's.
func isOurKind(m drive.Mount) bool { return m.Type == mountKind }

// alreadyMounted refuses a mount point with a footagefs on it that is alive.
func alreadyMounted(point string) error {
	return fmt.Errorf("a footagefs is mounted at %s already: footagefs unmount %s ends it", point, point)
}
