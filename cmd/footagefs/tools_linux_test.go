package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func init() { tools["byhandle"] = byHandle }

// byhandle MOUNT FILE appends a byte to a file by its handle, as the kernel's NFS server
// does for its clients: by way of no folder. The kernel is made to forget the file's name
// first. It needs root.
func byHandle(args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	handle, _, err := unix.NameToHandleAt(unix.AT_FDCWD, args[1], 0)
	if err != nil {
		return fmt.Errorf("asking for the handle of %s: %w", args[1], err)
	}
	if err := os.WriteFile("/proc/sys/vm/drop_caches", []byte("2"), 0o200); err != nil {
		return err
	}
	mount, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer mount.Close()
	fd, err := unix.OpenByHandleAt(int(mount.Fd()), handle, unix.O_WRONLY|unix.O_APPEND)
	if err != nil {
		return fmt.Errorf("opening %s by its handle: %w", args[1], err)
	}
	f := os.NewFile(uintptr(fd), args[1])
	defer f.Close()
	_, err = f.WriteString("x")
	return err
}
