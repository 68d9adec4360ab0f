package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	mountWait = 2 * time.Minute        // until a mount has to be live
	lookAgain = 500 * time.Microsecond // how exactly it is known when it is
	endWait   = 20 * time.Second       // until a mount's process has to be gone
)

// mounted is a live mount and the process behind it.
type mounted struct {
	dir  string
	cmd  *exec.Cmd
	said bytes.Buffer
	done chan struct{} // closed when the process is gone
	err  error         // valid after done
}

// mount starts a command that mounts something at a new folder, which is its last
// argument, and returns when that is live. It is taken down with the stage.
func (s *stage) mount(ctx context.Context, as user, args ...string) (*mounted, error) {
	if why := missing(args[0]); why != "" {
		return nil, errors.New(why)
	}
	dir, err := s.folder("mount", as)
	if err != nil {
		return nil, err
	}
	m := &mounted{dir: dir, done: make(chan struct{})}
	c := command{args: append(args, dir), as: as}
	m.cmd = c.prepare(context.WithoutCancel(ctx)) // it is ended in good order
	m.cmd.Stderr = &m.said
	if m.cmd.SysProcAttr == nil {
		m.cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	m.cmd.SysProcAttr.Setpgid = true // Ctrl-C is for us
	if err := m.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(args[0]), err)
	}
	go func() {
		m.err = m.cmd.Wait()
		close(m.done)
	}()
	s.strike.add(m.unmount)
	return m, m.live(ctx)
}

// live waits until the mount point is another file system than its parent.
func (m *mounted) live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, mountWait)
	defer cancel()
	for !isMountPoint(m.dir) {
		select {
		case <-m.done:
			return fmt.Errorf("%s ended: %w%s", filepath.Base(m.cmd.Path), m.err, lastLine(m.said.String()))
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s to mount: %w", filepath.Base(m.cmd.Path), ctx.Err())
		case <-time.After(lookAgain):
		}
	}
	return nil
}

// isMountPoint is also true for a mount that refuses us because it is another user's.
func isMountPoint(dir string) bool {
	var here, above unix.Stat_t
	if err := unix.Stat(dir, &here); err != nil {
		return errors.Is(err, unix.EACCES)
	}
	return unix.Stat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

// unmount ends the process in good order, else by force, and removes the mount point. A
// second call does nothing.
func (m *mounted) unmount() error {
	if _, err := os.Lstat(m.dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var err error
	if !m.ended(unix.SIGTERM) {
		err = fmt.Errorf("%s did not end when told to", filepath.Base(m.cmd.Path))
		detach(m.dir)
		m.ended(unix.SIGKILL)
	} else if isMountPoint(m.dir) {
		detach(m.dir)
	}
	if gone := os.Remove(m.dir); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("removing a mount point: %w", gone))
	}
	return err
}

func (m *mounted) ended(signal unix.Signal) bool {
	m.cmd.Process.Signal(signal) // it may be gone already
	select {
	case <-m.done:
		return true
	case <-time.After(endWait):
		return false
	}
}

// footage mounts a drive as a library.
func (s *stage) footage(ctx context.Context, as user, dir, catalog string, options ...string) (*mounted, error) {
	args := []string{s.footagefs, "mount", "--quiet", "--catalog", catalog}
	for _, o := range options {
		args = append(args, "-o", o)
	}
	return s.mount(ctx, as, append(args, dir)...)
}

// bindfs mounts a drive as it is, for its user alone: others would need leave in
// /etc/fuse.conf.
func (s *stage) bindfs(ctx context.Context, as user, dir string) (*mounted, error) {
	return s.mount(ctx, as, "bindfs", "-f", "--no-allow-other", dir)
}

func (m *mounted) root() string { return m.dir }

// library is where the rolls are.
func (m *mounted) library() string { return filepath.Join(m.dir, "Footage Library") }

// cameraRolls is the folder of the dates.
func (m *mounted) cameraRolls() string { return filepath.Join(m.library(), "Camera Rolls") }
