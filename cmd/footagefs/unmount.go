package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"footagefs/cmd/footagefs/control"
	"footagefs/fs"
	"footagefs/verify/drive"
)

const unmountHelp = `footagefs unmount ends a mount and returns when its work is kept.

Usage:
  footagefs unmount MOUNTPOINT

umount and fusermount3 -u do as well, but return at once. While somebody uses the mount
it stays, and who it is is said. What a crash has left is cleared away. Nothing else is
ever unmounted: another file system that lies over the mount is named, and stays.

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
	m, err := mountToEnd(path)
	if err != nil {
		return err
	}
	others, err := otherPoints(m)
	if err != nil {
		return err
	}
	if len(others) > 0 { // just this place: it lives on at the others
		err = fs.Unmount(m)
	} else {
		err = endMount(ctx, m)
	}
	if errors.Is(err, fs.ErrInUse) {
		return fmt.Errorf("the mount %s is in use%s; end that and try again", m.Point, users(m.Point))
	}
	if err == nil && len(others) > 0 {
		p.say("it is still mounted at %s", strings.Join(others, ", "))
	}
	return err
}

// mountToEnd is the mount of ours whose mount point path is, links followed.
func mountToEnd(path string) (drive.Mount, error) {
	point, err := placeToMount(path)
	if err != nil {
		return drive.Mount{}, err
	}
	m, ok := control.MountedAt(point)
	if ok && control.IsOurs(m) {
		return m, nil
	}
	table, err := drive.Mounts()
	if err != nil {
		return m, err
	}
	for _, below := range table {
		if ok && below.Point == point && control.IsOurs(below) {
			return m, &fs.CoveredError{Mount: below, By: m}
		}
	}
	in, _, err := control.Find(path)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, fmt.Errorf("%s lies inside the mount %s; unmount that", path, in.Point)
}

// otherPoints are the other places at which the file system of m is mounted.
func otherPoints(m drive.Mount) ([]string, error) {
	table, err := drive.Mounts()
	if err != nil {
		return nil, err
	}
	var points []string
	for _, other := range table {
		if other.Device == m.Device && (other.ID != m.ID || other.Point != m.Point) {
			points = append(points, other.Point)
		}
	}
	return points, nil
}

// endMount has the process of a mount end it. Where none answers, where it lives in another
// mount namespace so that the mount is still here, and where root need not believe a user's
// process, the mount is taken away from outside.
func endMount(ctx context.Context, m drive.Mount) error {
	live := control.Of(m)
	err := askToUnmount(ctx, live)
	usersWord := os.Geteuid() == 0 && live.Owner != 0 && !errors.Is(err, fs.ErrInUse)
	if err != nil && !errors.Is(err, control.ErrNoAnswer) && !usersWord {
		return err
	}
	if at, ok := control.MountedAt(m.Point); err == nil && (!ok || at.ID != m.ID || at.Device != m.Device) {
		return nil
	}
	return fs.Unmount(m)
}

// keptTime is how long a stop may take until all that was read is kept.
const keptTime = 30 * time.Second

// askToUnmount has the live mount unmount itself, which it may wherever it could mount,
// and waits until its process has kept its work.
func askToUnmount(ctx context.Context, m control.Mount) error {
	c, err := control.Connect(ctx, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keptTime)
	defer cancel()
	return ended(c.CallToEnd(ctx, control.Request{Op: control.OpUnmount}))
}

// users says who keeps a mount busy, as far as this user may see.
func users(point string) string {
	list := control.UsersOf(point)
	if len(list) == 0 {
		return ""
	}
	return " by " + strings.Join(list, ", ")
}
