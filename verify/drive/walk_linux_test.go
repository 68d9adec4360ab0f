package drive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wide makes folders of more files than a batch and a look ahead.
func wide(t *testing.T, folders, files int) (string, []string) {
	t.Helper()
	dir := t.TempDir()
	var want []string
	for i := range folders {
		folder := fmt.Sprintf("f%03d", i)
		want = append(want, folder)
		for j := range files {
			path := fmt.Sprintf("%s/%05d", folder, j)
			write(t, filepath.Join(dir, path), "")
			want = append(want, path)
		}
	}
	return dir, want
}

func TestWalkWide(t *testing.T) {
	dir, want := wide(t, 7, 3*lookAhead/2)
	if diff := cmp.Diff(want, walked(t, open(t, dir), ".")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWalkStops(t *testing.T) {
	dir, want := wide(t, 20, walkBatch)
	errEnough := errors.New("enough")
	tests := []struct {
		name string
		stop func(d *Drive, cancel func()) error
		want error
	}{
		{"by fn", func(*Drive, func()) error { return errEnough }, errEnough},
		{"by the context", func(_ *Drive, cancel func()) error { cancel(); return nil }, context.Canceled},
		{"by release", func(d *Drive, _ func()) error { d.Release(); return nil }, ErrGone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := open(t, dir)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			calls := 0
			err := d.Walk(ctx, ".", func(string, Info, error) error {
				if calls++; calls == len(want)/2 {
					return test.stop(d, cancel)
				}
				return nil
			})
			if !errors.Is(err, test.want) || calls != len(want)/2 {
				t.Errorf("got %v after %d calls, want %v after %d", err, calls, test.want, len(want)/2)
			}
		})
	}
}

func TestWalkOfNothing(t *testing.T) {
	d := open(t, tree(t, map[string]string{"file": "x"}))
	for path, want := range map[string]error{"missing": syscall.ENOENT, "file": syscall.ENOTDIR, "..": syscall.EINVAL} {
		err := d.Walk(context.Background(), path, func(string, Info, error) error { return nil })
		if !errors.Is(err, want) {
			t.Errorf("Walk(%s) got %v, want %v", path, err, want)
		}
	}
}

// TestWalkChanging walks a tree whose folders come and go: none of it is an error.
func TestWalkChanging(t *testing.T) {
	dir, _ := wide(t, 10, 10)
	d := open(t, dir)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				os.RemoveAll(filepath.Join(dir, "f005"))
				os.MkdirAll(filepath.Join(dir, "f005/x/y"), 0o755)
			}
		}
	}()
	for range 100 {
		for _, path := range walked(t, d, ".") {
			if filepath.Base(path) != filepath.Clean(filepath.Base(path)) || slices.Contains([]byte(path), ' ') {
				t.Errorf("walked %q", path)
			}
		}
	}
	close(stop)
	<-done
}

func TestWalkAsUser(t *testing.T) { asNobody(t, "TestAsNobodyWalk") }

// TestAsNobodyWalk walks past a folder that may not be read.
func TestAsNobodyWalk(t *testing.T) {
	dir := nobodysFolder(t)
	write(t, filepath.Join(dir, "a/f"), "")
	write(t, filepath.Join(dir, "closed/f"), "")
	write(t, filepath.Join(dir, "names/f"), "")
	write(t, filepath.Join(dir, "z/f"), "")
	for name, mode := range map[string]os.FileMode{"closed": 0, "names": 0o444} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(filepath.Join(dir, name), 0o755)
	}
	d := open(t, dir)
	got := map[string]bool{}
	err := d.Walk(context.Background(), ".", func(path string, _ Info, err error) error {
		if err != nil && !errors.Is(err, syscall.EACCES) {
			t.Errorf("%s: %v", path, err)
		}
		got[path] = err != nil
		return nil
	})
	want := map[string]bool{"a": false, "a/f": false, "closed": true, "names": false, "names/f": true, "z": false, "z/f": false}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, errors -want +got:\n%s", err, diff)
	}
}

func TestDescriptorsAreClosed(t *testing.T) {
	dir, _ := wide(t, 3, 2*lookAhead)
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	use := func() {
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		errEnough := errors.New("enough")
		_ = d.Walk(context.Background(), ".", func(path string, _ Info, _ error) error {
			if path == "f001/00300" {
				return errEnough
			}
			return nil
		})
		exercise(t, d)
		if folder, err := d.OpenDir("f001"); err != nil {
			t.Error(err)
		} else {
			folder.Close()
		}
		for _, path := range []string{"f001", "missing/x", "f001/00001/x"} {
			if _, _, err := d.OpenFile(path); err == nil {
				t.Errorf("%s was opened", path)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if err := d.Watch(ctx, func(bool, bool) {}, func(Change) {}); err != nil {
			t.Error(err)
		}
	}
	use()
	before := count()
	for range 20 {
		use()
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestOpenWritable(t *testing.T) {
	dir := tree(t, map[string]string{"roll/clip": "x"})
	if err := os.Symlink("roll", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir)
	f, err := d.OpenWritable("roll")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	made := filepath.Join("/proc/self/fd", fmt.Sprint(f.Fd()), "manifest")
	if err := os.WriteFile(made, []byte("x"), 0o644); err != nil {
		t.Errorf("writing in a folder opened for it: %v", err)
	}
	for path, want := range map[string]error{"link": nil, "roll/clip": syscall.ENOTDIR, "..": syscall.EINVAL, "missing": syscall.ENOENT} {
		if f, err := d.OpenWritable(path); err == nil || want != nil && !errors.Is(err, want) {
			f.Close()
			t.Errorf("OpenWritable(%s) got %v, want %v", path, err, want)
		}
	}
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Fatal(err)
	}
	defer os.Rename(dir+".moved", dir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	if _, err := d.OpenWritable("."); !errors.Is(err, ErrGone) {
		t.Errorf("with another folder at the drive's path got %v, want ErrGone", err)
	}
}
