package drive

import (
	"bytes"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// sign is a file of sysfs that tells whether a device is there. It is kept open: when the
// device goes, reading it fails, even if another device has taken the number meanwhile.
type sign struct {
	fd  int
	was []byte // content that must not change; nil: it must not be one of dead
}

// dead is what such a file holds of a device that is no more: no size, or a SCSI state.
var dead = []string{"0", "offline", "transport-offline", "cancel", "deleted"}

func (s sign) alive() bool {
	now, err := s.read()
	if err != nil {
		return false
	}
	if s.was != nil {
		return bytes.Equal(now, s.was)
	}
	for _, d := range dead {
		if string(now) == d {
			return false
		}
	}
	return true
}

func (s sign) read() ([]byte, error) {
	buf := make([]byte, 64)
	for {
		n, err := unix.Pread(s.fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		return bytes.TrimSpace(buf[:n]), nil
	}
}

// lifeSigns are the signs of the block device in the sysfs folder dir, and of those that
// it is made of (a partition's disk, an encrypted volume's partition): its size, the
// sequence number that changes with the medium, the state of its SCSI device.
func lifeSigns(dir string) []sign {
	if dir == "" {
		return nil
	}
	var signs []sign
	for _, name := range []string{"size", "diskseq", "../diskseq", "device/state", "../device/state"} {
		fd, err := unix.Open(filepath.Join(dir, name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		s := sign{fd: fd}
		if filepath.Base(name) == "diskseq" {
			s.was, _ = s.read()
		}
		if !s.alive() { // says nothing of this kind of device
			closeFD(fd)
			continue
		}
		signs = append(signs, s)
	}
	below, _ := os.ReadDir(filepath.Join(dir, "slaves"))
	for _, slave := range below {
		path, err := filepath.EvalSymlinks(filepath.Join(dir, "slaves", slave.Name()))
		if err == nil {
			signs = append(signs, lifeSigns(path)...)
		}
	}
	return signs
}
