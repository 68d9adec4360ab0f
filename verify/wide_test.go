package verify

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"footagefs/verify/checksum"
)

// As many files are read at once as their algorithm gains from, where nothing speaks against it.
func TestRunReadsMoreFilesAtOnceWhereTheirAlgorithmGains(t *testing.T) {
	files := map[string][]byte{}
	for i := range wideReaders + 4 {
		files[fmt.Sprint("f", i)] = make([]byte, wideSize)
	}
	d, _ := newDrive(t, files)
	usual, wide := int32(readers(d, Options{})), int32(wideReaders)
	if f := d.FileSystem(); f.Rotating || !f.Local || checksum.MD5.Lanes() == 1 {
		wide = usual
	}
	time.Sleep(coarseGrain) // or it is waited for each file, out of turn
	for _, v := range []struct {
		algorithm checksum.Algorithm
		size      int64
		o         Options
		want      int32
	}{
		{checksum.MD5, wideSize, Options{}, wide},
		{checksum.XXH64, wideSize, Options{}, usual},
		{checksum.MD5, wideSize - 1, Options{}, usual},
		{checksum.MD5, wideSize, Options{Readers: 3}, 3},
		{checksum.MD5, wideSize, Options{Limit: 1 << 40}, usual},
		{checksum.MD5, wideSize, Options{Polite: true}, usual},
	} {
		most := atOnce(t, v.o, func(o Options, done func(Result) error) error {
			return Run(t.Context(), d, func(yield func(Job) bool) {
				for name := range files {
					if !yield(Job{Path: name, Size: v.size, Algorithms: []checksum.Algorithm{v.algorithm}}) {
						return
					}
				}
			}, o, done)
		})
		if most != v.want {
			t.Errorf("%s, %d bytes, %+v: %d files at once, want %d", v.algorithm, v.size, v.o, most, v.want)
		}
	}
}

// atOnce is how many files a run reads at once, at most: the first ones wait for more.
func atOnce(t *testing.T, o Options, run func(Options, func(Result) error) error) int32 {
	t.Helper()
	var now, most atomic.Int32
	begin := time.Now()
	o.Start = func(Job) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		for time.Since(begin) < 300*time.Millisecond {
			time.Sleep(time.Millisecond)
		}
	}
	if err := run(o, func(r Result) error { now.Add(-1); return r.Err }); err != nil {
		t.Error(err)
	}
	return most.Load()
}
