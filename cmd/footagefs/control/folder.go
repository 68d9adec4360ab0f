package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// runtimeFolders are the places where a user's live mounts keep their sockets, best first.
// A service starts without XDG_RUNTIME_DIR, and its user's shell has it: so the place that
// it usually names is always among them.
func runtimeFolders(uid int) []string {
	var folders []string
	if uid == 0 {
		folders = append(folders, rootRuntimeFolder)
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); uid == os.Geteuid() && filepath.IsAbs(dir) && onlyOurs(dir) {
		folders = append(folders, filepath.Join(dir, "footagefs"))
	}
	id := strconv.Itoa(uid)
	return append(folders, "/run/user/"+id+"/footagefs", "/tmp/footagefs-"+id)
}

// onlyOurs is true of a folder in which this user alone makes and renames files. su and sudo
// pass on another user's XDG_RUNTIME_DIR.
func onlyOurs(dir string) bool {
	var st unix.Stat_t
	err := unix.Stat(dir, &st)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Geteuid() && st.Mode&0o022 == 0
}

// socketName is made from the device of the mounted file system, which a client knows from
// the table of mounts: it stays when the mount is moved or a folder above it is renamed.
func socketName(device string) string {
	sum := sha256.Sum256([]byte(device))
	return hex.EncodeToString(sum[:8]) + ".sock"
}

// openFolder opens a runtime folder of uid's. In a place where anybody may write, anybody
// may have made it first: it must be a folder and no link, uid's, and closed to others.
func openFolder(dir string, uid int) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the runtime folder %s: %w", dir, err)
	}
	f := os.NewFile(uintptr(fd), dir)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		f.Close()
		return nil, fmt.Errorf("looking at the runtime folder %s: %w", dir, err)
	}
	if int(st.Uid) != uid || st.Mode&0o077 != 0 {
		f.Close()
		return nil, fmt.Errorf("the runtime folder %s is not this user's alone", dir)
	}
	return f, nil
}

// makeFolder opens the first runtime folder of ours that can be had, and makes it where it
// is missing.
func makeFolder() (*os.File, error) {
	var errs []error
	for _, dir := range runtimeFolders(os.Geteuid()) {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			errs = append(errs, err)
			continue
		}
		f, err := openFolder(dir, os.Geteuid())
		if err == nil {
			return f, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// inFolder is a path to name in an open folder: short enough for a socket's address,
// whatever the folder's path, and always in the folder that was checked.
func inFolder(folder *os.File, name string) string {
	fd := fmt.Sprintf("/proc/self/fd/%d", folder.Fd())
	if _, err := os.Stat(fd); err != nil {
		return filepath.Join(folder.Name(), name)
	}
	return filepath.Join(fd, name)
}
