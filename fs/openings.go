package fs

import (
	"slices"

	"footagefs/catalog"
	"footagefs/fs/tree"
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
		paths[i] = pathOf(layout, n)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// pathOf is where in the mount a file of a drive is found.
func pathOf(l *tree.Layout, n *node) string {
	if n.roll != 0 {
		r := l.Roll(n.roll)
		dir, name := tree.Split(r.Path)
		if library, ok := l.RollIn(r.Drive, dir, name); ok && library != "" {
			return tree.Join(library, n.inRoll())
		}
	}
	return tree.Join(tree.DrivesName+"/"+l.Names[n.drive], n.path)
}
