package drive

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pluggedSince is the latest instant that is known to lie before everything that was
// written to the drive in this plug-in of it: when the machine was started, when the device
// manager met the device, when the file system was mounted for writing (which ext4 notes;
// pages of files do not outlive their mount).
func (s system) pluggedSince(dev device, known bool) time.Time {
	boot := s.booted()
	since := boot
	if !known {
		return since
	}
	for _, t := range []time.Time{dev.initialized(boot), dev.superblock().mounted} {
		if t.After(since) && t.Before(time.Now()) { // a clock that was wrong then says nothing
			since = t
		}
	}
	return since
}

// booted is when the machine was started; the zero time where it does not say.
func (s system) booted() time.Time {
	for line := range strings.Lines(s.text(s.path("proc/stat"))) {
		if text, ok := strings.CutPrefix(line, "btime "); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
				return time.Unix(n, 0)
			}
		}
	}
	return time.Time{}
}

// initialized is when the device manager met the device: it notes the microseconds since
// the machine was started (a line I:n).
func (d device) initialized(boot time.Time) time.Time {
	for line := range strings.Lines(d.sys.text(d.sys.path("run/udev/data", "b"+d.number))) {
		if text, ok := strings.CutPrefix(line, "I:"); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil && !boot.IsZero() {
				return boot.Add(time.Duration(n) * time.Microsecond)
			}
		}
	}
	return time.Time{}
}

// isWriteProtected is true of a device that takes no writes.
func (d device) isWriteProtected() bool { return d.sys.text(d.dir, "ro") == "1" }

// Sync has what programs wrote to the drive's file system be on its device, and returns
// when it is. An error says that something did not get there, of whatever file; who asked
// before may have been told of it instead.
func (d *Drive) Sync() error {
	fd, err := d.openAt(".", listFlags)
	if err != nil {
		return d.explain("sync", ".", err)
	}
	err = unix.Syncfs(fd)
	closeFD(fd)
	if !d.fsys.Local && d.fsys.Device != "" {
		d.syncDevice()
	}
	return d.explain("sync", ".", err)
}

// syncDevice does the same for a driver in user space that writes to a device by way of
// that device's own pages, which would answer for it: they are written and dropped. Only
// root may open the device.
func (d *Drive) syncDevice() {
	dev, ok := system("/").deviceOf(d.mount)
	if !ok {
		return
	}
	node, err := dev.openNode()
	if err != nil {
		return
	}
	defer node.Close()
	_ = unix.Fsync(int(node.Fd())) // what did not get there shows where it is read
	_ = unix.Fadvise(int(node.Fd()), 0, 0, unix.FADV_DONTNEED)
}
