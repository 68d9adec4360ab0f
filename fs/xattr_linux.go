package fs

import (
	"errors"
	"strings"
	"syscall"
)

// xattrPrefix is what names of attributes begin with.
const xattrPrefix = "user."

// platformAttributes are those of this platform alone.
var platformAttributes []*attribute

// maybeDrives is true for a name that the drive's own file may carry and that is shown.
// Samba's are left out: they say how another server once shared the file, and Samba asks
// for them at every file.
func maybeDrives(name string) bool {
	return strings.HasPrefix(name, xattrPrefix) && !isOurs(name) &&
		name != "user.DOSATTRIB" && !strings.HasPrefix(name, "user.DosStream.")
}

// unsupported is true where the drive's file system has no attributes.
func unsupported(err error) bool { return errors.Is(err, syscall.EOPNOTSUPP) }
