package drive

import (
	"context"
	"errors"
	"syscall"
)

// SkipFolder, returned by Walk's fn for a folder, leaves out what is below it.
var SkipFolder = errors.New("skip this folder")

// Walk calls fn for everything below path, each folder before its entries, in byte order of names.
// A folder that cannot be read is passed to fn with its error; fn's error ends the walk.
func (d *Drive) Walk(ctx context.Context, path string, fn func(path string, info Info, err error) error) error {
	entries, err := d.ReadDir(path)
	if err != nil {
		return err
	}
	return d.walk(ctx, path, entries, fn)
}

func (d *Drive) walk(ctx context.Context, folder string, entries []Entry, fn func(string, Info, error) error) error {
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := join(folder, e.Name)
		info, err := d.Stat(path)
		if errors.Is(err, ErrGone) {
			return err
		}
		if errors.Is(err, syscall.ENOENT) {
			continue
		}
		var below []Entry
		if err == nil && info.Kind == Folder {
			below, err = d.ReadDir(path)
		}
		if err := fn(path, info, err); err != nil {
			if errors.Is(err, SkipFolder) {
				continue
			}
			return err
		}
		if err := d.walk(ctx, path, below, fn); err != nil {
			return err
		}
	}
	return nil
}
