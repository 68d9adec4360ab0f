package fs

import (
	iofs "io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// Every inode has a number, every number is one inode's, and listings tell the same ones.
func TestNumbers(t *testing.T) {
	one, two := sample(t, "ONE"), sample(t, "TWO")
	job := serveJob{Drives: []string{one, two}, Catalog: filepath.Join(t.TempDir(), "catalog.db")}
	m := mountFor(t, job)
	first := numbers(t, m.path)
	m.end(t)
	m = mountFor(t, job)
	if diff := cmp.Diff(first, numbers(t, m.path)); diff != "" {
		t.Errorf("numbers after another mount (-first +second):\n%s", diff)
	}
}

func numbers(t testing.TB, dir string) map[string]uint64 {
	t.Helper()
	byPath, byNumber := make(map[string]uint64), make(map[uint64]string)
	err := filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if other, twice := byNumber[st.Ino]; twice || st.Ino < 2 {
			t.Errorf("%s has the number %d, which is %q's", rel, st.Ino, other)
		}
		byPath[rel], byNumber[st.Ino] = st.Ino, rel
		if st.Nlink < 1 || d.IsDir() && st.Nlink < 2 {
			t.Errorf("%s has %d links", rel, st.Nlink)
		}
		if d.IsDir() {
			for name, number := range listedNumbers(t, path) {
				if rel == "." && name == ".." {
					continue // outside
				}
				if err := unix.Lstat(filepath.Join(path, name), &st); err != nil || st.Ino != number {
					t.Errorf("%s/%s: listed as %d, is %d (%v)", rel, name, number, st.Ino, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return byPath
}

// listedNumbers are the inode numbers that getdents tells.
func listedNumbers(t testing.TB, dir string) map[string]uint64 {
	t.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	numbers := make(map[string]uint64)
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Getdents(fd, buf)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return numbers
		}
		for b := buf[:n]; len(b) > 0; {
			length := int(b[16]) | int(b[17])<<8
			name, _, _ := strings.Cut(string(b[19:length]), "\x00")
			numbers[name] = uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
				uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
			b = b[length:]
		}
	}
}
