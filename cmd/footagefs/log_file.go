package main

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"footagefs/cmd/footagefs/control"
	"footagefs/verify/drive"
)

// openLog opens the file of log=, and makes it where it is missing. It lies on none of the
// drives, whatever path leads there, and it is a file: one that somebody reads, as a FIFO
// or a terminal, would hold the mount up whenever he does not.
func openLog(path string, drives []string) (*os.File, error) {
	real, err := logPlace(path)
	if err != nil {
		return nil, fmt.Errorf("opening the log %s: %w", path, reason(err))
	}
	for _, d := range drives {
		switch {
		case drive.Within(filepath.Dir(real), d):
			return nil, fmt.Errorf("the log cannot be %s: it lies inside the drive %s, to which nothing is written; name another file with log=", path, d)
		case drive.MayShare(real, d):
			return nil, fmt.Errorf("the log cannot be %s: the file has another name, which may lie inside the drive %s; name another file with log=", path, d)
		}
	}
	if real == os.DevNull {
		return os.OpenFile(real, os.O_WRONLY, 0)
	}
	// What is no file is not even opened: that alone does something to some devices.
	if info, err := os.Lstat(real); err == nil && !info.Mode().IsRegular() {
		return nil, notALog(path)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY
	f, err := os.OpenFile(real, flags, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the log %s: %w", path, reason(err))
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = fmt.Errorf("opening the log %s: %w", path, reason(err))
	case !info.Mode().IsRegular():
		err = notALog(path)
	case !trustworthy(info) && othersWrite(filepath.Dir(real)):
		err = fmt.Errorf("the log cannot be %s: another user has made it or given it another name; name another file with log=", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func notALog(path string) error {
	return fmt.Errorf("the log cannot be %s: it is no file; without log= it goes to stderr or, in the background, to the system's log", path)
}

// mostLinks is how many links in a row are followed.
const mostLinks = 40

// logPlace is where a log lies, links followed: also the one in its own place, which may
// lead to a file that is not there yet. In a folder where others write, a link of theirs
// is not followed: it would have us write into a file that they choose.
func logPlace(path string) (string, error) {
	for range mostLinks {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, filepath.Base(path))
		info, err := os.Lstat(path)
		if errors.Is(err, iofs.ErrNotExist) || err == nil && info.Mode()&os.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		if isPlanted(info, dir) {
			return "", errors.New("another user has put a link there")
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", syscall.ELOOP
}

// isPlanted is true of a link that another user may have put into the folder dir.
func isPlanted(link os.FileInfo, dir string) bool {
	return owner(link) != os.Geteuid() && owner(link) != 0 && othersWrite(dir)
}

// othersWrite is true of a folder in which other users than this one and root make files.
func othersWrite(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return true
	}
	uid := owner(info)
	return uid != os.Geteuid() && uid != 0 || info.Mode().Perm()&0o022 != 0
}

// trustworthy is true of a file that is this user's, under one name.
func trustworthy(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 1 && int(st.Uid) == os.Geteuid()
}

func owner(info os.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return control.NoOwner
}
