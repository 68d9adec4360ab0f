package drive

import (
	"fmt"
	"path"
	"strings"
)

// Sighting is a folder that may be a drive that was away: it lies where the drive's path
// from its file system's root would lie on a file system that is mounted now.
type Sighting struct {
	Dir string // absolute
	// Mount differs for each mounting; looking once at each is enough. The kernel uses a
	// mount's number again at once, so it says whose device that is, too.
	Mount string
}

// Sightings are the folders at which the path prefix (as FileSystem.Prefix) of some file
// system with a device or server behind it would be seen now. Nothing is opened: whether
// one of them is the drive is told by opening it. There are none where the platform does
// not list its mounts.
func Sightings(prefix string) []Sighting {
	var list []Sighting
	unique := uniqueMounts()
	for _, m := range readMounts() {
		if !strings.Contains(m.Source, "/") && !strings.Contains(m.Source, ":") {
			continue // proc, tmpfs and the like are no drives
		}
		below, ok := Relative(m.Root, path.Join("/", prefix))
		if !ok {
			continue
		}
		mount := fmt.Sprintf("%d %d %s %s", m.ID, unique[m.ID], m.Device, m.Point)
		list = append(list, Sighting{Dir: path.Join(m.Point, below), Mount: mount})
	}
	return list
}
