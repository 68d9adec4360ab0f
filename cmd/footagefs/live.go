package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"footagefs/cmd/footagefs/control"
)

const releaseHelp = `footagefs release lets go of drives of a live mount, so that they can be unmounted and
pulled while the mount and its other drives stay.

Usage:
  footagefs release MOUNTPOINT [DRIVE...]

DRIVE is the drive's folder, or its name below Drives; without one, all are let go of.
What is being read of them is given up, and their rolls are offline from then on. A
released drive stays offline until it is mounted again. While somebody has a file of
them open through the mount nothing is let go of, and who it is is said.

Exit status:
  0  the drives can be unmounted now
  1  it could not be done, or a drive is in use
  2  wrong usage

Example:
  $ footagefs release ~/footage /media/SHUTTLE01 && umount /media/SHUTTLE01
`

func releaseCmd(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "release MOUNTPOINT [DRIVE...]",
		Short: "let go of drives",
		Long:  releaseHelp,
		Args:  atLeast(1, "release MOUNTPOINT [DRIVE...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := control.AtPoint(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p.sayWhose(c.Mount)
			r := control.Request{Op: control.OpRelease}
			for _, drive := range args[1:] {
				r.Drives = append(r.Drives, driveOperand(drive))
			}
			return ended(c.Call(cmd.Context(), r))
		},
	}
}

// driveOperand is a drive as the live mount knows it: a folder by its absolute path, since
// the mount lives in another folder; a name as it is.
func driveOperand(drive string) control.Exact {
	if !isFolder(drive) {
		return control.Exact(drive)
	}
	abs, err := absolute(drive)
	if err != nil {
		return control.Exact(drive)
	}
	return control.Exact(abs)
}

const pauseHelp = `footagefs pause stops the background verification of a live mount.

Usage:
  footagefs pause MOUNTPOINT

Nothing is lost; the footage stays readable. footagefs resume goes on, and so does the
next mount.

Exit status:
  0  it is paused
  1  it could not be done
  2  wrong usage

Example:
  $ footagefs pause ~/footage
`

func pauseCmd(p *program) *cobra.Command {
	return switchCmd(p, "pause", "stop verifying in the background", pauseHelp, control.OpPause)
}

const resumeHelp = `footagefs resume goes on with the background verification of a live mount.

Usage:
  footagefs resume MOUNTPOINT

Exit status:
  0  it goes on
  1  it could not be done; the mount was made with -o noverify
  2  wrong usage

Example:
  $ footagefs resume ~/footage
`

func resumeCmd(p *program) *cobra.Command {
	return switchCmd(p, "resume", "go on verifying", resumeHelp, control.OpResume)
}

// switchCmd is a command that sends one operation to a live mount.
func switchCmd(p *program, name, short, help string, op control.Operation) *cobra.Command {
	return &cobra.Command{
		Use:   name + " MOUNTPOINT",
		Short: short,
		Long:  help,
		Args:  exactly(1, fmt.Sprintf("%s MOUNTPOINT", name)),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := control.AtPoint(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			p.sayWhose(c.Mount)
			return ended(c.Call(cmd.Context(), control.Request{Op: op}))
		},
	}
}

// sayWhose tells who it is that answers, where it is another user.
func (p *program) sayWhose(m control.Mount) {
	if m.IsForeign() {
		p.say("the mount %s belongs to %s, who answers for it", m.Point, m.OwnerName())
	}
}
