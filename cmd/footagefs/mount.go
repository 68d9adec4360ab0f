package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"footagefs/cmd/footagefs/control"
)

const mountHelp = `footagefs mount shows drives as a verified footage library and verifies them in the
background.

Usage:
  footagefs mount DRIVE... MOUNTPOINT [-o OPTIONS]...
  footagefs DRIVE MOUNTPOINT -o OPTIONS             as mount(8) calls its helpers
  mount.footagefs DRIVE MOUNTPOINT [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]

It stays in the foreground until Ctrl-C, SIGTERM or an unmount, and says on stderr when
the mount is live. As a helper, or with -o daemon, it goes to the background and returns
when the mount is live. MOUNTPOINT is made where it is not there, and removed again.
Nothing is ever written to a drive.

Flags:
  -o OPTIONS            mount options, separated by commas; \, is a comma in a value
  --quiet               say nothing when the mount is live
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised

Mount options:
  catalog=FILE          where results are remembered
  profile=NAME|FILE     how rolls are recognised
  noverify              do not verify in the background
  recheck               read again what rests on weak evidence from before this plug-in
  readers=N             files read at once (default: what suits the drive)
  limit=MB/s            verify no faster; a megabyte is 1,000,000 bytes
  noxattr               no attributes of our own, and none of the drives'
  verified_only         show only the rolls that are verified
  uid=N, gid=N          everything belongs to this user, this group
  umask=NNN             permission bits that nobody gets, octal
  allow_other           other users may look, too, at what they may look at on
                        the drive (needs user_allow_other in /etc/fuse.conf,
                        unless root mounts)
  allow_root            root may look, too
  volname=NAME          the volume's name on a desktop
  log=FILE              write the log there, on no drive; without it, to stderr or, in the
                        background, to the system's log
  daemon                go to the background
The generic options of mount(8) are accepted; the mount is read-only all the same.

Exit status:
  0  it was mounted, and unmounted in good order; in the background: it is live
  1  it could not be done
  2  wrong usage; an option is not known

Examples:
  $ footagefs mount /media/SHUTTLE01 /media/SHUTTLE02 ~/footage
  $ footagefs mount /mnt/nas/SOURCE /srv/footage -o allow_other,daemon,log=/var/log/footagefs.log
  # mount -t fuse.footagefs /media/SHUTTLE01 /mnt/footage -o allow_other
  /etc/fstab: /media/SHUTTLE01 /mnt/footage fuse.footagefs noauto,user,allow_other 0 0
`

// mountJob is a mount to be made.
type mountJob struct {
	drives  []string
	point   string
	options mountOptions
	quiet   bool
}

func mountCmd(p *program) *cobra.Command {
	var values []string
	var job mountJob
	cmd := &cobra.Command{
		Use:   "mount DRIVE... MOUNTPOINT",
		Short: "browse; verify in the background",
		Long:  mountHelp,
		Args:  atLeast(2, "mount DRIVE... MOUNTPOINT [-o OPTIONS]"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			job.drives, job.point = args[:len(args)-1], args[len(args)-1]
			if job.options, err = parseMountOptions(values, false); err != nil {
				return err
			}
			p.sayAll(job.options.notes)
			return p.mount(cmd.Context(), job, "")
		},
	}
	cmd.Flags().StringArrayVarP(&values, "options", "o", nil, "")
	cmd.Flags().BoolVar(&job.quiet, "quiet", false, "")
	return cmd
}

// mountHelper mounts for mount(8), which wants silence where all is well. It passes rw
// unless told otherwise: that is worth no note.
func (p *program) mountHelper(ctx context.Context, call helperCall) error {
	options, err := parseMountOptions(call.options, call.sloppy)
	if err != nil {
		return err
	}
	options.daemon = true
	if call.verbose {
		p.sayAll(options.notes)
	}
	job := mountJob{drives: call.operands[:1], point: call.operands[1], options: options, quiet: !call.verbose}
	if _, err := os.Stat(job.drives[0]); options.noFail && errors.Is(err, os.ErrNotExist) {
		return nil // as mount(8) has it for devices: a line in fstab for a drive that comes and goes
	}
	if call.fake {
		return checkDrives(job.drives)
	}
	return p.mount(ctx, job, call.namespace)
}

func (p *program) sayAll(notes []string) {
	for _, note := range notes {
		p.say("%s", note)
	}
}

// mount mounts in this process or has a child in the background do it.
func (p *program) mount(ctx context.Context, job mountJob, namespace string) error {
	if job.options.catalog == "" {
		job.options.catalog = p.catalogPath()
	}
	if job.options.profile == "" {
		job.options.profile = p.profile
	}
	if err := checkDrives(job.drives); err != nil {
		return err
	}
	for _, drive := range job.drives {
		switch m, _, err := control.Find(drive); {
		case err == nil:
			return usagef("%s lies in the mount %s; give the drive itself", drive, m.Point)
		case errors.Is(err, control.ErrLeadsOut):
			return err
		}
	}
	if err := job.resolve(); err != nil {
		return err
	}
	if job.options.daemon && !isChild() {
		return p.background(ctx, job, namespace)
	}
	return p.serve(ctx, job)
}

// resolve makes all paths absolute: the process in the background lives in another folder.
func (j *mountJob) resolve() (err error) {
	for i, drive := range j.drives {
		if j.drives[i], err = absolute(drive); err != nil {
			return err
		}
	}
	if j.point, err = placeToMount(j.point); err != nil {
		return err
	}
	for _, path := range []*string{&j.options.catalog, &j.options.log} {
		if *path != "" {
			if *path, err = absolute(*path); err != nil {
				return err
			}
		}
	}
	if isFile(j.options.profile) {
		j.options.profile, err = absolute(j.options.profile)
	}
	return err
}

// placeToMount is the mount point as the table of mounts will have it. A link there is
// followed, but not one that another user has put into a shared folder, which would have us
// cover a folder that he chooses. What is mounted there already is not looked at: its
// process may not answer.
func placeToMount(path string) (string, error) {
	point, err := control.MountPoint(path)
	if err != nil {
		return "", err
	}
	if _, ok := control.MountedAt(point); ok {
		return point, nil
	}
	if info, err := os.Lstat(point); err == nil && info.Mode()&os.ModeSymlink != 0 && isPlanted(info, filepath.Dir(point)) {
		return "", fmt.Errorf("the mount point %s is a link of another user's; choose a folder of your own", path)
	}
	if real, err := filepath.EvalSymlinks(point); err == nil {
		return real, nil
	}
	return point, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
