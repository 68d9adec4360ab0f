package drive

import (
	"path"

	"golang.org/x/sys/unix"
)

// rootID tells the drive's root from whatever else may be at its path.
type rootID struct {
	// mount is the number of the mount: one that no other mount since boot has had
	// (Linux 6.8), else one that is given again when it is free.
	mount        uint64
	unique       bool
	major, minor uint32
	inode        uint64 // 0 where inode numbers do not last
}

// rootAsk is what statx is asked for.
const rootAsk = unix.STATX_BASIC_STATS | unix.STATX_MNT_ID_UNIQUE

// readRootID is the identity of the folder fd.
func readRootID(fd int, inodesLast bool) (rootID, error) {
	var st unix.Statx_t
	for {
		err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, rootAsk, &st)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return rootID{}, err
		}
		break
	}
	id := rootID{mount: st.Mnt_id, unique: st.Mask&unix.STATX_MNT_ID_UNIQUE != 0, major: st.Dev_major, minor: st.Dev_minor}
	if inodesLast {
		id.inode = st.Ino
	}
	return id, nil
}

// openRootAt opens the drive's root at a path, for its path only: neither a right to list
// it is needed, nor is anything of it read.
func (d *Drive) openRootAt(dir string) (int, error) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	for err == unix.EINTR {
		fd, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	switch err {
	case nil:
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP:
		return -1, errElsewhere
	default:
		return -1, err
	}
	id, err := readRootID(fd, d.rootID.inode != 0)
	if err == nil && id != d.rootID {
		err = errElsewhere
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

// movedTo is where the root is now: a folder above its mount point may have been renamed,
// or its mount moved (mount --move).
func (d *Drive) movedTo() (string, bool) {
	if d.mount.ID == 0 {
		return "", false
	}
	m, ok := findMount(readMounts(), d.mount.ID)
	if !ok || m.Device != d.mount.Device || m.Root != d.mount.Root {
		return "", false
	}
	now := path.Join(m.Point, d.below)
	return now, now != *d.at.Load()
}
