package drive

import (
	"context"
	"errors"
	"strings"
	"syscall"
)

// SkipFolder, returned by Walk's fn for a folder, leaves out what is below it.
var SkipFolder = errors.New("skip this folder")

// Walk calls fn for everything below path, each folder before its entries, in byte order of names.
// A folder that cannot be read is passed to fn with its error, and nothing below it: half a
// listing must not read as missing files. So is an entry that cannot be looked at; one that
// vanished meanwhile is left out. fn's error ends the walk, but for SkipFolder. Walk returns
// an error of its own where path cannot be listed, the drive has gone, or ctx ended.
func (d *Drive) Walk(ctx context.Context, path string, fn func(path string, info Info, err error) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walker{drive: d, ctx: ctx, found: make(chan []finding, walkAhead)}
	ended := make(chan error, 1)
	go func() {
		defer close(w.found)
		ended <- w.start(path)
	}()
	err := deliver(w.found, fn)
	cancel()
	for range w.found { // until the walker has noticed
	}
	if walk := <-ended; err == nil {
		err = walk
	}
	return err
}

// deliver calls fn for what is found until it wants no more.
func deliver(found <-chan []finding, fn func(string, Info, error) error) error {
	skipped := "/" // with which no path begins
	for batch := range found {
		for i := range batch {
			f := &batch[i]
			if strings.HasPrefix(f.path, skipped) {
				continue
			}
			err := fn(f.path, f.info, f.err)
			if err != nil && !errors.Is(err, SkipFolder) {
				return err
			}
			if err != nil {
				skipped = f.path + "/"
			}
		}
	}
	return nil
}

// finding is what fn is called with.
type finding struct {
	path string
	info Info
	err  error
}

// walker looks ahead of the caller: one goroutine asks the kernel while the other works
// on what was found, in batches, since a channel costs about as much as a look.
type walker struct {
	drive *Drive
	ctx   context.Context // of this one walk
	found chan []finding
	batch []finding
	kept  int // bytes of the listings of the folders that are being walked
	depth int
}

const (
	walkBatch = 256 // findings handed over at once
	walkAhead = 8   // batches that wait for the caller
	lookAhead = 256 // entries of a folder looked at before the first is passed on
	maxDepth  = 1024
)

// start walks what is below path.
func (w *walker) start(path string) error {
	fd, list, err := w.list(path)
	if err == nil {
		err = w.folder(path, fd, list)
	}
	if err == nil {
		return w.flush()
	}
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	return w.drive.explain("walk", path, err)
}

// list opens a folder and reads its names.
func (w *walker) list(path string) (int, *listing, error) {
	if w.depth >= maxDepth {
		return -1, nil, syscall.ENAMETOOLONG
	}
	fd, err := w.drive.openFolder(path)
	if err != nil {
		return -1, nil, err
	}
	list, err := readListing(fd)
	if err == nil && w.kept+list.bytes() > maxListing {
		err = errTooMany
	}
	if err != nil {
		closeFD(fd)
		return -1, nil, err
	}
	return fd, list, nil
}

// folder passes on what is in a folder and below, and closes fd: before it goes deeper,
// so that a deep tree does not use up descriptors, unless the folder is a large one.
func (w *walker) folder(path string, fd int, list *listing) error {
	w.kept += list.bytes()
	w.depth++
	defer func() {
		w.kept -= list.bytes()
		w.depth--
		if fd >= 0 {
			closeFD(fd)
		}
	}()
	for from := 0; from < len(list.items); from += lookAhead {
		to := min(from+lookAhead, len(list.items))
		looks, err := w.look(path, fd, list, from, to)
		if err != nil {
			return err
		}
		if to == len(list.items) {
			closeFD(fd)
			fd = -1
		}
		for i := range looks {
			if err := w.pass(&looks[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// look looks at some names of the folder fd.
func (w *walker) look(folder string, fd int, list *listing, from, to int) ([]finding, error) {
	if err := w.over(); err != nil {
		return nil, err
	}
	prefix := ""
	if folder != "." {
		prefix = folder + "/"
	}
	looks := make([]finding, 0, to-from)
	for i := from; i < to; i++ {
		f := finding{path: prefix + string(list.name(i))}
		if _, ok := w.drive.foreign(f.path); ok {
			f.info = foreignInfo
		} else if f.info, f.err = list.look(fd, i); f.err != nil {
			f.err = w.drive.explain("stat", f.path, f.err)
			if errors.Is(f.err, ErrGone) {
				return nil, ErrGone
			}
			if errors.Is(f.err, syscall.ENOENT) {
				continue
			}
			f.info.Kind = list.items[i].kind
		}
		looks = append(looks, f)
	}
	return looks, nil
}

// pass hands a finding over, and what is below it where it is a folder.
func (w *walker) pass(f *finding) error {
	if f.err != nil || f.info.Kind != Folder {
		return w.hand(*f)
	}
	fd, list, err := w.list(f.path)
	if err != nil {
		f.err = w.drive.explain("list", f.path, err)
		if errors.Is(f.err, ErrGone) {
			return ErrGone
		}
		if errors.Is(f.err, syscall.ENOENT) {
			return nil
		}
		return w.hand(*f)
	}
	if err := w.hand(*f); err != nil {
		closeFD(fd)
		return err
	}
	return w.folder(f.path, fd, list)
}

func (w *walker) hand(f finding) error {
	if w.batch == nil {
		w.batch = make([]finding, 0, walkBatch)
	}
	w.batch = append(w.batch, f)
	if len(w.batch) < walkBatch {
		return nil
	}
	return w.flush()
}

// flush gives the batch to the caller.
func (w *walker) flush() error {
	if err := w.over(); err != nil {
		return err
	}
	select {
	case w.found <- w.batch:
		w.batch = nil
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-w.drive.gone:
		return ErrGone
	}
}

// over is why the walk cannot go on, nil where it can.
func (w *walker) over() error {
	if w.drive.Gone() {
		return ErrGone
	}
	return w.ctx.Err()
}
