package verify

import "golang.org/x/sys/unix"

// take takes the lease. EAGAIN says that a writer has the file open; any other error that
// there are no leases here for us.
func (l *lease) take() error {
	_, err := unix.FcntlInt(uintptr(l.fd), unix.F_SETLEASE, unix.F_RDLCK)
	l.taken = err == nil
	return err
}

// broken is true once the kernel wants the lease back for somebody who opens the file
// for writing. (It tells by SIGIO, too, which the Go runtime ignores; asking between
// blocks is prompt enough, and says which file is meant.)
func (l *lease) broken() bool {
	kind, err := unix.FcntlInt(uintptr(l.fd), unix.F_GETLEASE, 0)
	return err != nil || kind != unix.F_RDLCK
}

func (l *lease) giveBack() {
	_, _ = unix.FcntlInt(uintptr(l.fd), unix.F_SETLEASE, unix.F_UNLCK)
}
