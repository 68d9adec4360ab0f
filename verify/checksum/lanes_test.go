package checksum

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// standard are the hashes of the standard library that lanes are held against.
var standard = map[Algorithm]func() hash.Hash{MD5: md5.New, C4: sha512.New}

// random are n bytes that depend on the seed.
func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	c := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	c.Read(b)
	return b
}

// lengths are where padding, blocks, lanes and readings begin and end.
var lengths = []int{
	0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, laneLeast - 1, laneLeast, laneLeast + 1, laneLeast + 64, 100_003,
	blockSize - 1, blockSize, blockSize + 1, blockSize + 63, 2*blockSize + laneLeast - 1, 2*blockSize + laneLeast, 3*blockSize + 77,
}

// Many at once, of all lengths, again and again with the same hashes: each gets its own sums.
func TestManyStreamsAtOnce(t *testing.T) {
	for _, algorithms := range [][]Algorithm{{MD5}, {C4}, {C4, XXH64, MD5}} {
		var x Reader
		var wg sync.WaitGroup
		for i := range 18 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 6 {
					in := random(r.Uint64(), lengths[r.IntN(len(lengths))])
					got, err := x.Read(t.Context(), &halting{r, bytes.NewReader(in)}, algorithms...)
					if err != nil {
						t.Error(err)
						return
					}
					for j, a := range algorithms {
						if want := one(a, in); got[j] != want {
							t.Errorf("%d bytes: got %s, want %s", len(in), got[j], want)
						}
					}
				}
			})
		}
		wg.Wait()
	}
}

// one is the sum that one Write to one hash gives.
func one(a Algorithm, in []byte) Sum {
	h := New(a)
	if standard[a] != nil {
		h = standard[a]()
	}
	h.Write(in)
	return FromBytes(a, h.Sum(nil))
}

// halting reads pieces, and now and then nothing for a while.
type halting struct {
	*rand.Rand
	r io.Reader
}

func (h *halting) Read(b []byte) (int, error) {
	if h.IntN(8) == 0 {
		time.Sleep(time.Duration(h.IntN(500)) * time.Microsecond)
	}
	return h.r.Read(b[:1+h.IntN(len(b))])
}

// Some end with an error or with their context: the others get their sums, nothing hangs,
// and the hashes of those that ended serve again.
func TestStreamsThatEndEarlyDisturbNobody(t *testing.T) {
	broken := errors.New("bad sector")
	var x Reader
	var wg sync.WaitGroup
	before := runtime.NumGoroutine()
	for i := range 18 {
		wg.Go(func() {
			for n := range 3 {
				in := random(uint64(100*i+n), blockSize+i*1000)
				ctx, cancel := context.WithCancel(t.Context())
				r := io.Reader(bytes.NewReader(in))
				want := error(nil)
				switch i % 3 {
				case 1:
					r, want = io.MultiReader(r, iotest.ErrReader(broken)), broken
				case 2:
					r, want = io.MultiReader(r, &ending{cancel}, zeros{}), context.Canceled
				}
				got, err := x.Read(ctx, r, MD5, C4)
				cancel()
				if !errors.Is(err, want) {
					t.Errorf("got error %v, want %v", err, want)
				}
				if err == nil && (got[0] != one(MD5, in) || got[1] != one(C4, in)) {
					t.Errorf("got %v, want %v and %v", got, one(MD5, in), one(C4, in))
				}
			}
		})
	}
	wg.Wait()
	for a := range x.lanes {
		if n := len(x.lanes[a].waiting); n > 0 {
			t.Errorf("%s: %d streams wait still", table[a].algorithm, n)
		}
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines afterwards, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// ending ends a context when it is read.
type ending struct{ end func() }

func (e *ending) Read([]byte) (int, error) { e.end(); return 0, io.EOF }

// A kernel gives what the hash gives, whatever the number of streams, their lengths, and
// what they hashed before.
func TestKernels(t *testing.T) {
	for _, f := range table {
		if f.kernel == nil {
			continue
		}
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 500 {
			streams, wants := make([]*stream, 1+n%laneCount), make([]hash.Hash, 1+n%laneCount)
			blocks := 1 + r.IntN(9)
			for i := range streams {
				earlier, in := random(r.Uint64(), f.kernel.block*r.IntN(3)), random(r.Uint64(), f.kernel.block*blocks)
				s := &stream{hash: f.new()}
				wants[i] = f.new()
				s.hash.Write(earlier)
				wants[i].Write(append(earlier, in...))
				if !s.begin(f.kernel, in) {
					t.Fatalf("%s: the hash's state is not as expected", f.algorithm)
				}
				streams[i] = s
			}
			f.kernel.run(streams, blocks)
			for i, s := range streams {
				in := s.bytes
				s.advance(len(in))
				s.end(in)
				if got, want := fmt.Sprintf("%x", s.hash.Sum(nil)), fmt.Sprintf("%x", wants[i].Sum(nil)); got != want {
					t.Fatalf("%s, lane %d of %d, %d blocks: got %s, want %s", f.algorithm, i, len(streams), blocks, got, want)
				}
			}
		}
	}
}

// A hash whose state cannot be had, or be given back, gets all bytes itself.
func TestHashWithoutAStateToShare(t *testing.T) {
	for _, a := range []Algorithm{MD5, C4} {
		f := table[place(a)]
		if f.kernel == nil {
			continue // this processor has none
		}
		in := random(1, 1<<20)
		for what, h := range map[string]hash.Hash{"none": &plain{f.new()}, "not back": &oneWay{plain{f.new()}}, "in between": f.new()} {
			var l lanes
			s, want := &stream{hash: h, done: make(chan struct{}, 1)}, f.new()
			if what == "in between" {
				h.Write(in[:7])
				want.Write(in[:7])
			}
			l.write(f.kernel, s, in)
			want.Write(in)
			if got, want := h.Sum(nil), want.Sum(nil); !bytes.Equal(got, want) {
				t.Errorf("%s, state %s: got %x, want %x", a, what, got, want)
			}
		}
	}
}

type plain struct{ hash.Hash }

type oneWay struct{ plain }

func (o *oneWay) AppendBinary(b []byte) ([]byte, error) {
	return o.Hash.(interface{ AppendBinary([]byte) ([]byte, error) }).AppendBinary(b)
}

func (o *oneWay) UnmarshalBinary([]byte) error { return errors.New("no way back") }

func BenchmarkLanes(b *testing.B) {
	for _, f := range table {
		if f.kernel == nil {
			continue
		}
		for n := range laneCount {
			b.Run(fmt.Sprintf("%s/%d", f.algorithm, n+1), func(b *testing.B) {
				streams := make([]*stream, n+1)
				for i := range streams {
					streams[i] = &stream{hash: f.new()}
					streams[i].begin(f.kernel, make([]byte, 128<<10))
				}
				b.SetBytes(int64(n+1) * 128 << 10)
				for b.Loop() {
					f.kernel.run(streams, 128<<10/f.kernel.block)
				}
			})
		}
	}
}
