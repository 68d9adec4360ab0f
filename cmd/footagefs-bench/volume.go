package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// The drives lie on a volume of their own, as root, which is mounted anew once they are
// made. What changed since its drive was plugged in footagefs reads from the device and not
// from memory, so that on the folder in which they were just made every row of warm files
// would measure the disk.

// volumeSize is how large the volume may become, in bytes; its image is sparse.
const volumeSize = 96 << 30

// settled is how much later than the last change the volume is mounted anew: the instant of
// a mount is kept in whole seconds, and doubted by two.
const settled = 4 * time.Second

// makeVolume makes the volume where that can be had; else the drives lie in the folder to
// work in, and it is said.
func (b *bench) makeVolume(ctx context.Context) error {
	b.drives = b.dir
	if os.Geteuid() != 0 {
		b.say("not as root the drives have no volume of their own: rows of warm files measure the disk")
		return nil
	}
	for _, tool := range []string{"mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.say("without %s the drives have no volume of their own: rows of warm files measure the disk", tool)
			return nil
		}
	}
	image, point := filepath.Join(b.dir, "volume.img"), filepath.Join(b.dir, "volume")
	err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, volumeSize), os.Mkdir(point, 0o755))
	if err != nil {
		return err
	}
	inodes := 4 * (b.size.files + b.size.small + b.size.rolls*b.size.perRoll + 100_000)
	if err := b.command("mkfs.ext4", "-q", "-F", "-m", "0", "-N", strconv.Itoa(inodes), "-E", "nodiscard", image).run(ctx); err != nil {
		return err
	}
	b.image = image
	if err := b.mountVolume(ctx, point); err != nil {
		return err
	}
	b.drives = point
	b.undo.add(func() error { return b.command("umount", point).run(context.WithoutCancel(ctx)) })
	return nil
}

func (b *bench) mountVolume(ctx context.Context, point string) error {
	return b.command("mount", "-o", "loop", b.image, point).run(ctx)
}

// plugIn mounts the volume anew.
func (b *bench) plugIn(ctx context.Context) error {
	if b.image == "" {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settled):
	}
	if err := b.command("umount", b.drives).run(ctx); err != nil {
		return err
	}
	return b.mountVolume(ctx, b.drives)
}
