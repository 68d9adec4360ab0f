package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// mountTable asks the kernel for the mounts, oldest first, without waiting for any of them.
func mountTable() ([]mountEntry, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, fmt.Errorf("counting the mounts: %w", err)
	}
	stats := make([]unix.Statfs_t, n+8)
	if n, err = unix.Getfsstat(stats, unix.MNT_NOWAIT); err != nil {
		return nil, fmt.Errorf("reading the table of mounts: %w", err)
	}
	var mounts []mountEntry
	for _, s := range stats[:n] {
		mounts = append(mounts, mountEntry{
			point:  unix.ByteSliceToString(s.Mntonname[:]),
			root:   "/",
			device: fmt.Sprint(s.Fsid.Val),
			kind:   unix.ByteSliceToString(s.Fstypename[:]),
			owner:  int(s.Owner),
		})
	}
	return mounts, nil
}

// isOurs: macFUSE does not say whose a mount is; the socket beside it does.
func isOurs(m mountEntry) bool { return strings.Contains(m.kind, "fuse") && hasSocket(m) }

func hasSocket(m mountEntry) bool {
	for _, dir := range runtimeFolders(m.owner) {
		if _, err := os.Lstat(filepath.Join(dir, socketName(m.point))); err == nil {
			return true
		}
	}
	return false
}
