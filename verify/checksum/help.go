package checksum

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

// ahead is how many blocks may be read and not yet hashed.
const ahead = 4

// readCost is what reading takes, as facts.cost: a copy out of the page cache.
const readCost = 150

// block is read once and hashed by several goroutines.
type block struct {
	bytes   []byte
	n       int          // bytes that were read
	pending atomic.Int32 // goroutines that have not yet hashed it
}

var blocks = sync.Pool{New: func() any { return &block{bytes: make([]byte, blockSize)} }}

// helped reads up to a section and hashes it together with helpers, each of which has its
// own hashes to update, block by block, in order.
func (w *work) helped(ctx context.Context, r io.Reader, helpers int) error {
	parts := share(w.used, helpers)
	free := make(chan *block, ahead)
	for range ahead {
		b := blocks.Get().(*block)
		defer blocks.Put(b)
		free <- b
	}
	var running sync.WaitGroup
	feeds := make([]chan *block, len(parts)-1)
	for i := range feeds {
		feeds[i] = make(chan *block, ahead)
		running.Go(func() {
			for b := range feeds[i] {
				w.write(parts[i+1], b.bytes[:b.n])
				b.done(free)
			}
		})
	}
	err := w.feed(ctx, r, parts[0], free, feeds)
	for _, f := range feeds {
		close(f)
	}
	running.Wait() // before the blocks go back to the pool
	return err
}

// feed reads a section and hands each block to all; own are this goroutine's hashes.
func (w *work) feed(ctx context.Context, r io.Reader, own []int, free chan *block, feeds []chan *block) (err error) {
	for range section {
		b := <-free
		b.n, err = fill(ctx, r, b.bytes)
		b.pending.Store(int32(len(feeds) + 1))
		for _, f := range feeds {
			f <- b
		}
		w.write(own, b.bytes[:b.n])
		b.done(free)
		if err != nil {
			break
		}
	}
	return err
}

// done is called by each goroutine that has hashed the block; the last one frees it.
func (b *block) done(free chan *block) {
	if b.pending.Add(-1) == 0 {
		free <- b
	}
}

// share deals hashes out to the reading goroutine, whose are first, and to its helpers, so
// that none has much more to do than another. Helpers without a hash are left out.
func share(hashes []int, helpers int) [][]int {
	parts, load := make([][]int, helpers+1), make([]int, helpers+1)
	load[0] = readCost
	dear := slices.Clone(hashes)
	slices.SortFunc(dear, func(a, b int) int { return table[b].cost - table[a].cost })
	for _, h := range dear {
		least := 0
		for i := range load {
			if load[i] < load[least] {
				least = i
			}
		}
		parts[least] = append(parts[least], h)
		load[least] += table[h].cost
	}
	rest := slices.DeleteFunc(parts[1:], func(p []int) bool { return len(p) == 0 })
	return append(parts[:1], rest...)
}
