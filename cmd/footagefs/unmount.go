package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const unmountHelp = `footagefs unmount ends a mount and returns when its work is kept.

Usage:
  footagefs unmount MOUNTPOINT

umount and fusermount3 -u do as well, but return at once. While somebody uses the mount
it stays, and who it is is said. What a crash has left is cleared away.

Exit status:
  0  it is unmounted
  1  it could not be done
  2  wrong usage

Example:
  $ footagefs unmount ~/footage
`

func unmountCmd(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "unmount MOUNTPOINT",
		Short: "end a mount",
		Long:  unmountHelp,
		Args:  exactly(1, "unmount MOUNTPOINT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.unmount(cmd.Context(), args[0])
		},
	}
}

func (p *program) unmount(ctx context.Context, path string) error {
	m, rel, err := findMount(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if rel != "." {
		return fmt.Errorf("%s lies inside the mount %s; unmount that", path, m.point)
	}
	err = askToUnmount(ctx, m)
	var remote *remoteError
	busy := errors.As(err, &remote) && remote.Busy
	if errors.Is(err, errNoAnswer) || m.isForeign() && os.Geteuid() == 0 && !busy && isMounted(m) {
		err = unmountPoint(ctx, m.point) // nobody answered, or somebody who need not tell the truth
	}
	if busy || errors.Is(err, errBusy) {
		return fmt.Errorf("the mount %s is in use%s; end that and try again", m.point, users(m.point))
	}
	return err
}

// isMounted is true while the mount is in the table of mounts.
func isMounted(m liveMount) bool {
	mounts, err := mountTable()
	return err == nil && slices.ContainsFunc(mounts, func(now mountEntry) bool { return now.point == m.point && now.device == m.device })
}

// keptTime is how long a stop may take until all that was read is kept.
const keptTime = 30 * time.Second

// askToUnmount has the live mount unmount itself, which it may wherever it could mount,
// and waits until its process has kept its work.
func askToUnmount(ctx context.Context, m liveMount) error {
	c, err := connect(ctx, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keptTime)
	defer cancel()
	return c.callToEnd(ctx, request{Op: opUnmount})
}

// users says who keeps a mount busy, as far as this user may see.
func users(point string) string {
	list := usersOf(point)
	if len(list) == 0 {
		return ""
	}
	return " by " + strings.Join(list, ", ")
}

// errBusy says that a mount could not be unmounted because somebody uses it.
var errBusy = errors.New("it is in use")

// runTool runs one of the system's tools that may be missing from a bare PATH.
func runTool(ctx context.Context, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, toolPath(name), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// toolPath finds a tool also where PATH is empty, as in a unit of systemd.
func toolPath(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/bin/", "/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	return name
}
