package drive

import "golang.org/x/sys/unix"

// OpenElsewhere is true while anybody else has the file open, in this system, or mapped into
// memory. A write lease tells: it is granted to nobody but the file's only opener, and given
// back at once. Where there are no leases for us it is false.
func (f File) OpenElsewhere() bool {
	_, err := unix.FcntlInt(uintptr(f.fd), unix.F_SETLEASE, unix.F_WRLCK)
	if err == nil {
		_, _ = unix.FcntlInt(uintptr(f.fd), unix.F_SETLEASE, unix.F_UNLCK)
	}
	return err == unix.EAGAIN
}
