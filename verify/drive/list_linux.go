package drive

import (
	"bytes"
	"encoding/binary"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Buffers for getdents64, reused: 64 KiB hold some thousand names.
var listBuffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// readListing reads the folder fd from its beginning and sorts its names by bytes.
// Kinds are 0 where the file system lists names without them. The listing is list, made
// anew, or another one where that is nil.
func readListing(fd int, list *listing) (*listing, error) {
	if _, err := unix.Seek(fd, 0, unix.SEEK_SET); err != nil {
		return nil, err
	}
	buf := listBuffers.Get().(*[]byte)
	defer listBuffers.Put(buf)
	list = list.emptied()
	for {
		n, err := unix.Getdents(fd, *buf)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, err
		case n <= 0:
			list.sort()
			return list, nil
		}
		list.parse((*buf)[:n])
		if list.bytes() > maxListing {
			return nil, errTooMany
		}
	}
}

// Offsets in a struct linux_dirent64.
const (
	direntIno    = 0
	direntReclen = 16
	direntType   = 18
	direntName   = 19
)

// parse adds the entries of a getdents64 buffer, less "." and "..", and names that no
// path can hold, which only a broken FUSE driver gives.
func (l *listing) parse(buf []byte) {
	for len(buf) > direntName {
		size := int(binary.NativeEndian.Uint16(buf[direntReclen:]))
		if size <= direntName || size > len(buf) {
			return
		}
		name := buf[direntName:size]
		if end := bytes.IndexByte(name, 0); end >= 0 {
			name = name[:end]
		}
		if checkName(name) {
			l.add(name, kindOfType(buf[direntType]), binary.NativeEndian.Uint64(buf[direntIno:]))
		}
		buf = buf[size:]
	}
}

func checkName(name []byte) bool {
	return len(name) > 0 && string(name) != "." && string(name) != ".." && bytes.IndexByte(name, '/') < 0
}

// look looks at the i-th name in the folder fd. It is statAt without making a string.
func (l *listing) look(fd, i, flags int) (Info, error) {
	var st unix.Statx_t
	name := unsafe.Pointer(&l.names[l.items[i].at])
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(fd), uintptr(name),
			uintptr(unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT|flags), unix.STATX_BASIC_STATS, uintptr(unsafe.Pointer(&st)), 0)
		switch errno {
		case 0:
			return infoAt(&st), nil
		case unix.EINTR:
			continue
		}
		return Info{}, errno
	}
}
