package fs

import (
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
	"footagefs/testdata/drives"
)

// looks are the names, kinds, sizes, times and modes of everything below a folder, a line each.
func looks(t testing.TB, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		line := rel + " " + info.Mode().String() + " " + info.ModTime().UTC().String()
		if info.Mode().IsRegular() {
			bytes, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += " " + string(bytes)
		}
		list = append(list, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRollIsTheCard(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	m := mountFor(t, serveJob{Drives: []string{dir}})
	for _, r := range drives.SampleRolls() {
		kind := tree.CameraName
		if r.Type == "sound" {
			kind = tree.SoundName
		}
		at := m.in(tree.LibraryName, kind, strings.ReplaceAll(r.Date, "-", ""), filepath.Base(r.Path))
		if diff := cmp.Diff(looks(t, filepath.Join(dir, r.Path)), looks(t, at)); diff != "" {
			t.Errorf("%s (-drive +mount):\n%s", r.Path, diff)
		}
		link := m.in(tree.DrivesName, "SHUTTLE01", r.Path)
		if real, err := filepath.EvalSymlinks(link); err != nil || real != at {
			t.Errorf("%s leads to %s (%v), want %s", link, real, err, at)
		}
	}
}

func TestDf(t *testing.T) {
	dir := sample(t, "SHUTTLE,01")
	m := mountFor(t, serveJob{Drives: []string{dir}})
	var drive, mounted unix.Statfs_t
	if err := errors.Join(unix.Statfs(dir, &drive), unix.Statfs(m.path, &mounted)); err != nil {
		t.Fatal(err)
	}
	if got, want := mounted.Blocks*uint64(mounted.Bsize), drive.Blocks*uint64(drive.Bsize); got != want {
		t.Errorf("size: got %d, want %d", got, want)
	}
	if mounted.Flags&unix.ST_RDONLY == 0 || mounted.Flags&unix.ST_NOSUID == 0 || mounted.Flags&unix.ST_NODEV == 0 {
		t.Errorf("flags: got %#x, want ro, nosuid, nodev", mounted.Flags)
	}
	table, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(dir, ",", "_") + " " + m.path + " fuse.footagefs ro,nosuid,nodev"
	if !strings.Contains(string(table), want) {
		t.Errorf("/proc/mounts has no %q", want)
	}
}

// Every call that changes something fails, and says that the file system is read-only or
// that such a thing could not be done anywhere.
func TestNothingChanges(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	before := looks(t, dir)
	m := mountFor(t, serveJob{Drives: []string{dir}})
	roll := m.in(tree.LibraryName, tree.CameraName, "20230510", "A001R1AB")
	for _, folder := range []string{roll, m.in(tree.LibraryName), m.path, m.in(tree.DrivesName, "SHUTTLE01")} {
		file := firstFile(t, folder)
		for name, err := range mutations(folder, file) {
			switch err {
			case unix.EROFS, unix.EPERM, unix.EISDIR, unix.EXDEV:
			default:
				t.Errorf("%s in %s: got %v, want EROFS", name, folder, err)
			}
		}
	}
	if diff := cmp.Diff(before, looks(t, dir)); diff != "" {
		t.Errorf("the drive changed:\n%s", diff)
	}
}

func firstFile(t testing.TB, folder string) string {
	t.Helper()
	names, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if n.Type().IsRegular() {
			return filepath.Join(folder, n.Name())
		}
	}
	return filepath.Join(folder, names[0].Name())
}

// mutations tries to change a folder and a file in it in every way there is.
func mutations(folder, file string) map[string]error {
	new := filepath.Join(folder, "new")
	open := func(flags int) error {
		fd, err := unix.Open(file, flags, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	create := func(flags int) error {
		fd, err := unix.Open(new, flags|unix.O_CREAT, 0o644)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	tmpfile, tmpErr := unix.Open(folder, unix.O_TMPFILE|unix.O_RDWR, 0o600)
	if tmpErr == nil {
		unix.Close(tmpfile)
	}
	return map[string]error{
		"open for writing":   open(unix.O_WRONLY),
		"open for both":      open(unix.O_RDWR),
		"open truncating":    open(unix.O_RDONLY | unix.O_TRUNC),
		"open appending":     open(unix.O_WRONLY | unix.O_APPEND),
		"create":             create(unix.O_WRONLY),
		"create exclusively": create(unix.O_RDWR | unix.O_EXCL),
		"tmpfile":            ignore(tmpErr, unix.EOPNOTSUPP),
		"mkdir":              unix.Mkdir(new, 0o755),
		"mknod":              unix.Mknod(new, unix.S_IFREG|0o644, 0),
		"mkfifo":             unix.Mkfifo(new, 0o644),
		"mknod device":       unix.Mknod(new, unix.S_IFCHR|0o644, 0x103),
		"symlink":            unix.Symlink("x", new),
		"link":               unix.Link(file, new),
		"unlink":             unix.Unlink(file),
		"rmdir":              unix.Rmdir(folder + "/new"),
		"rename":             unix.Rename(file, new),
		"rename over":        unix.Rename(file, file+"x"),
		"exchange":           unix.Renameat2(unix.AT_FDCWD, file, unix.AT_FDCWD, folder, unix.RENAME_EXCHANGE),
		"chmod":              unix.Chmod(file, 0o777),
		"chmod setuid":       unix.Chmod(file, 0o4755),
		"chown":              unix.Chown(file, 1, 1),
		"lchown":             unix.Lchown(file, 1, 1),
		"truncate":           unix.Truncate(file, 0),
		"utimes":             unix.UtimesNanoAt(unix.AT_FDCWD, file, []unix.Timespec{{Sec: 1}, {Sec: 1}}, 0),
		"utimes folder":      unix.UtimesNanoAt(unix.AT_FDCWD, folder, []unix.Timespec{{Sec: 1}, {Sec: 1}}, 0),
		"setxattr":           unix.Setxattr(file, "user.new", []byte("x"), 0),
		"setxattr of ours":   unix.Setxattr(file, "user.footagefs.status", []byte("verified"), 0),
		"removexattr":        unix.Removexattr(file, "user.footagefs.status"),
		"setxattr acl":       ignore(unix.Setxattr(file, "system.posix_acl_access", []byte{2, 0, 0, 0}, 0), unix.EOPNOTSUPP, unix.EINVAL),
		"setxattr security":  unix.Setxattr(file, "security.capability", make([]byte, 20), 0),
	}
}

// ignore takes other honest refusals for the expected one.
func ignore(err error, also ...syscall.Errno) error {
	for _, e := range also {
		if errors.Is(err, e) {
			return unix.EROFS
		}
	}
	return err
}

// A panic costs one request, is logged, and the mount lives.
func TestPanicCostsOneRequest(t *testing.T) {
	m := mountFor(t, serveJob{Drives: []string{sample(t, "SHUTTLE01")}, Altered: true})
	buf := make([]byte, 100)
	for range 3 {
		if _, err := unix.Getxattr(m.in(sampleClip), "user.panic", buf); err != unix.EIO {
			t.Errorf("a request that panics: got %v, want EIO", err)
		}
	}
	if _, err := unix.Getxattr(m.in(sampleClip), "user.footagefs.status", buf); err != nil {
		t.Errorf("the next request: got %v", err)
	}
	m.end(t)
	if !strings.Contains(m.stderr.String(), "as asked") {
		t.Errorf("the log does not tell of it: %s", m.stderr.String())
	}
}

// However much is walked, only so many nodes are known: the rest is forgotten.
func TestWalkIsBounded(t *testing.T) {
	dir := t.TempDir()
	must(t, drives.Scale(dir, 2, 1000, 10))
	m := mountFor(t, serveJob{Drives: []string{dir}, Altered: true, Nodes: 500})
	before := looks(t, filepath.Join(dir))
	for range 2 {
		if got := looks(t, m.in(tree.LibraryName)); len(got) < 2000 {
			t.Errorf("got %d names, want 2000 at least of %d on the drive", len(got), len(before))
		}
	}
	buf := make([]byte, 100)
	eventually(t, "few nodes are left", func() bool {
		n, err := unix.Getxattr(m.path, "user.nodes", buf)
		count, _ := strconv.Atoi(string(buf[:max(n, 0)]))
		return err == nil && count > 0 && count < 1500
	})
}
