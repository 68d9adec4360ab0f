package fs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
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

// unmount unmounts; lazily it only takes the mount point away, and the rest ends when
// the last file in it is closed.
func unmount(point string, lazily bool) error {
	flags, option := unix.UMOUNT_NOFOLLOW, "-u"
	if lazily {
		flags, option = flags|unix.MNT_DETACH, "-uz"
	}
	err := unix.Unmount(point, flags)
	if err == nil || os.Geteuid() == 0 && errors.Is(err, unix.EBUSY) {
		return err
	}
	helper, lookErr := fusermount()
	if lookErr != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, helper, option, "--", point).CombinedOutput(); err != nil {
		return fmt.Errorf("unmounting %s: %s: %w", point, strings.TrimSpace(string(out)), err)
	}
	return nil
}

// mounted is one line of mountinfo.
type mounted struct {
	point, kind string
	owner       int // user_id of a FUSE mount, -1 for others
}

// clearStale takes away a dead mount of ours at the mount point: what is left when a run
// was killed. Somebody else's is named, and so is one that is alive.
func clearStale(point string) error {
	m, ok, err := mountedAt(point)
	if err != nil || !ok {
		return err
	}
	if m.kind != "fuse."+fsType {
		return nil // an ordinary file system; whether it is empty is looked at next
	}
	if alive(point) {
		return fmt.Errorf("a footagefs is mounted at %s already: footagefs unmount %s ends it", point, point)
	}
	if uid := os.Geteuid(); uid != 0 && uid != m.owner {
		return fmt.Errorf("a dead footagefs of user %d is left at %s, which only he or root can clear away: umount -l %s", m.owner, point, point)
	}
	if err := unmount(point, true); err != nil {
		return fmt.Errorf("clearing away the dead mount at %s: %w", point, err)
	}
	return nil
}

// alive is true where somebody answers for a mount. Its folder has to be opened: what it
// looks like the kernel may still remember of a dead one.
func alive(point string) bool {
	fd, err := unix.Open(point, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return !errors.Is(err, unix.ENOTCONN)
}

// mountedAt is the last mount at a path; ok is false where there is none.
func mountedAt(point string) (m mounted, ok bool, err error) {
	if real, err := filepath.EvalSymlinks(filepath.Dir(point)); err == nil {
		point = filepath.Join(real, filepath.Base(point))
	}
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return m, false, fmt.Errorf("reading the list of mounts: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if is, fine := parseMount(lines.Text()); fine && is.point == point {
			m, ok = is, true
		}
	}
	return m, ok, lines.Err()
}

// parseMount reads a line: id parent device root point options [tags] - kind source super-options.
func parseMount(line string) (m mounted, ok bool) {
	before, after, ok := strings.Cut(line, " - ")
	fields, rest := strings.Fields(before), strings.Fields(after)
	if !ok || len(fields) < 6 || len(rest) < 1 {
		return m, false
	}
	m = mounted{point: unescape(fields[4]), kind: rest[0], owner: -1}
	for _, option := range strings.Split(rest[len(rest)-1], ",") {
		if id, found := strings.CutPrefix(option, "user_id="); found {
			if n, err := strconv.Atoi(id); err == nil {
				m.owner = n
			}
		}
	}
	return m, true
}

// unescape reads the octal escapes of spaces and the like.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
