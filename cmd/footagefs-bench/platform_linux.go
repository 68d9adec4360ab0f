package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetPages drops a file's clean pages from the page cache, so that it is next read
// from its disk (or, in a mount, from the process that serves it).
func forgetPages(f *os.File) error {
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("dropping the pages of %s: %w", f.Name(), err)
	}
	return nil
}

// detach takes a mount away whose process does not.
func detach(dir string) {
	if unix.Unmount(dir, unix.MNT_DETACH) != nil {
		_ = exec.Command("fusermount3", "-u", "-z", dir).Run() // there is nothing else to try
	}
}

// processor is the name of the processor.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, _ := strings.Cut(s.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// fileSystem is the kind of the file system that dir lies on.
func fileSystem(dir string) string {
	out, err := exec.Command("findmnt", "--noheadings", "--output", "FSTYPE", "--target", dir).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
