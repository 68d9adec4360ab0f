package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"footagefs/verify/drive"
)

// Others are seen whatever we read at the same time, and we are never taken for others.
func TestUsageTellsOthersFromUs(t *testing.T) {
	dir := t.TempDir()
	stat, io := filepath.Join(dir, "stat"), filepath.Join(dir, "io")
	write := func(device, ours int64) {
		t.Helper()
		for path, text := range map[string]string{
			stat: fmt.Sprintf("  12 3 %d 4 5 6 0 8 0 10 11 0 0 0 0\n", device/512),
			io:   fmt.Sprintf("rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: %d\nwrite_bytes: 5\ncancelled_write_bytes: 0\n", ours),
		} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	const m = 1 << 20
	write(100*m, 0)
	f, err := os.Open(io)
	if err != nil {
		t.Fatal(err)
	}
	u := &usage{device: stat, start: 100 * m, threads: []*os.File{f}}
	defer f.Close()
	for i, v := range []struct{ device, ours, want int64 }{
		{100 * m, 0, 0},
		{100 * m, 4 * m, 0},       // we have asked for four
		{103 * m, 8 * m, 0},       // and got three
		{108 * m, 8 * m, 0},       // all
		{108 * m, 8 * m, 0},       // rest
		{109 * m, 8 * m, m},       // others
		{112 * m, 10 * m, m},      // others beside us
		{112 * m, 14 * m, 0},      // we read ahead
		{120 * m, 20 * m, 0},      // others' two are not told from what we still wait for,
		{124 * m, 20 * m, 2 * m},  // but soon are
		{200 * m, 24 * m, 72 * m}, // many others
	} {
		write(v.device, v.ours)
		if got := u.others(); got != v.want {
			t.Errorf("step %d: got %d bytes of others, want %d", i, got, v.want)
		}
	}
	if err := os.Remove(stat); err != nil {
		t.Fatal(err)
	}
	if got := u.others(); got != 0 {
		t.Errorf("without counters: got %d", got)
	}
}

// Where the kernel counts nothing for our threads, what they got is ours.
func TestUsageByWhatWasReturned(t *testing.T) {
	u := &usage{}
	u.returned.Store(17)
	u.count(-1)() // there is no such thread
	if got := u.ours(); got != 17 || len(u.threads) != 0 {
		t.Errorf("got %d, %d threads", got, len(u.threads))
	}
}

// What a thread has asked for counts still when it has ended.
func TestUsageOfThreadsThatEnd(t *testing.T) {
	u := &usage{}
	asked := make(chan int64)
	go func() {
		done := u.count(lowerPriority())
		if len(u.threads) == 1 {
			asked <- readBytes(u.threads[0])
		} else {
			asked <- -1
		}
		done()
		close(asked)
	}()
	n := <-asked
	<-asked
	if n < 0 {
		t.Skip("the kernel does not count for threads")
	}
	if u.past < n || len(u.threads) != 0 {
		t.Errorf("got %d and %d threads, want %d and none", u.past, len(u.threads), n)
	}
}

func TestCountersAreTheDisks(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"devices/sdb/sdb1", "devices/sdb", "block"} {
		if err := os.MkdirAll(filepath.Join(dir, path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "devices/sdb/sdb1/partition"), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"sdb": "../devices/sdb", "sdb1": "../devices/sdb/sdb1"} {
		if err := os.Symlink(target, filepath.Join(dir, "block", name)); err != nil {
			t.Fatal(err)
		}
	}
	for device, want := range map[string]string{"sdb": "block/sdb/stat", "sdb1": "devices/sdb/stat"} {
		if got := counters(filepath.Join(dir, "block"), device); got != filepath.Join(dir, want) {
			t.Errorf("%s: got %s, want %s", device, got, want)
		}
	}
	if u := newUsage(drive.FileSystem{Device: "no such device"}); u != nil {
		t.Error("a device without counters is watched")
	}
}
