package drive

import (
	"bytes"
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"
)

// Buffers for getdents64, reused: 64 KiB hold some thousand names.
var listBuffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// readEntries reads the folder fd from its beginning, in the file system's order.
func readEntries(fd int) ([]Entry, error) {
	buf := listBuffers.Get().(*[]byte)
	defer listBuffers.Put(buf)
	var entries []Entry
	for {
		n, err := unix.Getdents(fd, *buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return resolveKinds(fd, entries)
		}
		entries = appendEntries(entries, (*buf)[:n])
	}
}

// Offsets in a struct linux_dirent64.
const (
	direntIno    = 0
	direntReclen = 16
	direntType   = 18
	direntName   = 19
)

// appendEntries appends the entries of a getdents64 buffer, less "." and "..".
func appendEntries(entries []Entry, buf []byte) []Entry {
	for len(buf) >= direntName {
		size := int(binary.NativeEndian.Uint16(buf[direntReclen:]))
		if size < direntName || size > len(buf) {
			return entries
		}
		name := buf[direntName:size]
		if end := bytes.IndexByte(name, 0); end >= 0 {
			name = name[:end]
		}
		if s := string(name); s != "." && s != ".." && s != "" {
			entries = append(entries, Entry{
				Name:  s,
				Kind:  kindOfType(buf[direntType]),
				Inode: binary.NativeEndian.Uint64(buf[direntIno:]),
			})
		}
		buf = buf[size:]
	}
	return entries
}

// resolveKinds looks at the entries of file systems that list names without types.
func resolveKinds(fd int, entries []Entry) ([]Entry, error) {
	kept := entries[:0]
	for _, e := range entries {
		if e.Kind == 0 {
			info, err := statAt(fd, e.Name)
			if err == unix.ENOENT {
				continue // removed since it was listed
			}
			if err != nil {
				return nil, err
			}
			e.Kind = info.Kind
		}
		kept = append(kept, e)
	}
	return kept, nil
}
