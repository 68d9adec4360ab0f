package drive

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// fanotify tells of every change on the drive's file system, by the handle of the folder
// that it happened in. It needs privilege, and a file system that has handles: FUSE
// drivers and btrfs subvolumes have none for it.
type fanotify struct {
	drive *Drive
	file  *os.File
	root  int // the drive's root, opened for reading as handles are found from it
}

// fanotifyMask is what counts as a change. Nothing that reading does is in it.
const fanotifyMask = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO |
	unix.FAN_MODIFY | unix.FAN_ATTRIB | unix.FAN_CLOSE_WRITE | unix.FAN_ONDIR

func (d *Drive) openFanotify() (*fanotify, error) {
	root, err := d.openAt(".", listFlags)
	if err != nil {
		return nil, err
	}
	f := &fanotify{drive: d, root: root}
	if err := f.mark(); err != nil {
		closeFD(root)
		return nil, err
	}
	return f, nil
}

// mark opens the notification. Names are asked for although they are not used: without
// them the kernel tells only what happens to folders, not to the files in them.
func (f *fanotify) mark() error {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK|unix.FAN_REPORT_DFID_NAME, unix.O_RDONLY|unix.O_CLOEXEC)
	if err != nil {
		return err
	}
	err = unix.FanotifyMark(fd, unix.FAN_MARK_ADD|unix.FAN_MARK_FILESYSTEM|unix.FAN_MARK_ONLYDIR, fanotifyMask, f.root, ".")
	if err == nil {
		err = f.tryHandles()
	}
	if err != nil {
		closeFD(fd)
		return err
	}
	f.file = os.NewFile(uintptr(fd), "fanotify")
	return nil
}

// tryHandles makes sure that folders can be found again by their handles.
func (f *fanotify) tryHandles() error {
	handle, _, err := unix.NameToHandleAt(f.root, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	fd, err := unix.OpenByHandleAt(f.root, handle, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return err
	}
	closeFD(fd)
	return nil
}

func (f *fanotify) read(buf []byte) (int, error) { return f.file.Read(buf) }

func (f *fanotify) close() {
	f.file.Close()
	closeFD(f.root)
}

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

// resolve finds the folder of a handle now. One that was removed is left out (its parent
// changed, too), and so is one outside of the drive, which a folder of the file system may be.
func (f *fanotify) resolve(key string) (string, bool) {
	handle := unix.NewFileHandle(int32(binary.NativeEndian.Uint32([]byte(key[:4]))), []byte(key[4:]))
	fd, err := unix.OpenByHandleAt(f.root, handle, unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY)
	if err != nil {
		return "", false
	}
	defer closeFD(fd)
	link, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return "", false
	}
	// The clone is nowhere mounted: its paths begin at its root. The kernel names a folder
	// outside of it from the file system's root, so that only its inode tells.
	path := strings.TrimPrefix(link, "/")
	if path == "" {
		path = "."
	}
	there, err := f.drive.stat(path)
	if err != nil {
		return "", false
	}
	this, err := statFD(fd)
	return path, err == nil && there.Kind == Folder && there.Inode == this.Inode
}
