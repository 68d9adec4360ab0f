package drive

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Mounts is the table of mounts, oldest first. None of them is waited for.
func Mounts() ([]Mount, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, fmt.Errorf("counting the mounts: %w", err)
	}
	stats := make([]unix.Statfs_t, n+8)
	if n, err = unix.Getfsstat(stats, unix.MNT_NOWAIT); err != nil {
		return nil, fmt.Errorf("reading the table of mounts: %w", err)
	}
	var mounts []Mount
	for i := range stats[:n] {
		mounts = append(mounts, listed(&stats[i]))
	}
	return mounts, nil
}

// listed is a mount with what tells it from others, and its owner.
func listed(st *unix.Statfs_t) Mount {
	m := mountOf(st)
	m.Device, m.Super = fmt.Sprint(st.Fsid.Val), fmt.Sprintf("user_id=%d", st.Owner)
	return m
}

// Reach tells which mount a path leads to now. One whose process died is looked up in the
// table.
func Reach(path string) (Reached, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err == nil {
		m := listed(&s)
		return Reached{Mount: m, Point: m.Point == path}, nil
	}
	table, err := Mounts()
	if err != nil {
		return Reached{}, err
	}
	for i := len(table) - 1; i >= 0; i-- {
		if table[i].Point == path {
			return Reached{Mount: table[i], Point: true}, nil
		}
	}
	return Reached{}, fmt.Errorf("nothing is mounted at %s", path)
}

// Dead is true where nobody answers for a mount of FUSE any more.
func (r Reached) Dead() bool {
	var st unix.Stat_t
	err := unix.Lstat(r.Mount.Point, &st)
	return errors.Is(err, unix.ENXIO) || errors.Is(err, unix.EIO)
}

// Path leads to what was reached.
func (r Reached) Path() string { return r.Mount.Point }

// Close lets go of the mount.
func (r Reached) Close() {}
