package catalog

import (
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// readInThisRun is true where something of the roll was read since it was last asked for.
func (r *rollState) readInThisRun() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.wasRead
	r.wasRead = false
	return was
}

// sameAgain is true where every file and folder of a roll is what it was in its inventory:
// a look at each, which is all that a new inventory would cost but for the comparison with
// the manifests. Where times do not tell that a folder is the same it is false.
func (r *rollState) sameAgain() bool {
	d, strong := r.drive.handle(), r.drive.fs.Strong
	r.mu.Lock()
	inv := r.inv
	if inv == nil || !strong {
		r.mu.Unlock()
		return false
	}
	files := make([]placed, 0, len(inv.entries))
	for i := range inv.entries {
		if e := &inv.entries[i]; e.there {
			files = append(files, placed{e.item.Path, e.look})
		}
	}
	r.mu.Unlock()
	for _, folder := range append([]string{"."}, inv.folders...) {
		info, err := d.Ask(drive.Join(r.found.Path, folder))
		if err != nil || !time.Unix(0, max(info.ModTime, info.ChangeTime)).Before(inv.began.Add(-clockStep)) {
			return false
		}
	}
	var halves errgroup.Group
	for _, half := range [][]placed{files[:len(files)/2], files[len(files)/2:]} {
		halves.Go(func() error { return r.sameFiles(half) })
	}
	return halves.Wait() == nil
}

// clockStep is how far apart two changes must be to move a file's times, generously.
const clockStep = 50 * time.Millisecond

// errChanged says that a file is not as it was.
var errChanged = errors.New("it is not as it was")

// placed is a look at a path in a roll.
type placed struct {
	path string
	look roll.Look
}

// sameFiles looks at files, which are sorted by path; nil says that all are the same.
func (r *rollState) sameFiles(files []placed) error {
	for len(files) > 0 {
		folder, _ := drive.Split(files[0].path)
		n := 1
		for n < len(files) {
			if in, _ := drive.Split(files[n].path); in != folder {
				break
			}
			n++
		}
		if err := r.sameInFolder(folder, files[:n]); err != nil {
			return err
		}
		files = files[n:]
	}
	return nil
}

func (r *rollState) sameInFolder(folder string, files []placed) error {
	dir, err := r.drive.handle().OpenDir(drive.Join(r.found.Path, folder))
	if err != nil {
		return err
	}
	defer dir.Close()
	for _, f := range files {
		_, name := drive.Split(f.path)
		if info, err := dir.Ask(name); err != nil || roll.LookOf(info) != f.look {
			return errChanged
		}
	}
	return nil
}
