package verify

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// lowerPriority gives the calling goroutine's thread the idle I/O class, and returns the
// thread's number. The thread is the goroutine's own from then on and ends with it.
func lowerPriority() (thread int) {
	runtime.LockOSThread()
	const whoProcess, idleClass = 1, 3 << 13
	_, _, _ = syscall.Syscall(unix.SYS_IOPRIO_SET, whoProcess, 0, idleClass)
	return unix.Gettid()
}
