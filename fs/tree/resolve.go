package tree

import (
	pathpkg "path"
	"strings"

	"footagefs/catalog"
)

// Resolve says which rolls a path inside the mount means: a folder of the library those
// in it, anything in a roll that roll, anything below Drives or Workspaces what lies at
// or below it on the drive. The path is relative to the mount point. It is false where
// the tree has no such path; what lies on a drive is not looked at.
func (l *Layout) Resolve(path string) (catalog.Filter, bool) {
	path = strings.TrimPrefix(pathpkg.Clean("/"+path), "/")
	at := l.root
	for path != "" {
		name, rest, _ := strings.Cut(path, "/")
		it, ok := at.Find(name)
		if !ok {
			return catalog.Filter{}, false
		}
		switch it.Kind {
		case FolderItem:
			at, path = it.Folder, rest
		case RollItem, DriveItem, LinkItem:
			return placeFilter(it.Place, rest), true
		default:
			return it.Filter, rest == ""
		}
	}
	return at.Filter, true
}

// placeFilter selects the rolls at, below or around a path on a drive.
func placeFilter(place catalog.Place, rest string) catalog.Filter {
	if rest != "" {
		place.Path = Join(place.Path, rest)
	}
	return catalog.Filter{Paths: []catalog.Place{place}}
}
