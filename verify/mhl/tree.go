package mhl

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"footagefs/verify/drive"
)

// rollTree has what lies in a roll by folder and name, for paths that are not spelled as the
// drive spells them. It is made only where there is one.
type rollTree struct {
	nodes []node
	names map[child]int32
	forms map[child]int32 // of names that are not ASCII, by their normal form; several where not unique
	folds map[child]int32 // of all names without letter case, likewise; nil until it is needed
}

// node is a file or folder.
type node struct {
	parent int32
	kind   drive.Kind
	file   int32 // its number, -1 for a folder that is only known by what is in it
	name   string
}

// child is a name in a folder.
type child struct {
	folder int32
	name   string
}

// several is no node: more than one has the name.
const several int32 = -1

// picker finds a name in a folder.
type picker func(t *rollTree, folder int32, name string) (int32, bool)

// newTree makes the tree of what a walk found, sorted. Its root is node 0.
func newTree(files []File) *rollTree {
	t := &rollTree{
		nodes: make([]node, 1, len(files)+1),
		names: make(map[child]int32, len(files)),
		forms: map[child]int32{},
	}
	t.nodes[0] = node{parent: -1, kind: drive.Folder, file: -1}
	last, at := "", int32(0) // the folder of the file before
	for i := range files {
		dir, name := splitPath(files[i].Path)
		if dir != last {
			last, at = dir, t.folder(dir)
		}
		t.nodes[t.add(at, name)] = node{at, files[i].Kind, int32(i), name}
	}
	return t
}

// splitPath cuts a path into its folder, "" for the root, and its name.
func splitPath(p string) (dir, name string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

// folder is the node of a folder, which is added where it is not there yet.
func (t *rollTree) folder(dir string) int32 {
	at := int32(0)
	for rest, more := dir, dir != ""; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		at = t.add(at, name)
	}
	return at
}

// add is the node of a name in a folder; a new one is a folder.
func (t *rollTree) add(folder int32, name string) int32 {
	key := child{folder, name}
	if at, ok := t.names[key]; ok {
		return at
	}
	at := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{folder, drive.Folder, -1, name})
	t.names[key] = at
	if !isASCII(name) {
		enter(t.forms, child{folder, norm.NFC.String(name)}, at)
	}
	return at
}

func enter(to map[child]int32, key child, at int32) {
	if _, taken := to[key]; taken {
		at = several
	}
	to[key] = at
}

// exact finds a name byte for byte.
func (t *rollTree) exact(folder int32, name string) (int32, bool) {
	at, ok := t.names[child{folder, name}]
	return at, ok
}

// form finds a name byte for byte, else the only one of the same normal form.
func (t *rollTree) form(folder int32, name string) (int32, bool) {
	if at, ok := t.exact(folder, name); ok || len(t.forms) == 0 {
		return at, ok
	}
	at, ok := t.forms[child{folder, norm.NFC.String(name)}]
	return at, ok && at != several
}

// folded finds a name by its form, else the only one that differs in letter case.
func (t *rollTree) folded(folder int32, name string) (int32, bool) {
	if at, ok := t.form(folder, name); ok {
		return at, ok
	}
	if t.folds == nil {
		t.folds = make(map[child]int32, len(t.nodes))
		for i := 1; i < len(t.nodes); i++ {
			enter(t.folds, child{t.nodes[i].parent, fold(t.nodes[i].name)}, int32(i))
		}
	}
	at, ok := t.folds[child{folder, fold(name)}]
	return at, ok && at != several
}

// fold spells a name without letter case.
func fold(name string) string {
	if isASCII(name) {
		return strings.ToLower(name)
	}
	return norm.NFC.String(strings.ToLower(strings.ToUpper(norm.NFC.String(name))))
}

// at is the node of a path that is spelled so.
func (t *rollTree) at(p string) (int32, bool) {
	at := int32(0)
	for rest, more := p, p != "" && p != "."; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		var ok bool
		if at, ok = t.exact(at, name); !ok {
			return 0, false
		}
	}
	return at, true
}
