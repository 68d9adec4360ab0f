package fs

import (
	"context"
	"slices"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// mostNodes is how many things the kernel may know of before it is asked to forget some:
// a few hundred bytes each here, a kilobyte there. The largest day's frames are fewer.
const mostNodes = 160_000

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
		_, name := split(n.path)
		if k.server.EntryNotify(n.up(), name) == fuse.ENOSYS {
			return false
		}
	}
	return true
}
