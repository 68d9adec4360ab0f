package drive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// inotify watches the folders of a drive one by one, as far as the user's limit goes.
type inotify struct {
	drive   *Drive
	file    *os.File
	fd      int
	folders map[int]string // by watch
	covers  bool           // every folder is watched, and must stay so
}

const inotifyMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
	unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_CLOSE_WRITE | unix.IN_EXCL_UNLINK | unix.IN_ONLYDIR

func (d *Drive) openInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	return &inotify{drive: d, file: os.NewFile(uintptr(fd), "inotify"), fd: fd, folders: map[int]string{}}, nil
}

func (i *inotify) read(buf []byte) (int, error) { return i.file.Read(buf) }

func (i *inotify) close() { i.file.Close() }

// tellsFiles: a folder's watch knows nothing of the other names of the files in it.
func (i *inotify) tellsFiles() bool { return false }

// resolve: the key of a change is its folder.
func (i *inotify) resolve(keys map[string]struct{}) (map[string]struct{}, error) { return keys, nil }

// fill watches all folders, those near the root first, for the case that it cannot be all.
func (i *inotify) fill() error { return i.grow(".", func(string) {}) }

// grow watches a folder and those below it, and calls each for every one. A folder is
// watched before it is listed, so that none that is made meanwhile escapes.
func (i *inotify) grow(folder string, each func(string)) error {
	root, err := i.drive.reach()
	if err != nil {
		return err
	}
	defer i.drive.leave(root)
	var incomplete error
	queue := []string{folder}
	for len(queue) > 0 {
		folder, queue = queue[0], queue[1:]
		err := i.watch(root, folder)
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
			continue // removed or replaced meanwhile
		}
		if errors.Is(err, unix.ENOSPC) || errors.Is(err, ErrGone) {
			return err
		}
		if err != nil {
			incomplete = err
			continue
		}
		each(folder)
		entries, err := i.drive.readDirFrom(root, folder)
		if err != nil && !errors.Is(err, unix.ENOENT) {
			incomplete = err
		}
		for _, e := range entries {
			if e.Kind == Folder {
				queue = append(queue, Join(folder, e.Name))
			}
		}
	}
	return incomplete
}

// watch watches one folder, by a descriptor and not by its path from the system's root.
func (i *inotify) watch(root int, folder string) error {
	if i.drive.Gone() {
		return ErrGone
	}
	fd, err := openBeneath(root, folder, folderOnly)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	wd, err := unix.InotifyAddWatch(i.fd, "/proc/self/fd/"+strconv.Itoa(fd), inotifyMask)
	if err != nil {
		return fmt.Errorf("watching a folder: %w", err)
	}
	i.folders[wd] = folder
	return nil
}

// take adds the folders of events, and follows folders that come and go.
func (i *inotify) take(events []byte, c *changes) error {
	for len(events) >= unix.SizeofInotifyEvent {
		wd := int(int32(binary.NativeEndian.Uint32(events)))
		mask := binary.NativeEndian.Uint32(events[4:])
		size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
		if size > len(events) {
			return errBadEvents
		}
		name := events[unix.SizeofInotifyEvent:size]
		if end := bytes.IndexByte(name, 0); end >= 0 {
			name = name[:end]
		}
		if err := i.event(wd, mask, string(name), c); err != nil && i.covers {
			return err
		}
		events = events[size:]
	}
	return nil
}

func (i *inotify) event(wd int, mask uint32, name string, c *changes) error {
	if mask&unix.IN_Q_OVERFLOW != 0 {
		c.everything = true
		clear(i.folders)
		return i.fill()
	}
	folder, ok := i.folders[wd]
	if !ok {
		return nil
	}
	if mask&unix.IN_IGNORED != 0 {
		delete(i.folders, wd)
		return nil
	}
	c.add(folder)
	if mask&unix.IN_ISDIR == 0 || name == "" {
		return nil
	}
	switch path := Join(folder, name); {
	case mask&unix.IN_MOVED_FROM != 0:
		i.forget(path)
	case mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0:
		return i.grow(path, c.add)
	}
	return nil
}

// forget ends the watches of a folder that was moved away, and of those below it.
func (i *inotify) forget(path string) {
	for wd, folder := range i.folders {
		if folder == path || strings.HasPrefix(folder, path+"/") {
			_, _ = unix.InotifyRmWatch(i.fd, uint32(wd))
			delete(i.folders, wd)
		}
	}
}
