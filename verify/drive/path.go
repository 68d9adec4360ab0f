package drive

import "strings"

// Paths are bytes: slashes part names, and nothing else means anything. Those on a drive are
// relative to its root, which is ".". None is ever cleaned: "a//b" and "a/../b" are refused.

// Split cuts a path into its folder and its last name; the folder of a name at the root is
// ".".
func Split(path string) (folder, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return ".", path
}

// Join is a path below a folder; "." and "" are neutral on both sides.
func Join(folder, path string) string {
	switch {
	case folder == "." || folder == "":
		return path
	case path == "." || path == "":
		return folder
	}
	return folder + "/" + path
}

// Relative is path as seen from a folder, "." for the folder itself; ok is false where it is
// not in it. Both are paths on a drive, or both are absolute.
func Relative(folder, path string) (rel string, ok bool) {
	switch {
	case path == folder:
		return ".", true
	case folder == ".":
		return path, true
	}
	return strings.CutPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}
