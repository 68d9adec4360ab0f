package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// machine says in one line on what was measured.
func machine(dir string) string {
	kernel := runtime.GOOS
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	who := "as a user"
	if os.Geteuid() == 0 {
		who = "as root"
	}
	return fmt.Sprintf("%d cores (%s), %s, %s, %s", runtime.NumCPU(),
		cmp.Or(processor(), runtime.GOARCH), kernel, cmp.Or(fileSystem(dir), "unknown file system"), who)
}
