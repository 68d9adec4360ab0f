package fs

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/fs/tree"
)

// mostNodes is how many things the kernel may know of before it is asked to forget some:
// a few hundred bytes each here, a kilobyte there. Two rolls of 48,000 frames fit.
const mostNodes = 128 << 10

// atOnce is how many it is asked to forget by one call.
const atOnce = 4096

// keepBounded asks the kernel to forget files while it knows too many, so that a walk
// over millions of files costs no more memory than one over thousands.
func (f *fileSystem) keepBounded(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.table.full:
		}
		for files := range slices.Chunk(f.table.idle(), atOnce) {
			if ctx.Err() != nil || !f.kernel.drop(files) {
				break
			}
		}
	}
}

// drop asks the kernel to forget files. It answers with FORGET requests in its own time,
// or not, for those that are in use after all. It is false where nothing can be asked.
func (k *kernel) drop(files []*node) bool {
	if k.server == nil {
		return false
	}
	numbers := make([]uint64, len(files))
	folders := make(map[uint64]bool)
	for i, n := range files {
		numbers[i] = n.id
		folders[n.up()] = true
	}
	// A kept listing without what it lists would have every name looked up one by one.
	for folder := range folders {
		k.server.InodeNotify(folder, 0, 0)
	}
	if k.server.PruneNotify(numbers) == fuse.OK {
		return true
	}
	for _, n := range files {
		// Kernels before 6.18 can be asked name by name.
		_, name := tree.Split(n.path)
		if k.server.EntryNotify(n.up(), name) == fuse.ENOSYS {
			return false
		}
	}
	return true
}

// touch notes that something in a folder was looked up.
func (t *table) touch(folder *node) {
	if last := t.clock.Load(); atomic.LoadUint64(&folder.used) != last || last == 0 {
		atomic.StoreUint64(&folder.used, t.clock.Add(1))
	}
}

// idle returns files that nobody has open, all there are in each of the folders that were
// not looked into for longest, until the table would be shorter than its limit by an eighth.
// A folder is forgotten whole: looking its files up one by one costs more than listing it.
func (t *table) idle() []*node {
	t.mu.RLock()
	defer t.mu.RUnlock()
	want := len(t.nodes) - t.limit + t.limit/8
	counts := make(map[uint64]int)
	for _, n := range t.nodes {
		if n.kind == driveFile && !n.isOpen() {
			counts[n.up()]++
		}
	}
	oldest := slices.SortedFunc(maps.Keys(counts), func(a, b uint64) int {
		return cmp.Compare(t.lastUsed(a), t.lastUsed(b))
	})
	chosen := make(map[uint64]bool)
	for _, folder := range oldest {
		if want <= 0 {
			break
		}
		chosen[folder] = true
		want -= counts[folder]
	}
	var files []*node
	for _, n := range t.nodes {
		if n.kind == driveFile && !n.isOpen() && chosen[n.up()] {
			files = append(files, n)
		}
	}
	return files
}

// lastUsed is guarded by t.mu.
func (t *table) lastUsed(folder uint64) uint64 {
	if n := t.nodes[folder]; n != nil {
		return atomic.LoadUint64(&n.used)
	}
	return 0
}
