package fs

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// clipOn is the clip of sampleClip on the drive.
const clipOn = "20230510_EP103_Day05_MU/Camera_Media/A001R1AB/A001C001_230510_R1AB.mxf"

// changeClip are ways to put other bytes where a clip was; each returns the new ones.
var changeClip = map[string]func(t *testing.T, path string, old []byte) []byte{
	"one byte in place, time put back": func(t *testing.T, path string, old []byte) []byte {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteAt([]byte{old[100] ^ 1}, 100)
		must(t, err)
		must(t, f.Close())
		changed := bytes.Clone(old)
		changed[100] ^= 1
		return changed
	},
	"replaced by rename": func(t *testing.T, path string, old []byte) []byte {
		changed := bytes.Repeat([]byte{7}, len(old))
		must(t, os.WriteFile(path+".new", changed, 0o644))
		must(t, os.Rename(path+".new", path))
		return changed
	},
	"removed and made again": func(t *testing.T, path string, old []byte) []byte {
		changed := bytes.Repeat([]byte{8}, len(old))
		must(t, os.Remove(path))
		must(t, os.WriteFile(path, changed, 0o644))
		return changed
	},
	"truncated": func(t *testing.T, path string, old []byte) []byte {
		must(t, os.Truncate(path, 1000))
		return old[:1000]
	},
	"grown": func(t *testing.T, path string, old []byte) []byte {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		must(t, err)
		_, err = f.Write([]byte("more"))
		must(t, err)
		must(t, f.Close())
		return append(bytes.Clone(old), "more"...)
	},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An open after a change gives the new bytes at once, also while the old file is open and
// its pages are kept; who has it open goes on reading what he opened.
func TestOpenGivesNewBytes(t *testing.T) {
	t.Run(ModePassthrough, func(t *testing.T) { openGivesNewBytes(t, serveJob{}) })
	t.Run(ModeSplice, func(t *testing.T) { openGivesNewBytes(t, serveJob{Altered: true, Splice: true}) })
}

func openGivesNewBytes(t *testing.T, job serveJob) {
	dir := sample(t, "SHUTTLE01")
	path := filepath.Join(dir, clipOn)
	original, err := os.ReadFile(path)
	must(t, err)
	job.Drives = []string{dir}
	m := mountFor(t, job)
	at := m.in(sampleClip)
	for name, change := range changeClip {
		t.Run(name, func(t *testing.T) {
			must(t, os.WriteFile(path, original, 0o644))
			stamp := []unix.Timespec{{Sec: 1683706320}, {Sec: 1683706320}}
			must(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, stamp, 0))
			eventually(t, "the clip is as it was", func() bool {
				got, err := os.ReadFile(at)
				return err == nil && bytes.Equal(got, original)
			})
			old, err := os.Open(at)
			must(t, err)
			defer old.Close()
			want := change(t, path, original)
			must(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, stamp, 0))
			if got, err := os.ReadFile(at); err != nil || !bytes.Equal(got, want) {
				t.Errorf("right after: got %d other bytes (%v), want the %d new ones", len(got), err, len(want))
			}
			time.Sleep(1100 * time.Millisecond)
			info, err := os.Stat(at)
			must(t, err)
			if info.Size() != int64(len(want)) {
				t.Errorf("size after a second: got %d, want %d", info.Size(), len(want))
			}
		})
	}
}

// Who has a file open that was replaced by another goes on reading what he opened.
func TestOpenFileStaysWhatItWas(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	path := filepath.Join(dir, clipOn)
	original, err := os.ReadFile(path)
	must(t, err)
	m := mountFor(t, serveJob{Drives: []string{dir}})
	old, err := os.Open(m.in(sampleClip))
	must(t, err)
	defer old.Close()
	must(t, os.WriteFile(path+".new", []byte("another"), 0o644))
	must(t, os.Rename(path+".new", path))
	eventually(t, "the name leads to the new file", func() bool {
		info, err := os.Stat(m.in(sampleClip))
		return err == nil && info.Size() == int64(len("another"))
	})
	got := make([]byte, len(original))
	if n, err := old.ReadAt(got, 0); err != nil || !bytes.Equal(got[:n], original) {
		t.Errorf("the old handle reads %d bytes, %v", n, err)
	}
	if info, err := old.Stat(); err != nil || info.Size() != int64(len(original)) {
		t.Errorf("the old handle's size: got %v, %v, want %d", info, err, len(original))
	}
}

// What comes, goes or moves on the drive does so in the mount within two seconds.
func TestNamesFollow(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	roll := filepath.Join(dir, filepath.Dir(clipOn))
	m := mountFor(t, serveJob{Drives: []string{dir}})
	at := m.in(filepath.Dir(sampleClip))
	soon := func(what string, is func() bool) {
		t.Helper()
		start := time.Now()
		eventually(t, what, is)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: after %v, want 2s at most", what, took)
		}
	}
	has := func(path, name string) bool {
		names, err := os.ReadDir(filepath.Join(at, path))
		for _, n := range names {
			if n.Name() == name {
				_, err := os.Stat(filepath.Join(at, path, name))
				return err == nil
			}
		}
		_, statErr := os.Stat(filepath.Join(at, path, name))
		return err == nil && statErr == nil
	}
	is := func(path, name string, want bool) func() bool { return func() bool { return has(path, name) == want } }
	for range 3 { // caches are filled now
		has(".", "new.txt")
		time.Sleep(300 * time.Millisecond)
	}
	must(t, os.WriteFile(filepath.Join(roll, "new.txt"), []byte("x"), 0o644))
	soon("a new file", is(".", "new.txt", true))
	must(t, os.Remove(filepath.Join(roll, "new.txt")))
	soon("a removed file", is(".", "new.txt", false))
	must(t, os.MkdirAll(filepath.Join(roll, "a/b"), 0o755))
	must(t, os.WriteFile(filepath.Join(roll, "a/b/c.txt"), []byte("x"), 0o644))
	soon("a new folder", is("a/b", "c.txt", true))
	must(t, os.Rename(filepath.Join(roll, "a"), filepath.Join(roll, "z")))
	soon("the folder's new name", is("z/b", "c.txt", true))
	soon("the folder's old name", is("a/b", "c.txt", false))
	must(t, os.RemoveAll(filepath.Join(roll, "z")))
	soon("a removed folder", is(".", "z", false))
}

// A change after the verdict takes `verified` away at once.
func TestVerdictLeavesWithTheBytes(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	path := filepath.Join(dir, clipOn)
	original, err := os.ReadFile(path)
	must(t, err)
	m := mountFor(t, serveJob{Drives: []string{dir}, Read: true})
	status := func() string {
		buf := make([]byte, 100)
		n, err := unix.Getxattr(m.in(sampleClip), "user.footagefs.status", buf)
		must(t, err)
		return string(buf[:n])
	}
	stamp := []unix.Timespec{{Sec: 1683706320}, {Sec: 1683706320}}
	for name, change := range changeClip {
		must(t, os.WriteFile(path, original, 0o644))
		must(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, stamp, 0))
		eventually(t, "the clip is verified", func() bool { return status() == "verified" })
		change(t, path, original)
		must(t, unix.UtimesNanoAt(unix.AT_FDCWD, path, stamp, 0))
		if got := status(); got == "verified" {
			t.Errorf("%s: still verified", name)
		}
	}
}
