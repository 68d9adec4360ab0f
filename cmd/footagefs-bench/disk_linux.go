package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// loopDevice makes a device of a sparse file.
func (s *stage) loopDevice(ctx context.Context, image string, bytes int64) (string, error) {
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		return "", fmt.Errorf("making an image: %w", err)
	}
	s.strike.add(func() error { return os.Remove(image) })
	if err := os.Truncate(image, bytes); err != nil {
		return "", fmt.Errorf("making an image: %w", err)
	}
	// Direct: the file's own pages would hide the disk.
	out, err := s.command("losetup", "--find", "--show", "--direct-io=on", image).output(ctx)
	if err != nil {
		return "", err
	}
	device := strings.TrimSpace(out)
	s.strike.add(func() error {
		return s.command("losetup", "--detach", device).run(context.WithoutCancel(ctx))
	})
	return device, s.command("mkfs.ext4", "-q", "-L", "BUSY", device).run(ctx)
}

// mountDevice mounts a device at a folder.
func (s *stage) mountDevice(ctx context.Context, device, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making a mount point: %w", err)
	}
	s.strike.add(func() error { return os.Remove(dir) })
	if err := s.command("mount", device, dir).run(ctx); err != nil {
		return err
	}
	s.strike.add(func() error { return s.command("umount", dir).run(context.WithoutCancel(ctx)) })
	return nil
}

const cgroupRoot = "/sys/fs/cgroup"

// limitDisk puts this process and the children to come into a control group that reads no
// faster from a device. The kernel then makes its members wait as a slow disk would.
func limitDisk(device string, bytesPerSecond int64) (undo func() error, err error) {
	var st unix.Stat_t
	if err := unix.Stat(device, &st); err != nil {
		return nil, fmt.Errorf("looking at %s: %w", device, err)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	controller, file, rule := filepath.Join(cgroupRoot, "blkio"), "blkio.throttle.read_bps_device", number+" %d"
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil {
		controller, file, rule = cgroupRoot, "io.max", number+" rbps=%d"
		if err := write(filepath.Join(cgroupRoot, "cgroup.subtree_control"), "+io"); err != nil {
			return nil, err
		}
	}
	before, err := ownGroup(controller)
	if err != nil {
		return nil, err
	}
	group := filepath.Join(controller, fmt.Sprintf("footagefs-bench-%d", os.Getpid()))
	if err := os.Mkdir(group, 0o755); err != nil {
		return nil, fmt.Errorf("making a control group: %w", err)
	}
	undo = func() error { return errors.Join(join(before), os.Remove(group)) }
	err = write(filepath.Join(group, file), fmt.Sprintf(rule, bytesPerSecond))
	if err == nil {
		err = join(group)
	}
	if err != nil {
		return nil, errors.Join(err, undo())
	}
	return undo, nil
}

// ownGroup is the group that this process is in.
func ownGroup(controller string) (string, error) {
	data, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("looking for the own control group: %w", err)
	}
	path, err := groupIn(string(data), filepath.Base(controller))
	return filepath.Join(controller, path), err
}

// groupIn finds a controller's group in what /proc/self/cgroup says; the unified
// hierarchy has no controller's name.
func groupIn(groups, controller string) (string, error) {
	for line := range strings.Lines(groups) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		if controller == "cgroup" && fields[0] == "0" || fields[1] == controller {
			return fields[2], nil
		}
	}
	return "", fmt.Errorf("no control group of %s", controller)
}

func join(group string) error {
	return write(filepath.Join(group, "cgroup.procs"), strconv.Itoa(os.Getpid()))
}

func write(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("setting a control group: %w", err)
	}
	return nil
}
