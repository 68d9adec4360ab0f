package drive

import (
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// fanotify tells of every change on the drive's file system, by the handle of the folder
// that it happened in. It needs privilege, and a file system that has handles: FUSE
// drivers and btrfs subvolumes have none for it.
type fanotify struct {
	drive *Drive
	file  *os.File
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

// mark opens the notification, of the file system and not of the mount: that would keep
// the drive busy. Names are asked for although they are not used: without
// them the kernel tells only what happens to folders, not to the files in them.
func (f *fanotify) mark(root int) error {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK|unix.FAN_REPORT_DFID_NAME, unix.O_RDONLY|unix.O_CLOEXEC)
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
		takeHandles(events[begin:size], c)
		events = events[size:]
	}
	return nil
}

// takeHandles adds the handles among an event's pieces of information.
func takeHandles(info []byte, c *changes) {
	for len(info) >= fanInfoHeader {
		size := int(binary.NativeEndian.Uint16(info[2:]))
		if size < fanInfoHeader || size > len(info) {
			return
		}
		folder := info[0] == unix.FAN_EVENT_INFO_TYPE_DFID_NAME || info[0] == unix.FAN_EVENT_INFO_TYPE_DFID
		if folder && size > fanHandleData {
			length := int(binary.NativeEndian.Uint32(info[fanHandle:]))
			if length <= size-fanHandleData {
				c.add(string(info[fanHandleType : fanHandleData+length]))
			}
		}
		info = info[size:]
	}
}

// resolve finds the folders of handles now. One that was removed is left out (its parent
// changed, too), and so is one outside of the drive, which a folder of the file system may be.
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

// folder finds the folder of a handle, relative to the root, open as from, whose path is top.
func (f *fanotify) folder(from int, top, key string) (string, bool) {
	handle := unix.NewFileHandle(int32(binary.NativeEndian.Uint32([]byte(key[:4]))), []byte(key[4:]))
	fd, err := unix.OpenByHandleAt(from, handle, unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY)
	if err != nil {
		return "", false
	}
	defer closeFD(fd)
	at, err := pathOf(fd)
	if err != nil {
		return "", false
	}
	path, below := relativeTo(top, at)
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
	return path, err == nil && there.Kind == Folder && there.Inode == this.Inode
}

// pathOf is where the kernel has what fd is open on.
func pathOf(fd int) (string, error) { return os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)) }
