package control

import (
	"net"

	"golang.org/x/sys/unix"
)

const rootRuntimeFolder = "/run/footagefs"

// peerOf is the user who answers at the other end of a connection, as the kernel has it.
func peerOf(conn *net.UnixConn) (uid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return NoOwner, err
	}
	uid = NoOwner
	controlErr := raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			uid = int(cred.Uid)
		}
	})
	if err == nil {
		err = controlErr
	}
	return uid, err
}
