package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Socket is a socket in a runtime folder under the mount's name.
type Socket struct {
	net.Listener
	folder *os.File
	name   string
	info   os.FileInfo
}

// Listen makes the socket. It is made beside and renamed: what a crash has left is
// replaced, and a client meets either the old one or the new.
func Listen(device string) (*Socket, error) {
	folder, err := makeFolder()
	if err != nil {
		return nil, fmt.Errorf("making a runtime folder: %w", err)
	}
	sweep(folder)
	name := socketName(device)
	beside := fmt.Sprintf("%s.%d", name, os.Getpid())
	l, err := net.Listen("unix", inFolder(folder, beside))
	if err != nil {
		folder.Close()
		return nil, fmt.Errorf("making a socket in %s: %w", folder.Name(), err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	s := &Socket{Listener: l, folder: folder, name: name}
	err = os.Chmod(inFolder(folder, beside), 0o600)
	if err == nil {
		err = os.Rename(inFolder(folder, beside), inFolder(folder, name))
	}
	if err == nil {
		s.info, err = os.Lstat(inFolder(folder, name))
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("making a socket in %s: %w", folder.Name(), err)
	}
	return s, nil
}

// sweep removes the sockets of processes that were killed: nobody listens any more. A
// socket gets its name after somebody does.
func sweep(folder *os.File) {
	names, err := os.ReadDir(folder.Name())
	if err != nil {
		return // it is only tidiness
	}
	for _, name := range names {
		path := inFolder(folder, name.Name())
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			conn.Close()
		} else if errors.Is(err, unix.ECONNREFUSED) && strings.HasSuffix(name.Name(), ".sock") {
			os.Remove(path)
		}
	}
}

// Close removes the socket, unless a later mount has put its own there.
func (s *Socket) Close() error {
	err := s.Listener.Close()
	path := inFolder(s.folder, s.name)
	if info, statErr := os.Lstat(path); statErr == nil && s.info != nil && os.SameFile(info, s.info) {
		err = errors.Join(err, os.Remove(path))
	}
	return errors.Join(err, s.folder.Close())
}
