package fs

import (
	"errors"
	"fmt"
	"os"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
)

// macFUSE is where its mount program lies.
const macFUSE = "/Library/Filesystems/macfuse.fs/Contents/Resources/mount_macfuse"

// possible says what is missing for a mount, before anything is touched.
func (o Options) possible() error {
	if _, err := os.Stat(macFUSE); err != nil {
		return fmt.Errorf("macFUSE is not installed: get it from https://macfuse.github.io or with brew install --cask macfuse")
	}
	return nil
}

// platform adds what only macOS knows. A mount that is not called local is not crawled by
// Spotlight.
func (o Options) platform(m *fuse.MountOptions) {
	name := o.VolName
	if name == "" {
		name = tree.LibraryName
	}
	m.Options = append(m.Options, "volname="+name)
}

// unmount unmounts; lazily means by force here.
func unmount(point string, lazily bool) error {
	flags := 0
	if lazily {
		flags = unix.MNT_FORCE
	}
	if err := unix.Unmount(point, flags); err != nil {
		return fmt.Errorf("unmounting %s: %w", point, err)
	}
	return nil
}

// clearStale takes away a dead mount of ours at the mount point.
func clearStale(point string) error {
	var st unix.Stat_t
	if err := unix.Lstat(point, &st); !errors.Is(err, unix.ENXIO) && !errors.Is(err, unix.EIO) {
		return nil
	}
	return unmount(point, true)
}
