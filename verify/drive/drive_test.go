package drive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// tree makes files (path: content) and folders (path ending in a slash) in a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		full := filepath.Join(dir, path)
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(full, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// open opens a drive that is closed at the end of the test.
func open(t *testing.T, dir string) *Drive {
	t.Helper()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// walked lists what Walk visits, with an error's text behind a path that had one.
func walked(t *testing.T, d *Drive, path string) []string {
	t.Helper()
	var got []string
	err := d.Walk(context.Background(), path, func(path string, info Info, err error) error {
		if err != nil {
			path += " " + err.Error()
		}
		got = append(got, path)
		return nil
	})
	if err != nil {
		t.Errorf("Walk(%s): %v", path, err)
	}
	return got
}

func TestWalk(t *testing.T) {
	d := open(t, tree(t, map[string]string{"a/b/c": "1", "a/b.x": "22", "a/\xff\n": "", "a.b": "", "B/": ""}))
	want := []string{"B", "a", "a/b", "a/b/c", "a/b.x", "a/\xff\n", "a.b"}
	if diff := cmp.Diff(want, walked(t, d, ".")); diff != "" {
		t.Errorf("Walk(.) -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a/b/c"}, walked(t, d, "a/b")); diff != "" {
		t.Errorf("Walk(a/b) -want +got:\n%s", diff)
	}
}

func TestWalkSkipFolder(t *testing.T) {
	d := open(t, tree(t, map[string]string{"a/b": "", "c": ""}))
	var got []string
	err := d.Walk(context.Background(), ".", func(path string, info Info, err error) error {
		got = append(got, path)
		if info.Kind == Folder {
			return ErrSkipFolder
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "c"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// openByFolder opens a file by way of its folder.
func openByFolder(d *Drive, path string) (File, Info, error) {
	folder, err := d.Enter(path)
	if err != nil {
		return noFile, Info{}, err
	}
	defer folder.Close()
	return folder.OpenFile(path[strings.LastIndexByte(path, '/')+1:])
}

func TestOpenFile(t *testing.T) {
	dir := tree(t, map[string]string{"folder/clip": "bytes"})
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"link": "folder/clip", "folderlink": "folder", "out": "/etc/passwd"}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	f, info, err := d.OpenFile("folder/clip")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if stat, err := d.Stat("folder/clip"); err != nil || stat != info {
		t.Errorf("Stat got %+v, %v, want %+v", stat, err, info)
	}
	inFolder, look, err := openByFolder(d, "folder/clip")
	if err != nil {
		t.Fatal(err)
	}
	defer inFolder.Close()
	if after, err := inFolder.Look(); err != nil || look != info || after != info {
		t.Errorf("by its folder: looks %+v and %+v, %v, want %+v", look, after, err, info)
	}
	refused := map[string]error{
		"fifo": ErrNotRegular, "link": ErrNotRegular, "out": ErrNotRegular, "folder": ErrNotRegular,
		"folderlink/clip": nil, "missing": syscall.ENOENT, "folder/clip/x": syscall.ENOTDIR,
		"../x": syscall.EINVAL, "/etc/passwd": syscall.EINVAL, "": syscall.EINVAL, "a//b": syscall.EINVAL,
		"folder/../folder/clip": syscall.EINVAL, "a\x00b": syscall.EINVAL, "./folder/clip": syscall.EINVAL,
		"folder/": syscall.EINVAL, strings.Repeat("x", 300): syscall.ENAMETOOLONG,
		strings.Repeat("x/", 1<<20) + "x": syscall.ENAMETOOLONG,
	}
	for path, want := range refused {
		f, _, err := d.OpenFile(path)
		if err == nil {
			f.Close()
		}
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("OpenFile(%.40q) got %v, want %v", path, err, want)
		}
		if f, _, err := openByFolder(d, path); err == nil || want != nil && !errors.Is(err, want) {
			f.Close()
			t.Errorf("OpenFile(%.40q) by its folder got %v, want %v", path, err, want)
		}
	}
}
