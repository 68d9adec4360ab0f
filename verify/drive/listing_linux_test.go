package drive

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// dirent is an entry as getdents64 gives it.
func dirent(name string, typ byte, inode uint64) []byte {
	b := binary.NativeEndian.AppendUint64(nil, inode)
	b = binary.NativeEndian.AppendUint64(b, 0)
	size := (direntName + len(name) + 1 + 7) / 8 * 8
	b = binary.NativeEndian.AppendUint16(b, uint16(size))
	b = append(append(b, typ), name...)
	return append(b, make([]byte, size-len(b))...)
}

func FuzzListing(f *testing.F) {
	f.Add(append(dirent(".", 4, 1), dirent("clip\n\xff", 8, 2)...))
	f.Add(dirent("a/b", 8, 1))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, buf []byte) {
		var list listing
		list.parse(buf)
		list.sort()
		last := []byte(nil)
		for i, e := range list.entries() {
			if e.Name == "" || e.Name == "." || e.Name == ".." || bytes.ContainsAny([]byte(e.Name), "/\x00") {
				t.Errorf("entry %q", e.Name)
			}
			if i > 0 && bytes.Compare(last, []byte(e.Name)) > 0 {
				t.Errorf("%q after %q", e.Name, last)
			}
			last = []byte(e.Name)
		}
	})
}

func FuzzEvents(f *testing.F) {
	f.Add(make([]byte, fanMetadata), true)
	f.Add(make([]byte, 16), false)
	f.Fuzz(func(t *testing.T, events []byte, whole bool) {
		var c changes
		if whole {
			_ = (&fanotify{}).take(events, &c)
		} else {
			_ = (&inotify{drive: &Drive{}, fd: -1, folders: map[int]string{1: "a"}}).take(events, &c)
		}
		for key := range c.keys {
			if whole && len(key) < 4 {
				t.Errorf("a handle of %d bytes", len(key))
			}
		}
	})
}
