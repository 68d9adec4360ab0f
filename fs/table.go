package fs

import (
	"sync"
	"sync/atomic"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// kind is what the kernel is told a node is, and who answers for it.
type kind uint8

const (
	ownFolder   kind = iota + 1 // a folder of the layout
	ownEmpty                    // a file without content
	ownLink                     // a symbolic link: a path and a target
	ownReport                   // one version of report.csv or problems.csv
	driveFile                   // a file on a drive
	driveFolder                 // a folder on a drive
)

func (k kind) isFolder() bool { return k == ownFolder || k == driveFolder }

// key is what a node is about. A node holds a key, never a fact: what is known is looked
// up at each call. A drive's link is an ownLink with a drive.
type key struct {
	kind  kind
	drive catalog.DriveID // 0 for what lies on none
	roll  catalog.RollID  // 0 outside of the library
	path  string          // on the drive, else in the mount
}

// node is something that the kernel knows by number.
type node struct {
	key
	id     uint64 // the kernel's number for it
	inode  uint64 // st_ino
	parent uint64 // the folder's number by which it was last looked up; read with up
	rel    int    // where in path the part below the roll begins
	used   uint64 // of a folder: when something in it was last looked up; see touch
	report *snapshot
	told   told

	// Guarded by table.mu.
	lookups uint64  // references that the kernel has not given back
	opened  *opened // nil until it is opened
}

// told is what the kernel was last told of a file's content: not what is so, but what it
// may believe. Both are read and written with the functions of atomic.
type told struct{ size, modified int64 }

func (t *told) set(a *fuse.Attr) {
	atomic.StoreInt64(&t.size, int64(a.Size))
	atomic.StoreInt64(&t.modified, nanoseconds(a))
}

func (t *told) is(info *drive.Info) bool {
	return atomic.LoadInt64(&t.size) == info.Size && atomic.LoadInt64(&t.modified) == info.ModTime
}

// up is the number of the folder by which the kernel last looked the node up.
func (n *node) up() uint64 { return atomic.LoadUint64(&n.parent) }

// table is what the kernel knows. Nodes leave it when the kernel forgets them, and the
// kernel is asked to forget files while there are more than limit.
type table struct {
	limit int
	full  chan struct{} // has a token while there are more nodes than limit
	clock atomic.Uint64 // counts for touch

	mu    sync.RWMutex
	nodes map[uint64]*node
}

func newTable(root node, limit int) *table {
	t := &table{limit: limit, full: make(chan struct{}, 1), nodes: make(map[uint64]*node)}
	t.nodes[root.id] = &root
	return t
}

// get is the node of a number, nil where the kernel was never told of it.
func (t *table) get(id uint64) *node {
	t.mu.RLock()
	n := t.nodes[id]
	t.mu.RUnlock()
	return n
}

// take counts a reference of the kernel to a node like n and returns the one to use.
func (t *table) take(n *node) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		known := t.nodes[n.id]
		if known == nil {
			added := *n
			t.nodes[n.id] = &added
			known = &added
			t.signal()
		}
		if known.key == n.key {
			known.lookups++
			atomic.StoreUint64(&known.parent, n.parent)
			return known
		}
		// Two paths with one hash: the next number is as good.
		n.inode = number(n.inode).word(1).inode()
		n.id = n.inode
	}
}

func (t *table) signal() {
	if len(t.nodes) <= t.limit {
		return
	}
	select {
	case t.full <- struct{}{}:
	default:
	}
}

// isOpen is guarded by table.mu.
func (n *node) isOpen() bool { return n.opened != nil && len(n.opened.files) > 0 }

// isOpen is true while anybody has a file open.
func (t *table) isOpen(n *node) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return n.isOpen()
}

// opening is one of the openings of a file, to be closed; ok is false where there is none.
func (t *table) opening(n *node) (file drive.File, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !n.isOpen() {
		return drive.File{}, false
	}
	file, err := n.opened.files[0].file.Again() // its own may be closed right after
	return file, err == nil
}

// forget gives references back.
func (t *table) forget(id, lookups uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.nodes[id]
	if n == nil {
		return
	}
	n.lookups -= min(lookups, n.lookups)
	t.drop(n)
}

// drop lets go of a node that nobody refers to. t.mu is held.
func (t *table) drop(n *node) {
	if n.lookups == 0 && !n.isOpen() && n.up() != 0 { // the root is in no folder and always there
		delete(t.nodes, n.id)
	}
}

// inFolders returns the nodes of a drive that are, or lie directly in, one of the folders.
func (t *table) inFolders(drive catalog.DriveID, folders folders) []*node {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var list []*node
	for _, n := range t.nodes {
		if n.drive != drive {
			continue
		}
		dir, _ := tree.Split(n.path)
		if folders[everything] || folders[dir] || n.kind == driveFolder && folders[n.path] {
			list = append(list, n)
		}
	}
	return list
}
