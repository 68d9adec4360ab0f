// Package drives writes shoot drives for tests, benchmarks and trying out: a sample
// drive that is clean, a broken one with every kind of finding, every card layout,
// a hostile one, and drives of any size.
//
// It makes its manifests with a simple writer of its own and takes checksums from
// the hash libraries directly: a test that verifies a drive made here does not
// compare footagefs with itself. It knows nothing of footagefs' packages. What it
// writes depends on its arguments alone: the same names, bytes and times each time.
package drives

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// tree is a drive that is being written. The first error stays and makes the rest
// of the calls do nothing, so that generators read as lists of what is on the drive.
type tree struct {
	root string
	err  error
}

// newTree starts a drive in dir, which is made where it is not there.
func newTree(dir string) *tree {
	t := &tree{root: dir}
	t.do(os.MkdirAll(dir, 0o755))
	return t
}

// newEmptyTree starts a drive in a folder in which nothing lies yet: what is left of
// another drive would be a fault of this one.
func newEmptyTree(dir string) *tree {
	t := newTree(dir)
	if names, err := os.ReadDir(dir); err != nil {
		t.do(err)
	} else if len(names) > 0 {
		t.do(errors.New("the folder is not empty"))
	}
	return t
}

// do keeps the first error.
func (t *tree) do(err error) {
	if t.err == nil && err != nil {
		t.err = fmt.Errorf("making the drive %s: %w", t.root, err)
	}
}

// abs is where path of the drive lies. It is not cleaned: names of every kind are wanted.
func (t *tree) abs(path string) string { return t.root + "/" + path }

// folder makes a folder and those above it.
func (t *tree) folder(path string) {
	if t.err == nil {
		t.do(os.MkdirAll(t.abs(path), 0o755))
	}
}

// file writes a file that was last changed at.
func (t *tree) file(path string, data []byte, at time.Time) {
	if t.err != nil {
		return
	}
	t.folder(filepath.Dir(path))
	t.do(os.WriteFile(t.abs(path), data, 0o644))
	t.times(path, at)
}

// sparse writes a file of size bytes, all zero, that takes no room.
func (t *tree) sparse(path string, size int64, at time.Time) {
	if t.err != nil {
		return
	}
	t.file(path, nil, at)
	t.do(os.Truncate(t.abs(path), size))
	t.times(path, at)
}

// symlink makes a symbolic link to target.
func (t *tree) symlink(path, target string) {
	if t.err != nil {
		return
	}
	t.folder(filepath.Dir(path))
	if err := os.Symlink(target, t.abs(path)); !errors.Is(err, os.ErrExist) {
		t.do(err)
	}
}

// fifo makes a named pipe.
func (t *tree) fifo(path string) {
	if t.err != nil {
		return
	}
	t.folder(filepath.Dir(path))
	if err := syscall.Mkfifo(t.abs(path), 0o644); !errors.Is(err, os.ErrExist) {
		t.do(err)
	}
}

// times sets when a file or folder was last changed and read.
func (t *tree) times(path string, at time.Time) {
	if t.err == nil {
		t.do(os.Chtimes(t.abs(path), at, at))
	}
}

// settle gives every folder the time of the newest thing in it (at where it is
// empty), as if it had been filled in order. It ends the writing.
func (t *tree) settle(at time.Time) error {
	if t.err == nil {
		_, err := settle(t.root, at)
		t.do(err)
	}
	return t.err
}

func settle(dir string, at time.Time) (time.Time, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return at, err
	}
	var newest time.Time
	for _, name := range names {
		path := dir + "/" + name.Name()
		var changed time.Time
		switch info, err := name.Info(); {
		case err != nil:
			return at, err
		case info.IsDir():
			if changed, err = settle(path, at); err != nil {
				return at, err
			}
		case info.Mode().IsRegular():
			changed = info.ModTime()
		}
		if changed.After(newest) {
			newest = changed
		}
	}
	if newest.IsZero() {
		newest = at
	}
	return newest, os.Chtimes(dir, newest, newest)
}
