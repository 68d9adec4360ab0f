package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

func dup2(from, to int) error { return unix.Dup3(from, to, 0) }

// startIn starts a command in another mount namespace, as mount -N asks for. Only the
// thread that starts it goes there, and ends with it.
func startIn(namespace string, cmd *exec.Cmd) error {
	if namespace == "" {
		return cmd.Start()
	}
	ns, err := os.Open(namespace)
	if err != nil {
		return err
	}
	defer ns.Close()
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread is of no use any more
		err := unix.Unshare(unix.CLONE_FS)
		if err := errors.Join(err, unix.Setns(int(ns.Fd()), unix.CLONE_NEWNS)); err != nil {
			started <- fmt.Errorf("entering the namespace %s: %w", namespace, err)
			return
		}
		started <- cmd.Start()
	}()
	return <-started
}
