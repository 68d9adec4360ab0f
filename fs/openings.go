package fs

import (
	"slices"

	"footagefs/catalog"
)

// Open lists the files of a drive that somebody has open through the mount, or mapped, by
// their paths in the mount, relative to the mount point, each once.
func (l *Live) Open(id catalog.DriveID) []string {
	f := l.system
	var nodes []*node
	for _, h := range append(f.files.all(), f.mapped.list()...) {
		if h.file != nil && h.node.drive == id {
			nodes = append(nodes, h.node)
		}
	}
	layout := f.views.get().layout
	paths := make([]string, len(nodes))
	for i, n := range nodes {
		paths[i] = layout.pathOf(n)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// pathOf is where in the mount a file of a drive is found.
func (l *Layout) pathOf(n *node) string {
	if n.roll != 0 {
		r := l.roll(n.roll)
		dir, name := split(r.Path)
		if at, ok := l.rollIn(r.Drive, dir, name); ok && at.library != "" {
			return join(at.library, n.inRoll())
		}
	}
	return join(drivesName+"/"+l.names[n.drive], n.path)
}
