package drive

import (
	"context"
	"errors"
	"syscall"
)

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
	root  int
	ctx   context.Context // of this one walk
	found chan []finding
	used  chan []finding // batches to fill again
	batch []finding
	spare [][]finding // looks of folders that are done
	lists []*listing  // their listings, likewise
	kept  int         // bytes of the listings of the folders that are being walked
	depth int
}

const (
	walkBatch = 256     // findings handed over at once
	walkAhead = 8       // batches that wait for the caller
	lookAhead = 256     // entries of a folder looked at before the first is passed on
	spareList = 1 << 20 // bytes of a listing whose memory is kept for the next folder's
	maxDepth  = 1024
)

// start walks what is below path.
func (w *walker) start(path string) error {
	root, err := w.drive.reach()
	if err == nil {
		defer w.drive.leave(root)
		w.root = root
		var fd int
		var list *listing
		if fd, list, err = w.list(path); err == nil {
			err = w.folder(path, fd, list)
		}
	}
	if err == nil {
		return w.flush()
	}
	return w.drive.explain("walk", path, err)
}

// list opens a folder and reads its names.
func (w *walker) list(path string) (int, *listing, error) {
	if w.depth >= maxDepth {
		return -1, nil, syscall.ENAMETOOLONG
	}
	fd, err := w.drive.openFolder(w.root, path)
	if err != nil {
		return -1, nil, err
	}
	list, err := readListing(fd, w.takeList())
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
	looks := w.takeLooks()
	w.kept += list.bytes()
	w.depth++
	defer func() {
		w.kept -= list.bytes()
		w.depth--
		w.spare = append(w.spare, looks)
		if list.bytes() <= spareList {
			w.lists = append(w.lists, list)
		}
		if fd >= 0 {
			closeFD(fd)
		}
	}()
	for from := 0; from < len(list.items); from += lookAhead {
		to := min(from+lookAhead, len(list.items))
		var err error
		if looks, err = w.look(looks[:0], path, fd, list, from, to); err != nil {
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

// takeList is a listing to be made anew, nil where there is none to spare.
func (w *walker) takeList() *listing {
	last := len(w.lists) - 1
	if last < 0 {
		return nil
	}
	list := w.lists[last]
	w.lists = w.lists[:last]
	return list
}

// takeLooks is room for the looks of a folder, used before where there is such.
func (w *walker) takeLooks() []finding {
	last := len(w.spare) - 1
	if last < 0 {
		return make([]finding, 0, lookAhead)
	}
	looks := w.spare[last]
	w.spare = w.spare[:last]
	return looks
}

// look looks at some names of the folder fd and appends what it found to looks.
func (w *walker) look(looks []finding, folder string, fd int, list *listing, from, to int) ([]finding, error) {
	if err := w.over(); err != nil {
		return looks, err
	}
	prefix := ""
	if folder != "." {
		prefix = folder + "/"
	}
	for i := from; i < to; i++ {
		f := finding{path: prefix + string(list.name(i))}
		if _, ok := w.drive.foreign(f.path); ok {
			f.info = foreignInfo
		} else if f.info, f.err = list.look(fd, i); f.err != nil {
			f.err = w.drive.explain("stat", f.path, f.err)
			if errors.Is(f.err, ErrGone) {
				return looks, ErrGone
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
		select {
		case w.batch = <-w.used:
		default:
			w.batch = make([]finding, 0, walkBatch)
		}
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
