package checksum

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// blockSize is how much is read at once, in bytes: large enough to keep a disk busy,
	// small enough to be in a core's cache still when it is hashed.
	blockSize = 1 << 20
	// section is after how many blocks it is decided anew how many cores to use.
	section = 64
)

// Read computes checksums of all that r gives, in one pass; they come in the order of the
// algorithms. It ends early with ctx's error, or with r's.
func Read(ctx context.Context, r io.Reader, algorithms ...Algorithm) ([]Sum, error) {
	return new(Reader).Read(ctx, r, algorithms...)
}

// Reader computes checksums for several goroutines at once, and uses the cores that they
// leave free to read and hash, or hash by several algorithms, at the same time. While all
// cores are in use each goroutine does its own work, which takes the least time in all.
// The zero value is ready for use.
type Reader struct {
	busy  atomic.Int32      // goroutines at work
	lanes [len(table)]lanes // as in table
}

// Read is as the function Read.
func (x *Reader) Read(ctx context.Context, r io.Reader, algorithms ...Algorithm) ([]Sum, error) {
	w := works.Get().(*work)
	defer works.Put(w)
	if err := w.begin(x, algorithms); err != nil {
		return nil, err
	}
	x.busy.Add(1)
	defer x.busy.Add(-1)
	// What fits into one block is not worth a thought.
	err := w.alone(ctx, r, 1)
	for err == nil {
		if helpers := x.take(len(w.used)); helpers > 0 {
			err = w.helped(ctx, r, helpers)
			x.busy.Add(-int32(helpers))
		} else {
			err = w.alone(ctx, r, section)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("computing checksums: %w", err)
	}
	return w.sums(algorithms), nil
}

// take reserves up to n free cores and returns how many.
func (x *Reader) take(n int) int {
	cores := runtime.GOMAXPROCS(0)
	for {
		busy := x.busy.Load()
		n = min(n, cores-int(busy))
		if n <= 0 {
			return 0
		}
		if x.busy.CompareAndSwap(busy, busy+int32(n)) {
			return n
		}
	}
}

// work is what one reading needs: kept and used again, so that a small file costs no
// allocation but those of its sums.
type work struct {
	reader *Reader
	block  []byte
	hashes [len(table)]stream // as in table, without a hash until first used
	used   []int              // indices of those in use
	lanes  bool               // one of those has a kernel
	digest [64]byte
}

var works = sync.Pool{New: func() any { return &work{block: make([]byte, blockSize)} }}

func (w *work) begin(x *Reader, algorithms []Algorithm) error {
	w.reader, w.used, w.lanes = x, w.used[:0], false
	var in [len(table)]bool
	for _, a := range algorithms {
		i := place(a)
		switch {
		case i < 0:
			return fmt.Errorf("computing a checksum: %q is not known", string(a))
		case in[i]:
			continue
		case w.hashes[i].hash == nil:
			w.hashes[i] = stream{hash: table[i].new(), done: make(chan struct{}, 1)}
		default:
			w.hashes[i].hash.Reset()
		}
		in[i] = true
		w.lanes = w.lanes || table[i].kernel != nil
		w.used = append(w.used, i)
	}
	return nil
}

// alone reads and hashes up to n blocks in this goroutine.
func (w *work) alone(ctx context.Context, r io.Reader, n int) (err error) {
	for ; n > 0 && err == nil; n-- {
		block := w.block
		if w.several() {
			block = block[:laneBlock]
		}
		var k int
		k, err = fill(ctx, r, block)
		w.write(w.used, block[:k])
	}
	return err
}

// several is true where there may be enough streams at once for lanes to gain from.
func (w *work) several() bool {
	return w.lanes && w.reader.busy.Load() >= laneFewest
}

func (w *work) write(hashes []int, b []byte) {
	several := w.several()
	for _, i := range hashes {
		if k := table[i].kernel; k != nil && several {
			w.reader.lanes[i].write(k, &w.hashes[i], b)
		} else {
			w.hashes[i].hash.Write(b) // a hash never fails
		}
	}
}

func (w *work) sums(algorithms []Algorithm) []Sum {
	sums := make([]Sum, len(algorithms))
	for i, a := range algorithms {
		sums[i] = FromBytes(a, w.hashes[place(a)].hash.Sum(w.digest[:0]))
	}
	return sums
}

// fill reads until block is full; the error that ended it is returned with what was read.
func fill(ctx context.Context, r io.Reader, block []byte) (n int, err error) {
	for n < len(block) && err == nil {
		if err = ctx.Err(); err != nil {
			return n, err
		}
		var k int
		k, err = r.Read(block[n:])
		n += k
	}
	return n, err
}
