package checksum

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// blockSize is how much is read at once, in bytes: large enough to keep a disk busy,
// small enough to stay in a core's cache with its neighbour.
const blockSize = 1 << 20

var blocks = sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }}

// Read computes checksums of all that r gives, in one pass; they come in the order of the
// algorithms. It ends early with ctx's error, or with r's.
func Read(ctx context.Context, r io.Reader, algorithms ...Algorithm) ([]Sum, error) {
	hashes := make([]hash.Hash, len(algorithms))
	for i, a := range algorithms {
		if hashes[i] = New(a); hashes[i] == nil {
			return nil, fmt.Errorf("computing a checksum: %q is not known", string(a))
		}
	}
	block := blocks.Get().(*[]byte)
	defer blocks.Put(block)
	n, err := fill(ctx, r, *block)
	write(hashes, (*block)[:n])
	if err == nil {
		err = overlap(ctx, r, hashes)
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("computing checksums: %w", err)
	}
	sums := make([]Sum, len(hashes))
	for i, h := range hashes {
		sums[i] = FromBytes(algorithms[i], h.Sum(nil))
	}
	return sums, nil
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

func write(hashes []hash.Hash, b []byte) {
	for _, h := range hashes {
		h.Write(b) // a hash never fails
	}
}

// overlap goes on beyond the first block: each hash works in a goroutine of its own while
// the next block is read. Small files never come here and pay nothing for it.
func overlap(ctx context.Context, r io.Reader, hashes []hash.Hash) error {
	const ahead = 3
	type shared struct {
		block *[]byte
		n     int
		wg    sync.WaitGroup
	}
	free := make(chan *shared, ahead)
	for range ahead {
		s := &shared{block: blocks.Get().(*[]byte)}
		defer blocks.Put(s.block)
		free <- s
	}
	var workers sync.WaitGroup
	feeds := make([]chan *shared, len(hashes))
	for i, h := range hashes {
		feeds[i] = make(chan *shared, ahead)
		workers.Go(func() {
			for s := range feeds[i] {
				h.Write((*s.block)[:s.n])
				s.wg.Done()
			}
		})
	}
	// Before the blocks go back to the pool.
	defer workers.Wait()
	defer func() {
		for _, f := range feeds {
			close(f)
		}
	}()
	for {
		s := <-free
		s.wg.Wait()
		var err error
		s.n, err = fill(ctx, r, *s.block)
		if s.n > 0 {
			s.wg.Add(len(feeds))
			for _, f := range feeds {
				f <- s
			}
		}
		free <- s
		if err != nil {
			return err
		}
	}
}
