package drive

import (
	"context"
	"errors"
	"strings"
)

// ErrSkipFolder, returned by Walk's fn for a folder, leaves out what is below it.
var ErrSkipFolder = errors.New("skip this folder")

// Walk calls fn for everything below path, each folder before its entries, in byte order of names.
// A folder that cannot be read is passed to fn with its error, and nothing below it: half a
// listing must not read as missing files. So is an entry that cannot be looked at; one that
// vanished meanwhile is left out. fn's error ends the walk, but for ErrSkipFolder. Walk returns
// an error of its own where path cannot be listed, the drive has gone, or ctx ended.
func (d *Drive) Walk(ctx context.Context, path string, fn func(path string, info Info, err error) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walker{drive: d, ctx: ctx, found: make(chan []finding, walkAhead), used: make(chan []finding, walkAhead)}
	ended := make(chan error, 1)
	go func() {
		defer close(w.found)
		ended <- w.start(path)
	}()
	err := w.deliver(fn)
	cancel()
	for range w.found { // until the walker has noticed
	}
	if walk := <-ended; err == nil {
		err = walk
	}
	return err
}

// deliver calls fn for what is found until it wants no more.
func (w *walker) deliver(fn func(string, Info, error) error) error {
	skipped := "/" // with which no path begins
	for batch := range w.found {
		for i := range batch {
			f := &batch[i]
			if err := w.over(); err != nil {
				return w.drive.explain("walk", f.path, err)
			}
			if strings.HasPrefix(f.path, skipped) {
				continue
			}
			err := fn(f.path, f.info, f.err)
			if err != nil && !errors.Is(err, ErrSkipFolder) {
				return err
			}
			if err != nil {
				skipped = f.path + "/"
			}
		}
		select {
		case w.used <- batch[:0]:
		default:
		}
	}
	return nil
}
