package tree

import (
	"strings"

	"footagefs/verify/drive"
)

// Paths are byte strings with forward slashes. Those on a drive are relative to its
// root, which is "."; those in the mount are relative to the mount point, which is "".

// Join is the path of a name in a folder of a drive or of the mount.
func Join(dir, name string) string {
	return drive.Join(dir, name)
}

// Split is the folder and the name of a path on a drive; the root is "." in "".
func Split(path string) (dir, name string) {
	if path == "." {
		return "", "."
	}
	return drive.Split(path)
}

// Relative is the target of a link that lies in the folder from and leads to the path to,
// both in the mount.
func Relative(from, to string) string {
	return strings.Repeat("../", strings.Count(from, "/")+1) + to
}
