package drive

import (
	"errors"
	"os"
	"path"
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

// watchOver releases the drive when it has gone, though nothing of it is looked at.
func (d *Drive) watchOver(v vigil) {
	d.watcher.Go(func() {
		defer v.close()
		for {
			changed, going := v.await()
			if !going {
				return
			}
			if d.unmounted(changed) {
				d.unmountedLazily()
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

// unmounted is true where the drive's mount is no more, or others cover it. Like all that
// is asked before the drive is released it asks nothing of the drive itself, which may
// hang, and of which even a moment's look could keep a user's umount from succeeding.
func (d *Drive) unmounted(changed bool) bool {
	if d.mount.ID == 0 || !changed && !d.anyForeign() {
		return false
	}
	if d.rootID.unique {
		if there, known := mountThere(d.rootID.mount); known && !there {
			return true
		}
	}
	table := readMounts()
	if table == nil {
		return false
	}
	m, ok := findMount(table, d.mount.ID)
	if !ok || m.Device != d.mount.Device || m.Root != d.mount.Root || covered(table, m, path.Join(m.Point, d.below)) {
		return true
	}
	d.findForeign(table)
	return false
}

// unmountedLazily releases a drive whose mount has gone. Where a file of it is open here
// the user's umount was a lazy one, which does not wait until everything is written, nor
// would the end of the reading tell when it is; but its user trusts that it can be pulled.
func (d *Drive) unmountedLazily() {
	c := d.haveClone()
	d.Release()
	if c == nil {
		return
	}
	defer c.give()
	if fd, err := openBeneath(c.root, ".", listFlags); err == nil {
		_ = unix.Syncfs(fd) // nobody is left to hear of an error, as after any late write
		closeFD(fd)
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
	root, err := d.reach()
	switch err {
	case nil:
		d.leave(root)
	case ErrGone:
		return true
	case unix.ENOTCONN, unix.ESTALE, unix.ENODEV, unix.ENXIO, unix.ESHUTDOWN, unix.ENOMEDIUM:
		return true
	}
	return false
}
