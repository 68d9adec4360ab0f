package drive

import (
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// fanotify tells of every change on the drive's file system, by the handle of the folder
// that it happened in, and by that of the file. The folder alone would not do: it is the
// one by way of which the file was changed, which may be another hard link's, outside of
// the drive; and who changes a file by a handle, as an NFS server does, comes by no folder.
// It needs privilege, and a file system that has handles: FUSE drivers and btrfs
// subvolumes have none for it.
type fanotify struct {
	drive  *Drive
	file   *os.File
	byFile bool // files' handles are told, and their inode numbers can be read in them
}

// fanotifyMask is what counts as a change. Nothing that reading does is in it.
const fanotifyMask = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO |
	unix.FAN_MODIFY | unix.FAN_ATTRIB | unix.FAN_CLOSE_WRITE | unix.FAN_ONDIR

func (d *Drive) openFanotify() (*fanotify, error) {
	root, err := d.openAt(".", listFlags)
	if err != nil {
		return nil, err
	}
	defer closeFD(root)
	f := &fanotify{drive: d}
	if err := f.mark(root); err != nil {
		return nil, err
	}
	return f, nil
}

// init opens the notification. Names are asked for although they are not used: without
// them the kernel tells only what happens to folders, not to the files in them. The files'
// own handles are to be had from Linux 5.17 on.
func (f *fanotify) init(root int) (int, error) {
	const base = unix.FAN_CLASS_NOTIF | unix.FAN_CLOEXEC | unix.FAN_NONBLOCK | unix.FAN_REPORT_DFID_NAME
	const files = unix.FAN_REPORT_FID | unix.FAN_REPORT_TARGET_FID
	f.byFile = numbersFiles(root)
	if f.byFile {
		fd, err := unix.FanotifyInit(base|files, unix.O_RDONLY|unix.O_CLOEXEC)
		if err != unix.EINVAL {
			return fd, err
		}
		f.byFile = false
	}
	return unix.FanotifyInit(base, unix.O_RDONLY|unix.O_CLOEXEC)
}

// numbersFiles is true where a handle on this file system has the inode number in it.
func numbersFiles(root int) bool {
	handle, _, err := unix.NameToHandleAt(root, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return false
	}
	info, err := statFD(root)
	inode, ok := inodeOf(uint32(handle.Type()), handle.Bytes())
	return err == nil && ok && inode == info.Inode
}

// mark opens the notification, of the file system and not of the mount: that would keep
// the drive busy.
func (f *fanotify) mark(root int) error {
	fd, err := f.init(root)
	if err != nil {
		return err
	}
	err = unix.FanotifyMark(fd, unix.FAN_MARK_ADD|unix.FAN_MARK_FILESYSTEM|unix.FAN_MARK_ONLYDIR, fanotifyMask, root, ".")
	if err == nil {
		err = tryHandles(root)
	}
	if err != nil {
		closeFD(fd)
		return err
	}
	f.file = os.NewFile(uintptr(fd), "fanotify")
	return nil
}

// tryHandles makes sure that folders can be found again by their handles.
func tryHandles(root int) error {
	handle, _, err := unix.NameToHandleAt(root, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	fd, err := unix.OpenByHandleAt(root, handle, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return err
	}
	closeFD(fd)
	return nil
}

func (f *fanotify) read(buf []byte) (int, error) { return f.file.Read(buf) }

func (f *fanotify) close() { f.file.Close() }

// Offsets in a struct fanotify_event_metadata, a header of information behind it, and
// the file handle in that.
const (
	fanMetadata   = 24
	fanMask       = 8
	fanInfoHeader = 4
	fanHandle     = fanInfoHeader + 8 // after the file system's identifier
	fanHandleType = fanHandle + 4
	fanHandleData = fanHandleType + 4
)

// take adds the handles of folders. The key of a change is the handle: its type, its bytes.
func (f *fanotify) take(events []byte, c *changes) error {
	for len(events) >= fanMetadata {
		size := int(binary.NativeEndian.Uint32(events))
		begin := int(binary.NativeEndian.Uint16(events[6:]))
		if size < fanMetadata || size > len(events) || begin < fanMetadata || begin > size {
			return errBadEvents
		}
		if binary.NativeEndian.Uint64(events[fanMask:])&unix.FAN_Q_OVERFLOW != 0 {
			c.everything = true
		}
		f.takeHandles(events[begin:size], c)
		events = events[size:]
	}
	return nil
}

// takeHandles adds the handles among an event's pieces of information: folders by their
// handles, files by the inode numbers in theirs. A file that was come by in no folder is
// looked for by its handle, too.
func (f *fanotify) takeHandles(info []byte, c *changes) {
	inFolder, file := false, ""
	for len(info) >= fanInfoHeader {
		size := int(binary.NativeEndian.Uint16(info[2:]))
		if size < fanInfoHeader || size > len(info) {
			return
		}
		handle := handleIn(info[:size])
		switch {
		case handle == "":
		case info[0] == unix.FAN_EVENT_INFO_TYPE_DFID_NAME, info[0] == unix.FAN_EVENT_INFO_TYPE_DFID:
			c.add(handle)
			inFolder = true
		case info[0] == unix.FAN_EVENT_INFO_TYPE_FID && f.byFile:
			if inode, ok := inodeOf(handleType(handle), []byte(handle[4:])); ok {
				c.addFile(inode)
			}
			file = handle
		}
		info = info[size:]
	}
	if !inFolder && file != "" {
		c.add(file)
	}
}

// handleIn is the type and the bytes of the handle in a piece of information, "" where
// there is none.
func handleIn(info []byte) string {
	if len(info) <= fanHandleData {
		return ""
	}
	length := int(binary.NativeEndian.Uint32(info[fanHandle:]))
	if length <= 0 || length > len(info)-fanHandleData {
		return ""
	}
	return string(info[fanHandleType : fanHandleData+length])
}

func handleType(handle string) uint32 { return binary.NativeEndian.Uint32([]byte(handle[:4])) }

// inodeOf reads the inode number in a file handle of the types that file systems of drives
// have: those of the kernel's own encoding (32 bits), of XFS and of btrfs (64 bits), as
// include/linux/exportfs.h has them.
func inodeOf(kind uint32, handle []byte) (uint64, bool) {
	switch kind {
	case 0x01, 0x02: // FILEID_INO32_GEN, and with the parent
		if len(handle) >= 4 {
			return uint64(binary.NativeEndian.Uint32(handle)), true
		}
	case 0x81, 0x82, 0x4d, 0x4e, 0x4f: // FILEID_INO64_GEN, FILEID_BTRFS_*
		if len(handle) >= 8 {
			return binary.NativeEndian.Uint64(handle), true
		}
	}
	return 0, false
}

// tellsFiles is true where the handles of files are told.
func (f *fanotify) tellsFiles() bool { return f.byFile }

// resolve finds the folders of handles now, or those of files'. One that was removed is left
// out (its parent changed, too), and so is one outside of the drive, which a folder of the
// file system may be, and a file of which the kernel knows no name at the moment.
func (f *fanotify) resolve(keys map[string]struct{}) (map[string]struct{}, error) {
	root, err := f.drive.reach()
	if err != nil {
		return nil, err
	}
	defer f.drive.leave(root)
	// Handles are found from a descriptor that was opened for reading, as root's is not.
	from, err := openBeneath(root, ".", listFlags)
	if err != nil {
		return nil, err
	}
	defer closeFD(from)
	top, err := pathOf(from)
	if err != nil {
		return nil, err
	}
	folders := make(map[string]struct{}, len(keys))
	for key := range keys {
		if folder, ok := f.folder(from, top, key); ok {
			folders[folder] = struct{}{}
		}
	}
	return folders, nil
}

// folder finds the folder of a handle, or that of a file's, relative to the root, open as from, whose path is top.
func (f *fanotify) folder(from int, top, key string) (string, bool) {
	handle := unix.NewFileHandle(int32(handleType(key)), []byte(key[4:]))
	fd, err := unix.OpenByHandleAt(from, handle, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return "", false
	}
	defer closeFD(fd)
	at, err := pathOf(fd)
	if err != nil {
		return "", false
	}
	path, below := Relative(top, at)
	if !below {
		return "", false
	}
	// The kernel names a folder outside of what is mounted as if the file system's root
	// were, so that only its inode tells.
	there, err := f.drive.statFrom(from, path)
	if err != nil {
		return "", false
	}
	this, err := statFD(fd)
	if err != nil || there.Kind != this.Kind || there.Inode != this.Inode {
		return "", false
	}
	if there.Kind != Folder {
		path, _ = Split(path)
	}
	return path, true
}

// pathOf is where the kernel has what fd is open on.
func pathOf(fd int) (string, error) { return os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)) }
