package catalog

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
		root, err := filepath.EvalSymlinks(d)
		if err != nil {
			continue // AddDrive says what is wrong with it
		}
		if root, err = filepath.Abs(root); err == nil && isWithin(dir, root) {
			return &PlaceError{path, "it lies inside the drive " + d + ", to which nothing is written"}
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

func isWithin(path, root string) bool {
	_, in := drive.Relative(root, path)
	return in
}

// makeFolder makes the catalog's folder for this user alone. The shared fallback place
// must be ours and nobody else's: anybody may have made a folder of that name first.
func makeFolder(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the catalog's folder: %w", err)
	}
	if dir != filepath.Dir(fallbackPath()) {
		return nil
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("looking at the catalog's folder: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || !ownedByUs(info) {
		return &PlaceError{path, "others can write to its folder"}
	}
	return nil
}
