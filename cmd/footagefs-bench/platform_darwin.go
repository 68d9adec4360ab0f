package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// forgetPages cannot be done for a single file here: what needs it is not measured.
func forgetPages(f *os.File) error {
	return fmt.Errorf("dropping the pages of a file: %w", errors.ErrUnsupported)
}

// detach takes a mount away whose process does not.
func detach(dir string) { _ = exec.Command("umount", "-f", dir).Run() } // there is nothing else to try

// processor is the name of the processor.
func processor() string {
	name, err := unix.Sysctl("machdep.cpu.brand_string")
	if err != nil {
		return ""
	}
	return name
}

// fileSystem is the kind of the file system that dir lies on.
func fileSystem(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}
