package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// place is where the drive is: what of the system stands for it.
type place struct {
	mount   mount  // the mount that the drive was opened on; ID 0 where it is not known
	below   string // the drive's root below the mount's point
	signs   []sign // that the device is still there
	rootID  rootID // what is at the root's path, while it is the drive
	cloned  bool   // files are opened from a private clone of the mount, which writes nothing
	quiet   bool   // the mount itself keeps access times
	owned   bool   // O_NOATIME is ours to use at the root, so probably below it
	plugged plugged
	stop    int // closed to end the watch for the drive's going
	refused atomic.Bool
	subs    atomic.Pointer[[]string] // paths on which other file systems are mounted
}

// open opens the drive's root, finds out what there is to know of it, and begins to
// watch for its going.
func (d *Drive) open() error {
	fd, err := openRoot(d.dir)
	if err != nil {
		return err
	}
	v, err := d.openVigil()
	if err != nil {
		closeFD(fd)
		return err
	}
	defer closeFD(fd)
	d.explore(fd)
	if err := d.find(fd); err != nil {
		d.endWatch()
		v.close()
		return err
	}
	if clone, err := cloneMount(fd); err == nil { // whether we may
		closeFD(clone)
		d.cloned = true
	}
	d.held.open()
	d.watchOver(v)
	return nil
}

// openRoot opens a drive's root. One that may not or cannot be listed is opened all the same,
// for what is beneath it: that it cannot be listed is said when it is listed.
func openRoot(dir string) (int, error) {
	const flags = unix.O_DIRECTORY | unix.O_CLOEXEC
	fd, err := unix.Open(dir, flags|unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err == unix.EACCES || err == unix.EIO {
		if path, failed := unix.Open(dir, flags|unix.O_PATH, 0); failed == nil {
			return path, nil
		}
	}
	return fd, err
}

// find finds out how the root, open as fd, is reached and recognised from now on.
func (d *Drive) find(fd int) (err error) {
	if d.rootID, err = readRootID(fd, d.fsys.Strong); err != nil {
		return err
	}
	d.at.Store(&d.dir)
	if real, err := filepath.EvalSymlinks(d.dir); err == nil {
		d.at.Store(&real)
	}
	again, err := d.openRootAt(*d.at.Load())
	if err == nil {
		closeFD(again)
	}
	return err
}

// explore gathers the facts of the folder fd.
func (d *Drive) explore(fd int) {
	const sys = system("/")
	table := readMounts()
	d.locate(fd, table)
	d.findForeign(table)
	d.fsys = sys.identify(fd, d.mount, d.below, table)
	d.quiet = d.mount.has("ro") || d.mount.has("noatime") && d.fsys.Local
	d.owned = mayKeepAtime(fd)
	dev, ok := sys.deviceOf(d.mount)
	if ok {
		d.signs = lifeSigns(dev.dir)
	}
	d.plugged = plugged{since: sys.pluggedSince(dev, ok), protected: ok && dev.isWriteProtected()}
}

// locate finds the mount that fd is on. It stays unknown where we see another part of
// the system than the one the folder is in.
func (d *Drive) locate(fd int, table []mount) {
	link := "/proc/self/fd/" + strconv.Itoa(fd)
	path, err := os.Readlink(link)
	if err != nil {
		return
	}
	m, ok := findMount(table, mountID(fd))
	if !ok {
		return
	}
	if below, ok := Relative(m.Point, path); ok {
		d.mount, d.below = m, below
	}
}

// mountID is the number of the mount that fd is on, as in mountinfo; 0 where it is not told.
func mountID(fd int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "mnt_id:"); ok {
			id, _ := strconv.Atoi(strings.TrimSpace(value))
			return id
		}
	}
	return 0
}

// mayKeepAtime is true where O_NOATIME may be used: by the owner of a file, and by root.
func mayKeepAtime(fd int) bool {
	again, err := unix.Openat(fd, ".", listFlags|unix.O_NOATIME|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	closeFD(again)
	return true
}

// cloneMount is a private mount of the folder fd on which the kernel writes nothing: no
// access time (not even for those who read through kernel passthrough, where the flags
// of our descriptors do not count), and no program, device or link of it works.
// It needs CAP_SYS_ADMIN.
func cloneMount(fd int) (int, error) {
	clone, err := unix.OpenTree(fd, "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return -1, err
	}
	attr := unix.MountAttr{
		Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOATIME | unix.MOUNT_ATTR_NOSUID |
			unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_NOSYMFOLLOW,
		Attr_clr: unix.MOUNT_ATTR__ATIME,
		// Else what is mounted below the drive later would appear in the clone too.
		Propagation: unix.MS_PRIVATE,
	}
	if err := unix.MountSetattr(clone, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		closeFD(clone)
		return -1, err
	}
	return clone, nil
}

// closePlace closes what is watched; nothing of it is the drive's.
func (d *Drive) closePlace() {
	for _, s := range d.signs {
		closeFD(s.fd)
	}
}

// openQuietly opens beneath the folder at of the drive's own mount, for reading, without
// moving access times where that can be had.
func (d *Drive) openQuietly(at int, path string, flags int) (int, error) {
	if d.quiet {
		return openBeneath(at, path, flags)
	}
	fd, err := openBeneath(at, path, flags|unix.O_NOATIME)
	if err == unix.EPERM { // for the file's owner only
		if fd, err = openBeneath(at, path, flags); err == nil {
			d.refused.Store(true)
		}
	}
	return fd, err
}

// AccessTimes is true where reading may move access times on the drive, as its own mount
// option has it: without privilege on others' files, and where a server or a FUSE driver
// keeps them. It may become true later, when the first such file is read.
func (d *Drive) AccessTimes() bool {
	if d.quiet {
		return false
	}
	return !d.fsys.Local || !d.cloned && !d.owned || d.refused.Load()
}

// anyForeign is true where something is mounted below the drive.
func (d *Drive) anyForeign() bool { return d.subs.Load() != nil }

// foreign is the mount point at or above path.
func (d *Drive) foreign(path string) (string, bool) {
	subs := d.subs.Load()
	if subs == nil {
		return "", false
	}
	for _, sub := range *subs {
		if path == sub || strings.HasPrefix(path, sub+"/") {
			return sub, true
		}
	}
	return "", false
}

// findForeign keeps what is mounted below the drive: a clone of its mount shows the
// covered folders instead, and openat2 does not tell for names that are only listed.
func (d *Drive) findForeign(table []mount) {
	if d.mount.ID == 0 {
		return
	}
	m, ok := findMount(table, d.mount.ID)
	if !ok {
		return
	}
	subs := submounts(table, m, d.below)
	slices.Sort(subs)
	old := d.subs.Load()
	if old == nil && len(subs) == 0 || old != nil && slices.Equal(*old, subs) {
		return
	}
	if len(subs) > 0 {
		d.subs.Store(&subs)
	} else {
		d.subs.Store(nil)
	}
	select {
	case d.remounted <- struct{}{}:
	default: // Watch has not taken the last one yet
	}
}

func noMedium(errno syscall.Errno) bool { return errno == syscall.ENOMEDIUM }
