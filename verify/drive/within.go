package drive

import (
	"os"
	"path/filepath"
	"syscall"
)

// Within is true where the folder dir is the folder top or lies in it, whatever path leads
// there: by links, in another letter case, or by a mount of one of top's folders elsewhere.
func Within(dir, top string) bool {
	want, err := os.Stat(top)
	if err != nil {
		return false
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if isInFileSystem(dir, top) {
		return true
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

// MayShare is true where the file at path has several names and one of them may lie in the
// folder top, since it is of the same file system: whoever writes it may write to the drive.
func MayShare(path, top string) bool {
	file, err := os.Lstat(path)
	folder, err2 := os.Stat(top)
	if err != nil || err2 != nil || !file.Mode().IsRegular() {
		return false
	}
	f, ok := file.Sys().(*syscall.Stat_t)
	d, ok2 := folder.Sys().(*syscall.Stat_t)
	return ok && ok2 && f.Nlink > 1 && f.Dev == d.Dev
}
