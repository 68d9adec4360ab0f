package drive

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestDeepTree(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("n", 200)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const levels = 300
	for range levels {
		if err := unix.Mkdirat(fd, name, 0o755); err != nil {
			t.Fatal(err)
		}
		next, err := unix.Openat(fd, name, unix.O_PATH|unix.O_DIRECTORY, 0)
		unix.Close(fd)
		if err != nil {
			t.Fatal(err)
		}
		fd = next
	}
	defer unix.Close(fd)
	file, err := unix.Openat(fd, "clip", unix.O_CREAT|unix.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(file)
	d := open(t, dir)
	got := walked(t, d, ".")
	if len(got) != levels+1 {
		t.Fatalf("Walk got %d, want %d", len(got), levels+1)
	}
	deepest := got[levels]
	if info, err := d.Stat(deepest); err != nil || info.Kind != Regular {
		t.Errorf("Stat of the deepest got %v, %v", info.Kind, err)
	}
	f, _, err := d.OpenFile(deepest)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestXattr(t *testing.T) {
	dir := newVolume(t, "ext4", "XATTR").mount()
	write(t, filepath.Join(dir, "a/f"), "x")
	if err := os.Symlink("a/f", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("v", 800)
	for name, value := range map[string]string{"user.small": "1", "user.large": large, "user.empty": ""} {
		if err := unix.Setxattr(filepath.Join(dir, "a/f"), name, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	names, err := d.ListXattr("a/f")
	if diff := cmp.Diff(map[string]bool{"user.small": true, "user.large": true, "user.empty": true}, set(names)); err != nil || diff != "" {
		t.Errorf("ListXattr: %v\n%s", err, diff)
	}
	for name, want := range map[string]string{"user.small": "1", "user.large": large, "user.empty": ""} {
		if got, err := d.GetXattr("a/f", name); err != nil || string(got) != want {
			t.Errorf("GetXattr(%s) got %.20q, %v", name, got, err)
		}
	}
	if _, err := d.GetXattr("a/f", "user.none"); !errors.Is(err, unix.ENODATA) {
		t.Errorf("GetXattr of none got %v, want ENODATA", err)
	}
	if names, err := d.ListXattr("link"); err != nil || len(names) != 0 {
		t.Errorf("ListXattr of a link got %v, %v: those of its target?", names, err)
	}
	if names, err := d.ListXattr("."); err != nil {
		t.Errorf("ListXattr(.) got %v, %v", names, err)
	}
}

func set(names []string) map[string]bool {
	m := map[string]bool{}
	for _, name := range names {
		m[name] = true
	}
	return m
}

func TestStatFS(t *testing.T) {
	dir := newVolume(t, "ext4", "STATFS").mount()
	d := open(t, dir)
	blocks, free, files, filesFree, size, err := d.StatFS()
	if err != nil || blocks == 0 || free == 0 || free > blocks || files == 0 || filesFree > files || size == 0 {
		t.Errorf("StatFS got %d %d %d %d %d %v", blocks, free, files, filesFree, size, err)
	}
}

// TestBeneathByWalk holds what replaces openat2 to what openat2 does.
func TestBeneathByWalk(t *testing.T) {
	dir := tree(t, map[string]string{"a/b/clip": "x"})
	for link, target := range map[string]string{"link": "a", "a/link": "b", "a/b/link": "clip"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		write(t, filepath.Join(dir, "mnt/x"), "x")
		mountAt(t, "none", filepath.Join(dir, "mnt"), "tmpfs", 0)
		write(t, filepath.Join(dir, "mnt/x"), "x")
	}
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(root)
	for _, path := range []string{"a/b/clip", "a/b", "a", ".", "missing", "a/missing", "link", "link/b/clip", "a/link", "a/link/clip", "a/b/link", "a/b/clip/x", "mnt", "mnt/x"} {
		for _, flags := range []int{readFlags, listFlags, folderOnly, unix.O_PATH | unix.O_NOFOLLOW} {
			want, wantErr := openPart(root, path, flags)
			got, err := openByWalk(root, path, flags)
			if (err == nil) != (wantErr == nil) {
				t.Errorf("openByWalk(%s, %#x) got %v, want %v", path, flags, err, wantErr)
			}
			if wantErr == nil {
				a, _ := statFD(want)
				b, _ := statFD(got)
				if a.Inode != b.Inode {
					t.Errorf("openByWalk(%s, %#x) got inode %d, want %d", path, flags, b.Inode, a.Inode)
				}
				unix.Close(want)
			}
			if err == nil {
				unix.Close(got)
			}
		}
	}
}

// TestAnyName keeps names that no text encoding has.
func TestAnyName(t *testing.T) {
	dir := t.TempDir()
	want := map[string]int64{}
	for b := 1; b < 256; b++ {
		name := string([]byte{byte(b), 'x', byte(b)})
		if b != '/' {
			write(t, filepath.Join(dir, "folder\xff", name), name)
			want["folder\xff/"+name] = 3
		}
	}
	d := open(t, dir)
	entries, err := d.ReadDir("folder\xff")
	if err != nil || len(entries) != len(want) {
		t.Errorf("ReadDir got %d entries, %v, want %d", len(entries), err, len(want))
	}
	for _, path := range walked(t, d, "folder\xff") {
		f, info, err := d.OpenFile(path)
		if err != nil || info.Size != want[path] {
			t.Errorf("OpenFile(%q) got %d bytes, %v, want %d", path, info.Size, err, want[path])
			continue
		}
		f.Close()
		delete(want, path)
	}
	if len(want) > 0 {
		t.Errorf("%d names were not walked", len(want))
	}
}

// TestNeverOpened has the kernel tell of each opening of what is never to be opened.
func TestNeverOpened(t *testing.T) {
	needRoot(t)
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "canary")
	write(t, outside, "secret")
	fifo, device := filepath.Join(dir, "fifo"), filepath.Join(dir, "device")
	if err := unix.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod(device, unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link": outside, "folder": filepath.Dir(outside), "inside": "fifo"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	events, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(events)
	for _, path := range []string{outside, filepath.Dir(outside), fifo, device} {
		if _, err := unix.InotifyAddWatch(events, path, unix.IN_OPEN|unix.IN_ACCESS); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	for _, path := range []string{"fifo", "device", "link", "inside", "folder", "folder/canary", "../canary", outside} {
		_, _ = d.Stat(path)
		_, _ = d.ReadDir(path)
		_, _ = d.ListXattr(path)
		_, _ = d.GetXattr(path, "user.x")
		if _, _, err := d.OpenFile(path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
	walked(t, d, ".")
	buf := make([]byte, 4096)
	if n, err := unix.Read(events, buf); err != unix.EAGAIN {
		t.Errorf("something was opened or read: %d bytes of events, %v", n, err)
	}
	from, err := d.begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { from.begun(); from.end() }()
	if _, _, err := from.openRegular("fifo"); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a FIFO in a file's place got %v, want ErrNotRegular", err)
	}
	if n, err := unix.Read(events, buf); n <= 0 {
		t.Errorf("no event of that opening, so this test shows nothing: %v", err)
	}
}
