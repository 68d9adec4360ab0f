package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// unmountPoint unmounts: on macOS who mounted may.
func unmountPoint(_ context.Context, point string) error {
	err := unix.Unmount(point, 0)
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("unmounting %s: %w", point, errBusy)
	}
	if err != nil {
		return fmt.Errorf("unmounting %s: %w", point, err)
	}
	return nil
}

// usersOf cannot tell on macOS; lsof can.
func usersOf(point string) []string { return []string{"somebody (lsof +D " + point + " tells)"} }

// openFiles cannot tell on macOS either.
func openFiles(string) []openFile { return nil }
