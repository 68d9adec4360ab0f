package drive

import (
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// place is where the drive is: what of the system stands for it.
type place struct {
	plugged plugged
	mount   mount
	below   string // the drive's root below the mount's point
	fsid    unix.Fsid
	inode   uint64 // of the root, 0 where inode numbers do not last
	cloned  bool   // never
}

// open opens the drive's root, finds out what there is to know of it, and begins to
// watch for its going.
func (d *Drive) open() error {
	fd, err := unix.Open(d.dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	if err := d.explore(fd); err != nil {
		return err
	}
	if d.fsys.Strong {
		info, err := statFD(fd)
		if err != nil {
			return err
		}
		d.inode = info.Inode
	}
	d.at.Store(&d.dir)
	d.held.open()
	d.watcher.Go(d.watchOver)
	return nil
}

// explore gathers the facts of the folder fd.
func (d *Drive) explore(fd int) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return err
	}
	d.fsid = st.Fsid
	d.mount = mountOf(&st)
	path := d.dir
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	d.below = "."
	if below, ok := Relative(d.mount.Point, path); ok {
		d.below = below
	}
	f := facts{mount: d.mount, below: d.below, boot: bootTime(), uuid: volumeUUID(d.mount.Point)}
	f.unique = strconv.FormatInt(int64(st.Fsid.Val[0]), 10)
	if strings.HasPrefix(f.mount.Source, "/dev/") {
		f.device = filepath.Base(f.mount.Source)
	}
	if filepath.Dir(f.mount.Point) == "/Volumes" {
		f.label = filepath.Base(f.mount.Point)
	}
	d.fsys = f.fileSystem()
	if seconds, err := strconv.ParseInt(bootTime(), 10, 64); err == nil {
		d.plugged.since = time.Unix(seconds, 0)
	}
	return nil
}

func mountOf(st *unix.Statfs_t) mount {
	m := mount{
		Root:   "/",
		Point:  cString(st.Mntonname[:]),
		Type:   cString(st.Fstypename[:]),
		Source: cString(st.Mntfromname[:]),
	}
	if m.Type == "hfs" { // as it calls HFS+, which elsewhere is the name of its predecessor
		m.Type = "hfsplus"
	}
	if st.Flags&unix.MNT_RDONLY != 0 {
		m.Options = "ro"
	}
	return m
}

// bootTime changes with each start of the machine.
func bootTime() string {
	boot, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return ""
	}
	return strconv.FormatInt(boot.Sec, 10)
}

// attributeList asks getattrlist(2) for a volume's UUID.
type attributeList struct {
	count, reserved                    uint16
	common, volume, folder, file, fork uint32
}

// volumeUUID is the UUID of the volume mounted at point, "" where it has none.
func volumeUUID(point string) string {
	path, err := unix.BytePtrFromString(point)
	if err != nil {
		return ""
	}
	ask := attributeList{count: 5, volume: unix.ATTR_VOL_INFO | unix.ATTR_VOL_UUID}
	var answer [20]byte // its length, then the UUID
	_, _, errno := syscall.Syscall6(syscall.SYS_GETATTRLIST, uintptr(unsafe.Pointer(path)),
		uintptr(unsafe.Pointer(&ask)), uintptr(unsafe.Pointer(&answer)), unsafe.Sizeof(answer), 0, 0)
	if errno != 0 {
		return ""
	}
	return binaryUUID(answer[4:])
}

// watchOver releases the drive once its file system is not mounted any more. The list of
// mounts is asked, not the drive, which may hang.
func (d *Drive) watchOver() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-d.gone:
			return
		case <-ticker.C:
			if !d.mounted() {
				d.Release()
				return
			}
		}
	}
}

func (d *Drive) mounted() bool {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return true
	}
	list := make([]unix.Statfs_t, n+8)
	n, err = unix.Getfsstat(list, unix.MNT_NOWAIT)
	if err != nil {
		return true
	}
	for i := range list[:n] {
		if list[i].Fsid == d.fsid {
			return true
		}
	}
	return false
}

// endWatch ends the watch, which waits for the drive's going too.
func (d *Drive) endWatch() {}

func (d *Drive) closePlace() {}

// openRootAt opens the drive's root at a path.
func (d *Drive) openRootAt(dir string) (int, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	switch err {
	case nil:
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP:
		return -1, errElsewhere
	default:
		return -1, err
	}
	var st unix.Statfs_t
	info, err := statFD(fd)
	if err == nil {
		err = unix.Fstatfs(fd, &st)
	}
	if err == nil && (st.Fsid != d.fsid || d.inode != 0 && info.Inode != d.inode) {
		err = errElsewhere
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

// movedTo knows of no other place.
func (d *Drive) movedTo() (string, bool) { return "", false }

// cloneMount: macOS has no private mounts.
func cloneMount(int) (int, error) { return -1, unix.ENOSYS }

// here is asked after an error that an absent drive may have given.
func (d *Drive) here(error) bool {
	if d.mounted() {
		return true
	}
	d.Release()
	return false
}

// anyForeign and foreign know no mount points: each look compares devices.
func (d *Drive) anyForeign() bool { return false }

func (d *Drive) foreign(string) (string, bool) { return "", false }

func (d *Drive) openQuietly(at int, path string, flags int) (int, error) {
	return openBeneath(at, path, flags)
}

// AccessTimes is true where reading may move access times on the drive.
func (d *Drive) AccessTimes() bool { return !d.mount.has("ro") }

func noMedium(syscall.Errno) bool { return false }
