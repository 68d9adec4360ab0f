package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

const (
	busySpeed = 100_000_000 // bytes a second of the limited disk
	busyClips = 24          // on it; the editor reads the last
	busyClip  = 96 << 20    // bytes of a clip
	settling  = time.Second // until verification is on its way
)

// busy reads a clip as an editor does while verification reads the others, on a disk that
// is the bottleneck. Nothing is in the page cache.
func busy(ctx context.Context, s *stage) (contest, error) {
	dir, err := s.limitedDrive(ctx)
	if err != nil {
		return contest{}, err
	}
	names, err := files(dir)
	if err != nil {
		return contest{}, err
	}
	return contest{
		ours:  s.editing("footagefs", dir, names),
		peers: []side{s.editing("alone", dir, names, "noverify")},
	}, nil
}

// editing mounts, gives verification, if any, the time to start, and reads the last clip.
func (s *stage) editing(name, dir string, names []string, options ...string) side {
	var m *mounted
	return side{
		name: name,
		prepare: func(ctx context.Context) (err error) {
			if err := s.forgotten(user{}, names)(ctx); err != nil {
				return err
			}
			if m, err = s.footage(ctx, user{}, dir, s.fresh("busy")+".db", options...); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(settling):
				return nil
			}
		},
		run: func(ctx context.Context) (float64, error) {
			clip := onMount(m, names[len(names)-1:])
			cost, err := s.probed(name, user{}, "read", clip[0]).run(ctx)
			if err == nil && len(options) == 0 {
				err = s.stillReading(ctx, m)
			}
			return cost, errors.Join(err, m.unmount())
		},
	}
}

// stillReading makes sure that verification was not done before the editor was.
func (s *stage) stillReading(ctx context.Context, m *mounted) error {
	out, err := s.fg("status", m.dir).output(ctx)
	if err == nil && !strings.Contains(out, "pending") {
		err = errors.New("verification ended before the editor had read its clip")
	}
	return err
}

// limitedDrive makes a drive on a device of its own whose speed is limited, and joins
// this process and its children to that limit.
func (s *stage) limitedDrive(ctx context.Context) (string, error) {
	if !s.privileged() {
		return "", errNeedsRoot
	}
	image, dir := s.fresh("disk")+".img", s.fresh("disk")
	device, err := s.loopDevice(ctx, image, busyClips*busyClip*5/4)
	if err != nil {
		return "", err
	}
	if err := s.mountDevice(ctx, device, dir); err != nil {
		return "", err
	}
	if err := media(busyClips, legacy("xxhash64be"))(size{media: busyClips * busyClip}, filepath.Join(dir, "drive"), ""); err != nil {
		return "", fmt.Errorf("making the drive on it: %w", err)
	}
	undo, err := limitDisk(device, busySpeed)
	if err != nil {
		return "", fmt.Errorf("limiting a disk's speed: %w", err)
	}
	s.strike.add(undo)
	return filepath.Join(dir, "drive"), nil
}
