package verify

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"footagefs/verify/drive"
)

// usage tells how much of a device's traffic is not ours.
//
// The kernel counts what a device has moved, and what each thread has asked devices for,
// reading ahead included and what the page cache had excluded. What our readers asked for
// and the device has not moved yet is never negative, so that what others moved is at
// least the difference of the two counts, and the greatest difference so far bounds all of
// it from below.
type usage struct {
	device   string // the file of the device's counters
	start    int64  // bytes the device had moved before
	most     int64  // the greatest difference so far
	returned atomic.Int64

	mu      sync.Mutex
	threads []*os.File // counters of our readers' threads
	past    int64      // what threads that have ended had asked for
}

// newUsage is nil where the device is not known, or does not tell.
func newUsage(fsys drive.FileSystem) *usage {
	if fsys.Device == "" {
		return nil
	}
	u := &usage{device: counters("/sys/class/block", fsys.Device)}
	var ok bool
	if u.start, ok = traffic(u.device); !ok {
		return nil
	}
	return u
}

// counters is the file of the counters of the whole disk that a device is (a part of):
// its other parts keep it busy, too.
func counters(dir, device string) string {
	dir = filepath.Join(dir, device)
	if _, err := os.Stat(filepath.Join(dir, "partition")); err == nil {
		if part, err := filepath.EvalSymlinks(dir); err == nil {
			dir = filepath.Dir(part)
		}
	}
	return filepath.Join(dir, "stat")
}

// count adds a thread of ours. Before the thread ends, done must be called.
func (u *usage) count(thread int) (done func()) {
	f, err := os.Open("/proc/self/task/" + strconv.Itoa(thread) + "/io")
	if err != nil {
		return func() {} // returned serves instead
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.threads = append(u.threads, f)
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.past += readBytes(f)
		u.threads = slices.DeleteFunc(u.threads, func(other *os.File) bool { return other == f })
		f.Close()
	}
}

// others is how many bytes others have moved since it was last asked, as far as known.
func (u *usage) others() int64 {
	moved, ok := traffic(u.device) // before ours: too little of others is better than too much
	if !ok {
		return 0
	}
	n := moved - u.start - u.ours() - u.most
	if n <= 0 {
		return 0
	}
	u.most += n
	return n
}

// ours is how many bytes our readers have asked the device for: by the count of what they
// got where the kernel counts nothing for them (a driver of its own reads the device).
func (u *usage) ours() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	asked := u.past
	for _, f := range u.threads {
		asked += readBytes(f)
	}
	if asked == 0 {
		return u.returned.Load()
	}
	return asked
}

// readBytes is the count of bytes read from devices in a thread's counters.
func readBytes(f *os.File) int64 {
	var b [512]byte
	n, _ := f.ReadAt(b[:], 0)
	_, text, ok := bytes.Cut(b[:n], []byte("\nread_bytes: "))
	if !ok {
		return 0
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	count, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0
	}
	return count
}

// traffic is how many bytes a device has read and written (the kernel counts sectors of
// 512 bytes in fields 3 and 7).
func traffic(file string) (int64, bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	f := strings.Fields(string(b))
	if len(f) < 7 {
		return 0, false
	}
	read, err1 := strconv.ParseInt(f[2], 10, 64)
	written, err2 := strconv.ParseInt(f[6], 10, 64)
	return (read + written) * 512, err1 == nil && err2 == nil
}
