package fs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/verify/drive"
)

// ErrInUse says that a mount could not be taken away because somebody uses it.
var ErrInUse = errors.New("it is in use")

// CoveredError says that a mount of ours was left where it is, because the file system of
// somebody else is mounted over it or in it and would have been taken away.
type CoveredError struct {
	Mount drive.Mount // ours
	By    drive.Mount
}

func (e *CoveredError) Error() string {
	return fmt.Sprintf("the mount %s cannot be taken away: a %s (%s) is mounted over it, at %s; unmount that first",
		e.Mount.Point, e.By.Type, e.By.Source, e.By.Point)
}

// standing is a file system of ours among the mounts of this process's namespace. Folders
// above a mount point get other names, and mounts are moved, bound and covered: the paths
// say little. The number of its device stays, and belongs to no other while it lives.
type standing struct {
	device string

	mu    sync.Mutex
	point string // where it is mounted, as last seen
}

// begin mounts a file system at a point and finds out which mount in the table is its.
func begin(system fuse.RawFileSystem, point string, o *fuse.MountOptions) (*fuse.Server, *standing, error) {
	before, err := drive.Mounts()
	if err != nil {
		return nil, nil, err
	}
	server, err := fuse.NewServer(system, point, o)
	if err != nil {
		if strings.HasPrefix(err.Error(), "fusermount exited") { // it has said why
			return nil, nil, fmt.Errorf("mounting at %s: fusermount3 refused", point)
		}
		// go-fuse ends some of its sentences with a line feed.
		return nil, nil, fmt.Errorf("mounting at %s: %s", point, strings.TrimSpace(err.Error()))
	}
	after, err := drive.Mounts()
	if err != nil {
		return nil, nil, err
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(point)); err == nil {
		point = filepath.Join(real, filepath.Base(point))
	}
	m, ok := appeared(before, after, point, ownDevices())
	if !ok {
		// Without knowing which it is, any unmounting could hit another.
		return nil, nil, fmt.Errorf("the mount at %s was moved or covered as soon as it was there: unmount it and try again", point)
	}
	return server, &standing{device: m.Device, point: m.Point}, nil
}

// appeared is the mount that this process made between two looks at the table. Where the
// kernel tells which devices are ours, that decides; else the mount must be the only new
// footagefs at the point.
func appeared(before, after []drive.Mount, point string, own []string) (drive.Mount, bool) {
	var found []drive.Mount
	for _, m := range after {
		old := slices.ContainsFunc(before, func(b drive.Mount) bool { return b.Device == m.Device })
		if old || !isOurKind(m) {
			continue
		}
		if len(own) > 0 && slices.Contains(own, m.Device) {
			return m, true
		}
		if m.Point == point {
			found = append(found, m)
		}
	}
	if len(own) > 0 || len(found) != 1 {
		return drive.Mount{}, false
	}
	return found[0], true
}

// mounts are the table and the mounts in it that show this file system, the oldest first.
func (s *standing) mounts() (table, ours []drive.Mount, err error) {
	if table, err = drive.Mounts(); err != nil {
		return nil, nil, err
	}
	for _, m := range table {
		if m.Device == s.device && isOurKind(m) {
			ours = append(ours, m)
		}
	}
	if len(ours) > 0 {
		s.mu.Lock()
		s.point = ours[0].Point
		s.mu.Unlock()
	}
	return table, ours, nil
}

// at is where it is mounted now or, when it no longer is, where it last was.
func (s *standing) at() string {
	_, _, _ = s.mounts() // where the table cannot be read the last look has to do
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.point
}

// gone is true when it is mounted nowhere in this namespace any more. It is looked at twice:
// older kernels may leave out a line of a table that changes while it is read.
func (s *standing) gone() bool {
	for range 2 {
		if _, ours, err := s.mounts(); err != nil || len(ours) > 0 {
			return false
		}
	}
	return true
}

// takeAway unmounts it wherever it is, the newest mount of it first. Where it is in use
// and not taken lazily, or covered, the rest is unmounted all the same.
func (s *standing) takeAway(lazily bool) error {
	failed := map[int]error{} // by the number of the mount
	for {
		_, ours, err := s.mounts()
		if err != nil {
			return err
		}
		ours = slices.DeleteFunc(ours, func(m drive.Mount) bool { _, tried := failed[m.ID]; return tried })
		if len(ours) == 0 {
			var errs []error
			for _, err := range failed {
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		}
		m := ours[len(ours)-1]
		if err := takeAway(m, lazily); err != nil {
			failed[m.ID] = err
		}
	}
}

// Unmount unmounts one mount of the table, and nothing else that may lie over it by now.
// The error wraps ErrInUse where somebody uses it, and is a *CoveredError where another
// file system is mounted over it or in it.
func Unmount(m drive.Mount) error { return takeAway(m, false) }

// uncovered is a *CoveredError where somebody else's file system is mounted on m.
func uncovered(m drive.Mount) error {
	table, err := drive.Mounts()
	if err != nil {
		return err
	}
	if other, ok := drive.Upon(table, m); ok {
		return &CoveredError{Mount: m, By: other}
	}
	return nil
}

// clearStale takes away a dead mount of ours at the mount point: what is left when a run
// was killed. Somebody else's is named, and so is one that is alive.
func clearStale(point string) error {
	if real, err := filepath.EvalSymlinks(filepath.Dir(point)); err == nil {
		point = filepath.Join(real, filepath.Base(point))
	}
	at, err := drive.Reach(point)
	if err != nil {
		return nil // it is not there yet, or cannot be looked at: the next look says so
	}
	if !at.Point || !isOurKind(at.Mount) {
		at.Close()
		return nil // an ordinary file system; whether it is empty is looked at next
	}
	owner, known := at.Mount.Owner()
	switch uid := os.Geteuid(); {
	case !isDead(at):
		return alreadyMounted(point)
	case uid != 0 && known && uid != owner:
		return fmt.Errorf("a dead footagefs of user %d is left at %s, which only he or root can clear away: umount -l %s", owner, point, point)
	}
	if err := takeAway(at.Mount, true); err != nil {
		return fmt.Errorf("clearing away the dead mount at %s: %w", point, err)
	}
	return nil
}

// isDead is true where nobody answers for a mount any more, and lets go of it. Who does not
// answer in time may be stopped, and lives.
func isDead(at drive.Reached) bool {
	dead := make(chan bool, 1)
	go func() {
		dead <- at.Dead()
		at.Close()
	}()
	select {
	case is := <-dead:
		return is
	case <-time.After(answerTime):
		return false
	}
}

// answerTime is how long a mount may take to open its own folder.
const answerTime = 3 * time.Second
