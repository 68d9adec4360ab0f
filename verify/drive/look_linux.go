package drive

import "golang.org/x/sys/unix"

// asked, among the flags of a look, has a server or a FUSE driver asked now: what the kernel
// remembers of a file there may be minutes old. Of local file systems it costs nothing.
const asked = unix.AT_STATX_FORCE_SYNC

// statFD is the look at what fd is open on.
func statFD(fd int) (Info, error) { return lookFD(fd, 0) }

func lookFD(fd, flags int) (Info, error) {
	var st unix.Statx_t
	if err := statx(fd, "", unix.AT_EMPTY_PATH|flags, &st); err != nil {
		return Info{}, err
	}
	return infoOf(&st), nil
}

// statAt is the look at a name in the folder fd; a mount point is not looked into.
func statAt(fd int, name string, flags int) (Info, error) {
	var st unix.Statx_t
	if err := statx(fd, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT|flags, &st); err != nil {
		return Info{}, err
	}
	return infoAt(&st), nil
}

// infoAt is the look at an entry of a folder: the root of a mount is another file system's.
func infoAt(st *unix.Statx_t) Info {
	if st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return foreignInfo
	}
	return infoOf(st)
}

func statx(fd int, name string, flags int, st *unix.Statx_t) error {
	for {
		if err := unix.Statx(fd, name, flags, unix.STATX_BASIC_STATS, st); err != unix.EINTR {
			return err
		}
	}
}

func infoOf(st *unix.Statx_t) Info {
	return Info{
		Kind:       kindOf(uint32(st.Mode)),
		Size:       int64(st.Size),
		ModTime:    nanoseconds(st.Mtime),
		ChangeTime: nanoseconds(st.Ctime),
		AccessTime: nanoseconds(st.Atime),
		Inode:      st.Ino,
		Mode:       uint32(st.Mode),
		Nlink:      st.Nlink,
		UID:        st.Uid,
		GID:        st.Gid,
		Blocks:     int64(st.Blocks),
	}
}

func nanoseconds(t unix.StatxTimestamp) int64 { return t.Sec*1e9 + int64(t.Nsec) }

// setBlocking takes back O_NONBLOCK, which was for the case that it was no file after all.
func setBlocking(fd int) error {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags&^unix.O_NONBLOCK)
	return err
}

// unit is the size of the blocks that statfs counts; Bsize is how much is best read at once.
func unit(st *unix.Statfs_t) uint32 {
	if st.Frsize > 0 {
		return uint32(st.Frsize)
	}
	return uint32(st.Bsize)
}
