package fs

import (
	"errors"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// xattrPrefix is what names of attributes begin with.
const xattrPrefix = ""

// platformAttributes are those of this platform alone.
var platformAttributes = finderAttributes

// maybeDrives is true for a name that the drive's own file may carry and that is shown.
func maybeDrives(name string) bool { return !isOurs(name) }

// absent is the answer for an attribute that a file does not have.
func absent(string) fuse.Status { return fuse.ENOATTR }

// unsupported is true where the drive's file system has no attributes.
func unsupported(err error) bool {
	return errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENAMETOOLONG)
}
