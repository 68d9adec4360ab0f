package fs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
	"footagefs/verify/drive"
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

// mayMountOn: macFUSE says it itself.
func mayMountOn(string) error { return nil }

// platform adds what only macOS knows. A mount that is not called local is not crawled by
// Spotlight.
func (o Options) platform(m *fuse.MountOptions) {
	name := o.VolName
	if name == "" {
		name = tree.LibraryName
	}
	m.Options = append(m.Options, "volname="+name)
}

// takeAway unmounts m and nothing else; lazily means by force here.
func takeAway(m drive.Mount, lazily bool) error {
	at, err := drive.Reach(m.Point)
	if err != nil {
		return fmt.Errorf("finding the mount at %s again: %w", m.Point, err)
	}
	if at.Mount.Device != m.Device {
		return &CoveredError{Mount: m, By: at.Mount}
	}
	flags := 0
	if lazily {
		flags = unix.MNT_FORCE
	}
	switch err := unix.Unmount(m.Point, flags); {
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("unmounting %s: %w", m.Point, ErrInUse)
	case err != nil:
		return fmt.Errorf("unmounting %s: %w", m.Point, err)
	}
	return nil
}

// ownDevices: macOS does not tell.
func ownDevices() []string { return nil }

// isOurKind: macFUSE calls all of its mounts the same.
func isOurKind(m drive.Mount) bool { return strings.Contains(m.Type, "fuse") }

// alreadyMounted: it may be somebody else's mount by macFUSE; whether it is empty is looked
// at next.
func alreadyMounted(string) error { return nil }
