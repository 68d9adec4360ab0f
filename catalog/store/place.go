package store

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"runtime"

	"footagefs/verify/drive"
)

// PlaceError says why a catalog cannot lie where the user wants it, and what to do.
type PlaceError struct {
	Path, Reason string
}

func (e *PlaceError) Error() string {
	return fmt.Sprintf("the catalog cannot be %s: %s; name another file with --catalog", e.Path, e.Reason)
}

// DefaultPath is where the catalog lies when nothing names another place:
// $XDG_DATA_HOME/footagefs/catalog.db or the platform's equivalent, without HOME
// /var/lib/footagefs/catalog.db.
func DefaultPath() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "footagefs", "catalog.db")
	}
	home := os.Getenv("HOME")
	switch {
	case home == "":
		return "/var/lib/footagefs/catalog.db"
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "footagefs", "catalog.db")
	}
	return filepath.Join(home, ".local", "share", "footagefs", "catalog.db")
}

// fallbackPath is where the catalog goes when the default place is refused.
func fallbackPath() string {
	if os.Geteuid() == 0 {
		return "/var/lib/footagefs/catalog.db"
	}
	return fmt.Sprintf("/var/tmp/footagefs-%d/catalog.db", os.Geteuid())
}

// checkPlace refuses a place inside a drive (nothing is written there) and on network and
// FUSE file systems (their locks do not keep SQLite's promises).
func checkPlace(path string, drives []string) error {
	dir, err := existingParent(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, d := range drives {
		if drive.Within(dir, d) {
			return &PlaceError{path, "it lies inside the drive " + d + ", to which nothing is written"}
		}
		if drive.MayShare(path, d) {
			return &PlaceError{path, "the file has another name, which may lie inside the drive " + d}
		}
	}
	f, err := drive.Open(dir)
	if err != nil {
		return nil // the reason comes with opening the file itself
	}
	defer f.Close()
	if t := f.FileSystem(); !t.Local {
		return &PlaceError{path, "it lies on a " + t.Kind + " file system, where several processes cannot share an SQLite file safely"}
	}
	return nil
}

// existingParent is the nearest folder of dir's path that exists, without symbolic links.
func existingParent(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the catalog's folder: %w", err)
	}
	for {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return real, nil
		}
		if !errors.Is(err, iofs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", fmt.Errorf("finding the catalog's folder: %w", err)
		}
		dir = filepath.Dir(dir)
	}
}

// makeFolder makes the catalog's folder for this user alone, where it is missing.
func makeFolder(path string) error {
	dir := filepath.Dir(path)
	if isMissing(dir) {
		above, err := existingParent(dir)
		if err != nil {
			return &PlaceError{path, drive.Reason(err)}
		}
		if info, err := os.Lstat(above); err != nil || !ownedByUs(info) && !ownedByRoot(info) {
			return &PlaceError{path, "the folder " + above + " is another user's"}
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return &PlaceError{path, drive.Reason(err)}
		}
	}
	return checkFolder(path)
}

// checkFolder refuses a folder in which other users can make files: what they put in the
// catalog's place, or its journal's, would be believed. Of the shared fallback place anybody
// may have made a folder or a link first.
func checkFolder(path string) error {
	if path == fallbackPath() {
		return checkFolderBy(os.Lstat, path)
	}
	return checkFolderBy(os.Stat, path)
}

func checkFolderBy(look func(string) (os.FileInfo, error), path string) error {
	dir := filepath.Dir(path)
	info, err := look(dir)
	switch {
	case errors.Is(err, iofs.ErrNotExist):
		return nil // opening the file tells
	case err != nil:
		return &PlaceError{path, drive.Reason(err)}
	case !info.IsDir():
		return &PlaceError{path, dir + " is no folder"}
	case !ownedByUs(info) && !ownedByRoot(info):
		return &PlaceError{path, "its folder is another user's"}
	case info.Mode().Perm()&0o002 == 0 && (info.Mode().Perm()&0o020 == 0 || ofOurGroup(info)):
		return nil
	case info.Mode()&os.ModeSticky == 0:
		return &PlaceError{path, "others can write to its folder"}
	}
	return checkAmongOthers(path)
}

// checkAmongOthers passes a place in a folder such as /tmp, in which everybody may make
// files and nobody may replace another's, where none of the catalog's files is another's.
func checkAmongOthers(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if info, err := os.Lstat(path + suffix); err == nil && !ownedByUs(info) && !ownedByRoot(info) {
			return &PlaceError{path, "others can write to its folder, and " + filepath.Base(path+suffix) + " there is another user's"}
		}
	}
	return nil
}

// checkAbove refuses a default place below another user's folder: su and sudo pass on his
// HOME, and what is above the catalog's folder he can rename or make a link elsewhere.
func checkAbove(path string) error {
	real, err := existingParent(filepath.Dir(path))
	if err != nil {
		return &PlaceError{path, drive.Reason(err)}
	}
	for _, dir := range []string{filepath.Dir(path), real} {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if info, err := os.Lstat(dir); err == nil && !ownedByUs(info) && !ownedByRoot(info) {
				return &PlaceError{path, dir + " is another user's"}
			}
		}
	}
	return nil
}

// isDefaultPlace is true of a path that is a catalog's without being named.
func isDefaultPlace(path string) bool { return path == DefaultPath() || path == fallbackPath() }
