package fs

import (
	"errors"
	"strings"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// xattrPrefix is what names of attributes begin with.
const xattrPrefix = "user."

// platformAttributes are those of this platform alone.
var platformAttributes []*attribute

// maybeDrives is true for a name that the drive's own file may carry and that is shown.
// A prefix alone is no name; file systems call it an error to ask for one.
// Samba's are left out: they say how another server once shared the file, and Samba asks
// for them at every file.
func maybeDrives(name string) bool {
	return strings.HasPrefix(name, xattrPrefix) && name != xattrPrefix && !isOurs(name) &&
		name != "user.DOSATTRIB" && !strings.HasPrefix(name, "user.DosStream.")
}

// absent is the answer for an attribute that a file does not have. Of names in which the
// kernel's own facts lie (security., system., trusted.) there are none on any file, and
// the answer says so: ls -l then asks for a label and an access control list once, not
// for those of every file.
func absent(name string) fuse.Status {
	if strings.HasPrefix(name, xattrPrefix) {
		return fuse.ENOATTR
	}
	return fuse.Status(syscall.EOPNOTSUPP)
}

// unsupported is true where the drive's file system has no attributes, or none of such a
// name: what a file system of FUSE answers then is up to its driver.
func unsupported(err error) bool {
	for _, no := range []syscall.Errno{syscall.EOPNOTSUPP, syscall.ENOSYS, syscall.EINVAL, syscall.EPERM, syscall.E2BIG, syscall.ENAMETOOLONG, syscall.ERANGE} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}
