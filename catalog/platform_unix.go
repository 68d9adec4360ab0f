//go:build linux || darwin

package catalog

import (
	"errors"
	"os"
	"syscall"
)

// oNoFollow keeps a file from being opened through a symbolic link in its place.
const oNoFollow = syscall.O_NOFOLLOW

func isReadOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }

func ownedByUs(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
