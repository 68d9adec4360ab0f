package drive

import (
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// tick is how often the device is looked for, since nothing reports its absence, and
// the places where others are mounted, since renaming a folder above moves them silently.
const tick = time.Second

const mountTable = "/proc/self/mountinfo"

// readMounts is the table of mounts as it is now, nil where it cannot be had.
func readMounts() []mount {
	text, err := os.ReadFile(mountTable)
	if err != nil {
		return nil
	}
	return parseMounts(string(text))
}

// vigil is what waits for the drive to go: the mount table, polled for changes, and a
// pipe whose end in the drive is closed to end the waiting. Its owner is the watcher.
type vigil struct{ table, stopped int }

// openVigil must come before the first look at the mounts, so that no change is missed.
func (d *Drive) openVigil() (vigil, error) {
	table, err := unix.Open(mountTable, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		table = -1 // no /proc: unmounting shows only in the errors of calls
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		closeFD(table)
		return vigil{}, err
	}
	d.stop = pipe[1]
	return vigil{table: table, stopped: pipe[0]}, nil
}

func (v vigil) close() {
	closeFD(v.table)
	closeFD(v.stopped)
}

// await waits until the mounts change or a tick has passed; going is false once the
// drive is released.
func (v vigil) await() (changed, going bool) {
	fds := []unix.PollFd{
		{Fd: int32(v.stopped), Events: unix.POLLIN},
		{Fd: int32(v.table), Events: unix.POLLPRI},
	}
	if _, err := unix.Poll(fds, int(tick/time.Millisecond)); err != nil {
		if err != unix.EINTR {
			time.Sleep(tick) // the kernel is out of memory, say: go on looking all the same
		}
		return true, true
	}
	return fds[1].Revents != 0, fds[0].Revents == 0
}

// watchOver releases the drive when it has gone. Without it the private clone would keep
// a drive busy that its user has long unmounted.
func (d *Drive) watchOver(v vigil) {
	d.watcher.Go(func() {
		defer v.close()
		for {
			changed, going := v.await()
			if !going {
				return
			}
			if d.unmounted(changed) {
				d.leave()
				return
			}
			if !d.deviceHere() {
				d.Release()
				return
			}
		}
	})
}

// endWatch ends the watch; it is called once.
func (d *Drive) endWatch() { closeFD(d.stop) }

// unmounted is true where the drive's mount is no more. Like all that is asked before the
// drive is released it asks nothing of the drive itself, which may hang.
func (d *Drive) unmounted(changed bool) bool {
	if d.mount.ID == 0 || !changed && !d.anyForeign() {
		return false
	}
	table := readMounts()
	if table == nil {
		return false
	}
	m, ok := findMount(table, d.mount.ID)
	if !ok || m.Device != d.mount.Device || m.Root != d.mount.Root {
		return true
	}
	d.findForeign(table)
	return false
}

// leave releases a drive that was unmounted. Because of our clone the user's umount did
// not write out what was still to be written, and files of it that are open here may keep
// the file system alive for long; but its user trusts that it can be pulled now.
func (d *Drive) leave() {
	fd, err := d.openAt(".", listFlags)
	d.Release()
	if err != nil {
		return
	}
	defer closeFD(fd)
	_ = unix.Syncfs(fd) // nobody is left to hear of an error, as after any late write
	// A FUSE driver's writes are the device's own pages.
	if dev, ok := system("/").deviceOf(d.mount); ok && !d.fsys.Local {
		if node, err := dev.openNode(); err == nil {
			_ = node.Sync()
			node.Close()
		}
	}
}

// deviceHere is true while every sign of the device's life is there, and where there is none.
func (d *Drive) deviceHere() bool {
	if !d.use() {
		return false
	}
	defer d.done()
	for _, s := range d.signs {
		if !s.alive() {
			return false
		}
	}
	return true
}

// here is asked after an error that an absent drive may have given.
func (d *Drive) here(err error) bool {
	if !d.deviceHere() || d.lost(err) {
		d.Release()
		return false
	}
	return true
}

// lost is true where the file system says that it is not connected any more.
func (d *Drive) lost(err error) bool {
	if errors.Is(err, unix.ENOTCONN) && strings.HasPrefix(d.fsys.Kind, "fuse") {
		return true
	}
	if !d.use() {
		return true
	}
	defer d.done()
	_, err = statFD(d.root)
	switch err {
	case unix.ENOTCONN, unix.ESTALE, unix.ENODEV, unix.ENXIO, unix.ESHUTDOWN, unix.ENOMEDIUM:
		return true
	}
	return false
}
