package fs

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"syscall"

	"footagefs/verify/drive"
)

// CheckMountpoint refuses a mount point in, at or above a drive, links followed: the
// mount would look at the drive through itself, and wait for its own answer forever.
func CheckMountpoint(mountpoint string, drives []string) error {
	point, err := realPath(mountpoint)
	if err != nil {
		return fmt.Errorf("checking the mount point: %w", err)
	}
	for _, dir := range drives {
		top, err := realPath(dir)
		if err != nil {
			return fmt.Errorf("checking the drive: %w", err)
		}
		switch at, below := isIn(point, top), isIn(top, point); {
		case at && below:
			return fmt.Errorf("mount point %s is the drive itself: the mount would wait for itself; choose an empty folder elsewhere", mountpoint)
		case at:
			return fmt.Errorf("mount point %s lies in the drive %s: the mount would show itself and wait for itself; choose an empty folder elsewhere", mountpoint, dir)
		case below:
			return fmt.Errorf("mount point %s lies above the drive %s: the mount would hide the drive and wait for itself; choose an empty folder elsewhere", mountpoint, dir)
		}
	}
	return nil
}

// realPath is a path without links. What is not there yet, or a dead mount, is taken as it
// is written.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil || !errors.Is(err, iofs.ErrNotExist) && !errors.Is(err, syscall.ENOTCONN) {
		return real, err
	}
	parent, err := realPath(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

// isIn is true where dir or a folder above it is the folder top. Folders are compared by
// what they are, as a drive may be reached by several paths and in any letter case.
func isIn(dir, top string) bool {
	want, err := os.Stat(top)
	if err != nil {
		return dir == top
	}
	for {
		if is, err := os.Stat(dir); err == nil && os.SameFile(is, want) {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
}

// mountPoint is a folder made ready to be mounted on.
type mountPoint struct {
	path  string
	moved string      // where the mount was at its end, if it is known
	made  os.FileInfo // the folder that we made, to be removed again; nil where it was there
}

// prepare makes the mount point where it is absent, and refuses one in which something
// lies: it would be hidden. A dead mount that an earlier run left there is cleared away.
// The drives are those to be mounted: nothing is made on any of them.
func prepare(path string, drives []string) (mountPoint, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return mountPoint{}, fmt.Errorf("finding the mount point: %w", err)
	}
	if err := clearStale(path); err != nil {
		return mountPoint{}, err
	}
	if err := CheckMountpoint(path, drives); err != nil {
		return mountPoint{}, err
	}
	switch err := os.Mkdir(path, 0o755); {
	case err == nil:
		made, err := os.Lstat(path)
		if err != nil {
			return mountPoint{}, fmt.Errorf("making the mount point: %w", err)
		}
		return mountPoint{path: path, made: made}, nil
	case !errors.Is(err, iofs.ErrExist):
		return mountPoint{}, fmt.Errorf("making the mount point: %w", err)
	}
	names, err := os.ReadDir(path)
	if err != nil {
		return mountPoint{}, fmt.Errorf("looking at the mount point: %w", err)
	}
	if len(names) > 0 {
		return mountPoint{}, fmt.Errorf("mount point %s is not empty (%q lies in it): choose an empty folder or a name that is not there yet", path, names[0].Name())
	}
	return mountPoint{path: path}, nil
}

// remove takes away the folder that prepare made, also where folders above it have other
// names now. What somebody put there meanwhile stays, and so does another folder.
func (m mountPoint) remove() {
	if m.made == nil {
		return
	}
	for _, path := range []string{m.path, m.moved} {
		at, err := drive.Reach(path)
		if err != nil {
			continue
		}
		at.Close()
		if at.Point { // somebody else's, who may not answer
			continue
		}
		if is, err := os.Lstat(path); err == nil && os.SameFile(is, m.made) {
			os.Remove(path)
		}
	}
}
