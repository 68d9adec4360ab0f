package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"golang.org/x/sys/unix"
)

// readyFD is the descriptor by which a child in the background says that its mount is
// live; the variable tells it that it is one.
const (
	readyFD       = 3
	readyVariable = "FOOTAGEFS_READY_FD"
)

func isChild() bool { return os.Getenv(readyVariable) != "" }

// background has a child mount and returns when the mount is live and the child is in a
// session of its own. Until then it stays in the group of processes that an automounter
// lets pass at the mount point: any other would wait there for this very mount. What the
// child says until then is passed on, and so is its exit status.
func (p *program) background(ctx context.Context, job mountJob, namespace string) error {
	ready, childReady, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("going to the background: %w", err)
	}
	defer ready.Close()
	talk, childTalk, err := os.Pipe()
	if err != nil {
		childReady.Close()
		return fmt.Errorf("going to the background: %w", err)
	}
	defer talk.Close()
	cmd, err := childCommand(job)
	if err == nil {
		cmd.Stderr, cmd.ExtraFiles = childTalk, []*os.File{childReady}
		err = startIn(namespace, cmd)
	}
	childReady.Close()
	childTalk.Close()
	if err != nil {
		return fmt.Errorf("going to the background: %w", err)
	}
	defer context.AfterFunc(ctx, func() { cmd.Process.Signal(unix.SIGTERM) })()
	var passing sync.WaitGroup
	passing.Go(func() { io.Copy(p.stderr, talk) })
	n, _ := ready.Read(make([]byte, 1))
	passing.Wait()
	if n == 1 {
		return nil
	}
	return childEnd(cmd.Wait())
}

// childCommand is this program, mounting.
func childCommand(job mountJob) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"mount", "-o", joinOptions(job.options.list())}
	if job.quiet {
		args = append(args, "--quiet")
	}
	args = append(append(args, "--"), append(job.drives, job.point)...)
	cmd := exec.Command(exe, args...)
	cmd.Args[0] = "footagefs"
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", readyVariable, readyFD))
	cmd.Dir = "/"
	return cmd, nil
}

// childEnd is the status of a child that ended before its mount was live; it has said why.
func childEnd(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exitError(exit.ExitCode())
	}
	if err == nil { // it was unmounted the moment it was live, or told to stop
		return exitError(exitFailed)
	}
	return fmt.Errorf("mounting in the background: %w", err)
}

// parent is what a child in the background has to tell its parent.
type parent struct{ ready *os.File }

// findParent is nil where nobody waits. What is started from here on must not believe
// that it is such a child.
func findParent() *parent {
	if !isChild() {
		return nil
	}
	os.Unsetenv(readyVariable)
	unix.CloseOnExec(readyFD)
	return &parent{os.NewFile(readyFD, "ready")}
}

// leave gives stdin, stdout and stderr back, goes on with out instead, and tells the
// parent that the mount is live.
func (p *parent) leave(out *os.File) error {
	if out == nil {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("leaving the terminal: %w", err)
		}
		defer null.Close()
		out = null
	}
	for fd := 1; fd <= 2; fd++ {
		if err := dup2(int(out.Fd()), fd); err != nil {
			return fmt.Errorf("leaving the terminal: %w", err)
		}
	}
	defer p.ready.Close()
	if _, err := unix.Setsid(); err != nil {
		return fmt.Errorf("leaving the session: %w", err)
	}
	if _, err := p.ready.Write([]byte{0}); err != nil {
		return fmt.Errorf("telling that the mount is live: %w", err)
	}
	return nil
}
