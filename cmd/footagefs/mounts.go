package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"footagefs/verify/drive"
)

// mountEntry is a line of the system's table of mounts.
type mountEntry struct {
	point  string // where it is mounted
	root   string // which folder of its file system, "/" for all of it
	device string // tells file systems apart while they are mounted
	kind   string // fuse.footagefs
	owner  int    // the user who mounted it, 0 where the table does not say
}

// liveMount is a mount of ours: where its tree begins, and who it is.
type liveMount struct {
	point  string
	device string
	owner  int
}

// errNotMounted says that a path lies in no mount of footagefs.
var errNotMounted = errors.New("no footagefs is mounted there")

// findMount tells in which mount of ours path lies, and where in its tree ("." is the
// root). Links are followed, so that a path by way of Workspaces or Drives comes out in
// the library. A mount point itself is not looked at: its process may not answer.
func findMount(path string) (liveMount, string, error) {
	mounts, err := mountTable()
	if err != nil {
		return liveMount{}, "", err
	}
	point, err := mountPoint(path)
	if err != nil {
		return liveMount{}, "", err
	}
	at, ok := mountOf(mounts, point)
	if !ok || at.point != point || !isOurs(at) {
		if point, err = realPath(path); err != nil {
			return liveMount{}, "", err
		}
		at, ok = mountOf(mounts, point)
	}
	if !ok || !isOurs(at) {
		return liveMount{}, "", errNotMounted
	}
	return at.live(mounts, point)
}

// live is the mount of which m shows the tree or a part, and path's place in the tree.
func (m mountEntry) live(mounts []mountEntry, path string) (liveMount, string, error) {
	rel, err := filepath.Rel(m.point, path)
	if err != nil {
		return liveMount{}, "", fmt.Errorf("finding %s in its mount: %w", path, err)
	}
	if m.root != "/" { // a bind mount of a part of the tree
		rel = filepath.Join(strings.TrimPrefix(m.root, "/"), rel)
		m = wholeTree(mounts, m)
	}
	return liveMount{m.point, m.device, m.owner}, rel, nil
}

// mountOf is the mount in which path lies: the longest point, of equals the newest, which
// covers the others.
func mountOf(mounts []mountEntry, path string) (mountEntry, bool) {
	var best mountEntry
	for _, m := range mounts {
		if isBelow(path, m.point) && len(m.point) >= len(best.point) {
			best = m
		}
	}
	return best, best.point != ""
}

// wholeTree finds the mount of the whole tree of which m shows a part.
func wholeTree(mounts []mountEntry, m mountEntry) mountEntry {
	for _, other := range mounts {
		if other.device == m.device && other.root == "/" {
			return other
		}
	}
	return m
}

func isBelow(path, dir string) bool {
	_, in := drive.Relative(dir, path)
	return in
}

// mountPoint is a mount point without links, as the table of mounts has it. Only the
// folders above it are looked at: it need not be there, and what is mounted there may not
// answer.
func mountPoint(path string) (string, error) {
	abs, err := absolute(path)
	if err != nil {
		return "", err
	}
	parent, err := realPath(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	return filepath.Join(parent, filepath.Base(abs)), nil
}

// realPath is path absolute and without links. Of a path that is not there, or lies in a
// mount whose process died, the part that is gives the rest its place.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding out where %s is: %w", path, err)
	}
	for dir, rest := abs, ""; ; {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest), nil
		}
		if dir == filepath.Dir(dir) {
			return abs, nil
		}
		dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest)
	}
}

// isFolder reports whether path is a folder now.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
