package checksum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Whatever the length and the number of helpers: it must give what one Write gives.
func TestReadLongInput(t *testing.T) {
	for _, n := range []int{blockSize - 1, blockSize, blockSize + 1, 9*blockSize + 17, (section+1)*blockSize + 1} {
		in := bytes.Repeat([]byte("footage"), n/7+1)[:n]
		algorithms := []Algorithm{XXH64, XXH3, XXH128}
		if n < 10*blockSize {
			algorithms = Algorithms()
		}
		var want []Sum
		for _, a := range algorithms {
			want = append(want, Of(in, a))
		}
		for busy := range int32(10) {
			var x Reader
			x.busy.Store(2 - busy)
			got, err := x.Read(t.Context(), bytes.NewReader(in), algorithms...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%d bytes, %d others at work (-want +got):\n%s", n, 2-busy, d)
			}
			if left := x.busy.Load(); left != 2-busy {
				t.Errorf("%d are at work afterwards, want %d", left, 2-busy)
			}
		}
	}
}

// Several goroutines share a Reader, and each gets its own sums.
func TestReadAtOnce(t *testing.T) {
	var x Reader
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				in := bytes.Repeat([]byte{byte(i), byte(n)}, n*blockSize/8)
				got, err := x.Read(t.Context(), bytes.NewReader(in), XXH3, XXH64)
				if want := []Sum{Of(in, XXH3), Of(in, XXH64)}; err != nil || !slices.Equal(got, want) {
					t.Errorf("got %v, %v, want %v", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestReadNamesAnAlgorithmTwice(t *testing.T) {
	got, err := Read(t.Context(), strings.NewReader("abc"), XXH64, MD5, XXH64)
	want := []Sum{Of([]byte("abc"), XXH64), Of([]byte("abc"), MD5), Of([]byte("abc"), XXH64)}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := Read(t.Context(), strings.NewReader("abc")); err != nil || len(got) != 0 {
		t.Errorf("no algorithm: got %v, %v", got, err)
	}
}

func TestReadEndsEarly(t *testing.T) {
	broken := errors.New("bad sector")
	for _, n := range []int64{10, 3 * blockSize} {
		r := io.MultiReader(io.LimitReader(zeros{}, n), iotest.ErrReader(broken))
		if _, err := Read(t.Context(), r, XXH64); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got error %v, want the reader's", n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, zeros{}, XXH64); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if _, err := Read(t.Context(), strings.NewReader(""), "sha256"); err == nil {
		t.Error("an unknown algorithm is no error")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A small file must cost no more than the text of its sums.
func TestReadOfASmallFileAllocatesLittle(t *testing.T) {
	var x Reader
	in := bytes.NewReader(make([]byte, 1024))
	n := testing.AllocsPerRun(1000, func() {
		in.Seek(0, io.SeekStart)
		if _, err := x.Read(t.Context(), in, XXH64, XXH128); err != nil {
			t.Error(err)
		}
	})
	if n > 8 {
		t.Errorf("%.1f allocations, want 8 at most", n)
	}
}

func TestShare(t *testing.T) {
	for _, v := range []struct {
		hashes  []Algorithm
		helpers int
		want    string
	}{
		{[]Algorithm{XXH64}, 1, "[] [xxh64]"},
		{[]Algorithm{XXH64}, 3, "[] [xxh64]"},
		{[]Algorithm{MD5, XXH64}, 1, "[xxh64] [md5]"},
		{[]Algorithm{MD5, C4}, 1, "[md5] [c4]"},
		{[]Algorithm{MD5, XXH64, C4}, 1, "[md5 xxh64] [c4]"},
		{[]Algorithm{MD5, XXH64, C4}, 2, "[xxh64] [c4] [md5]"},
	} {
		var hashes []int
		for _, a := range v.hashes {
			hashes = append(hashes, place(a))
		}
		var got []string
		for _, part := range share(hashes, v.helpers) {
			names := []Algorithm{}
			for _, i := range part {
				names = append(names, table[i].algorithm)
			}
			got = append(got, fmt.Sprint(names))
		}
		if g := strings.Join(got, " "); g != v.want {
			t.Errorf("%v, %d helpers: got %s, want %s", v.hashes, v.helpers, g, v.want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	in := make([]byte, 64<<20)
	for _, a := range [][]Algorithm{{XXH32}, {XXH64}, {XXH3}, {XXH128}, {SHA1}, {MD5}, {C4}, {MD5, XXH64}} {
		b.Run(fmt.Sprint(a), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if _, err := Read(b.Context(), bytes.NewReader(in), a...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadSmall(b *testing.B) {
	var x Reader
	in := bytes.NewReader(make([]byte, 1024))
	b.ReportAllocs()
	for b.Loop() {
		in.Seek(0, io.SeekStart)
		if _, err := x.Read(b.Context(), in, XXH64); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkC4(b *testing.B) {
	digest := bytes.Repeat([]byte{0xa5}, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromBytes(C4, digest).Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
