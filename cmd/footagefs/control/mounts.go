package control

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"footagefs/verify/drive"
)

// mountEntry is a line of the system's table of mounts.
type mountEntry struct {
	id     int    // its number, 0 on macOS
	under  int    // the number of the mount on which it is mounted
	point  string // where it is mounted
	root   string // which folder of its file system, "/" for all of it
	device string // tells file systems apart while they are mounted
	kind   string // fuse.footagefs
	owner  int    // the user who mounted it, NoOwner where the table does not say
}

// NoOwner is no user's number: who mounted it is not known, so it is nobody's of ours.
const NoOwner = -1

// Mount is a mount of ours: where its tree begins, and who it is.
type Mount struct {
	Point  string // the mount point
	Device string // as the table of mounts has it
	Owner  int    // the user who mounted it, NoOwner where that is not known
}

// Of is a mount of the table, which must be ours.
func Of(m drive.Mount) Mount { return Mount{m.Point, m.Device, entryOf(m).owner} }

// IsOurs is true for a mount of footagefs.
func IsOurs(m drive.Mount) bool { return isOurs(entryOf(m)) }

// mountTable reads the mounts of this process's namespace, oldest first.
func mountTable() ([]mountEntry, error) {
	table, err := drive.Mounts()
	if err != nil {
		return nil, err
	}
	mounts := make([]mountEntry, len(table))
	for i, m := range table {
		mounts[i] = entryOf(m)
	}
	return mounts, nil
}

func entryOf(m drive.Mount) mountEntry {
	owner, ok := m.Owner()
	if !ok {
		owner = NoOwner
	}
	return mountEntry{id: m.ID, under: m.Parent, point: m.Point, root: m.Root, device: m.Device, kind: m.Type, owner: owner}
}

// ErrNotMounted says that a path lies in no mount of footagefs.
var ErrNotMounted = errors.New("no footagefs is mounted there")

// ErrLeadsOut says that links of another user's mount would be followed.
var ErrLeadsOut = errors.New("leads out of the mount")

// Find tells in which mount of ours path lies, and where in its tree ("." is the
// root). Links are followed, so that a path by way of Workspaces or Drives comes out in
// the library. A mount point itself is not looked at: its process may not answer. What
// counts is the mount that the path leads to, whatever others have that path in the table.
func Find(path string) (Mount, string, error) {
	mounts, err := mountTable()
	if err != nil {
		return Mount{}, "", err
	}
	point, err := MountPoint(path)
	if err != nil {
		return Mount{}, "", err
	}
	if m, ok := MountedAt(point); ok && isOurs(entryOf(m)) {
		at := entryOf(m)
		if err := refuseDetour(mounts, filepath.Dir(path), at); err != nil {
			return Mount{}, "", err
		}
		return at.live(mounts, point)
	}
	if point, err = RealPath(path); err != nil {
		return Mount{}, "", err
	}
	at, ok := reached(point)
	if !ok { // it is not there, or its process died
		at, ok = mountOf(mounts, point)
	}
	if err := refuseDetour(mounts, path, at); err != nil {
		return Mount{}, "", err
	}
	if !ok || !isOurs(at) {
		return Mount{}, "", ErrNotMounted
	}
	return at.live(mounts, point)
}

// refuseDetour refuses a path by way of links in another user's mount.
func refuseDetour(mounts []mountEntry, path string, end mountEntry) error {
	if through, ok := leadsThrough(mounts, path, end); ok {
		return fmt.Errorf("%s %w %s, which is another user's: name the place itself", path, ErrLeadsOut, through.point)
	}
	return nil
}

// leadsThrough finds a mount of another user, other than the one that path ends in, whose
// links path follows: they lead where that user likes. Those of an honest mount stay in it.
func leadsThrough(mounts []mountEntry, path string, end mountEntry) (mountEntry, bool) {
	foreign := func(m mountEntry) bool {
		return isOurs(m) && Mount{Owner: m.owner}.IsForeign() && m.device != end.device
	}
	if !slices.ContainsFunc(mounts, foreign) {
		return mountEntry{}, false
	}
	for abs, err := filepath.Abs(path); err == nil && abs != filepath.Dir(abs); abs = filepath.Dir(abs) {
		real, err := RealPath(abs)
		if err != nil {
			continue
		}
		if m, ok := mountOf(mounts, real); ok && foreign(m) {
			return m, true
		}
	}
	return mountEntry{}, false
}

// MountedAt is the mount whose point is path, the uppermost one; ok is false where path is
// no mount point.
func MountedAt(path string) (m drive.Mount, ok bool) {
	at, err := drive.Reach(path)
	if err != nil {
		return m, false
	}
	defer at.Close()
	return at.Mount, at.Point
}

// reached is the mount in which path lies, if it can be looked at.
func reached(path string) (mountEntry, bool) {
	at, err := drive.Reach(path)
	if err != nil {
		return mountEntry{}, false
	}
	defer at.Close()
	return entryOf(at.Mount), true
}

// live is the mount of which m shows the tree or a part, and path's place in the tree.
func (m mountEntry) live(mounts []mountEntry, path string) (Mount, string, error) {
	rel, err := filepath.Rel(m.point, path)
	if err != nil {
		return Mount{}, "", fmt.Errorf("finding %s in its mount: %w", path, err)
	}
	if m.root != "/" { // a bind mount of a part of the tree
		rel = filepath.Join(strings.TrimPrefix(m.root, "/"), rel)
		m = wholeTree(mounts, m)
	}
	return Mount{m.point, m.device, m.owner}, rel, nil
}

// mountOf is the mount in which path lies by the table alone: the longest point, of equals
// the one that is mounted on the others, or else the newest.
func mountOf(mounts []mountEntry, path string) (mountEntry, bool) {
	var best mountEntry
	for _, m := range mounts {
		covered := m.point == best.point && best.under == m.id && m.id != 0
		if isBelow(path, m.point) && len(m.point) >= len(best.point) && !covered {
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

// MountPoint is a mount point without links, as the table of mounts has it. Only the
// folders above it are looked at: it need not be there, and what is mounted there may not
// answer.
func MountPoint(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding out where %s is: %w", path, err)
	}
	parent, err := RealPath(filepath.Dir(abs))
	if err != nil {
		return "", err
	}
	return filepath.Join(parent, filepath.Base(abs)), nil
}

// RealPath is path absolute and without links. Of a path that is not there, or lies in a
// mount whose process died, the part that is gives the rest its place.
func RealPath(path string) (string, error) {
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
