package drive

import "golang.org/x/sys/unix"

// statFD is the look at what fd is open on.
func statFD(fd int) (Info, error) { return lookFD(fd, 0) }

// asked has no meaning here: there is no such call.
const asked = 0

func lookFD(fd, _ int) (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return Info{}, err
	}
	return infoOf(&st), nil
}

// statAt is the look at a name in the folder fd; a folder of another device is foreign.
func statAt(fd int, name string, _ int) (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return Info{}, err
	}
	info := infoOf(&st)
	if info.Kind != Folder {
		return info, nil
	}
	device, err := deviceID(fd)
	if err == nil && device != uint64(st.Dev) {
		return foreignInfo, nil
	}
	return info, err
}

func infoOf(st *unix.Stat_t) Info {
	return Info{
		Kind:       kindOf(uint32(st.Mode)),
		Size:       st.Size,
		ModTime:    st.Mtim.Nano(),
		ChangeTime: st.Ctim.Nano(),
		AccessTime: st.Atim.Nano(),
		Inode:      st.Ino,
		Mode:       uint32(st.Mode),
		Nlink:      uint32(st.Nlink),
		UID:        st.Uid,
		GID:        st.Gid,
		Blocks:     st.Blocks,
	}
}

// setBlocking takes back O_NONBLOCK, which was for the case that it was no file after all.
func setBlocking(fd int) error { return unix.SetNonblock(fd, false) }

// unit is the size of the blocks that statfs counts.
func unit(st *unix.Statfs_t) uint32 { return st.Bsize }
