package fs

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/testdata/drives"
)

// quiet logs nothing.
var quiet = slog.New(slog.DiscardHandler)

// sample is the sample drive in a folder of its own.
func sample(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := drives.Sample(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// asked is a file system that is asked without a kernel in between.
func asked(t testing.TB, dirs ...string) (*fileSystem, *catalog.Catalog) {
	t.Helper()
	ctx := context.Background()
	cat, err := catalog.Open(ctx, catalog.Options{Path: filepath.Join(t.TempDir(), "catalog.db"), Drives: dirs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cat.Close() })
	for _, dir := range dirs {
		if _, err := cat.AddDrive(ctx, dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := cat.Inventory(ctx, catalog.Filter{}); err != nil {
		t.Fatal(err)
	}
	return newFileSystem(ctx, cat, Options{Log: quiet}), cat
}

// walk looks up every name of a path and returns the last one's number.
func walk(t testing.TB, f *fileSystem, path string) uint64 {
	t.Helper()
	at := uint64(fuse.FUSE_ROOT_ID)
	for name := range strings.SplitSeq(path, "/") {
		var out fuse.EntryOut
		if code := f.Lookup(nil, &fuse.InHeader{NodeId: at}, name, &out); code != fuse.OK {
			t.Fatalf("looking up %s of %s: %v", name, path, code)
		}
		at = out.NodeId
	}
	return at
}

const sampleClip = "Footage Library/Camera Rolls/20230510/A001R1AB/A001C001_230510_R1AB.mxf"

// An answer costs nothing beyond what the look at the drive does.
func TestRequestsCostNoAllocation(t *testing.T) {
	f, cat := asked(t, sample(t, "SHUTTLE01"))
	in := &fuse.InHeader{NodeId: walk(t, f, sampleClip)}
	dest := make([]byte, 256)
	getattr, attr := &fuse.GetAttrIn{InHeader: *in}, new(fuse.AttrOut)
	n := f.table.get(in.NodeId)
	look := testing.AllocsPerRun(100, func() { cat.Drives()[0].Handle.Stat(n.path) }) -
		testing.AllocsPerRun(100, func() { cat.Drives() })
	verdict := testing.AllocsPerRun(100, func() { cat.File(f.ctx, n.roll, n.inRoll()) })
	for _, c := range []struct {
		name    string
		request func()
		want    float64
	}{
		{"an unknown attribute", func() { f.GetXAttr(nil, in, "security.selinux", dest) }, 0},
		{"a fact of the roll", func() { f.GetXAttr(nil, in, xattrPrefix+"footagefs.roll", dest) }, 0},
		{"a verdict", func() { f.GetXAttr(nil, in, xattrPrefix+"footagefs.status", dest) }, verdict},
		{"stat", func() { f.GetAttr(nil, getattr, attr) }, look},
	} {
		if got := testing.AllocsPerRun(100, c.request); got > c.want {
			t.Errorf("%s: got %v allocations, want %v", c.name, got, c.want)
		}
	}
}

func BenchmarkGetXAttrUnknown(b *testing.B) {
	benchmarkXattr(b, "security.selinux", absent("security.selinux"))
}

func BenchmarkGetXAttrStatus(b *testing.B) {
	benchmarkXattr(b, xattrPrefix+"footagefs.status", fuse.OK)
}

func BenchmarkGetXAttrRoll(b *testing.B) { benchmarkXattr(b, xattrPrefix+"footagefs.roll", fuse.OK) }

func benchmarkXattr(b *testing.B, name string, want fuse.Status) {
	f, _ := asked(b, sample(b, "SHUTTLE01"))
	in := &fuse.InHeader{NodeId: walk(b, f, sampleClip)}
	dest := make([]byte, 256)
	b.ReportAllocs()
	for b.Loop() {
		if _, code := f.GetXAttr(nil, in, name, dest); code != want {
			b.Fatalf("got %v, want %v", code, want)
		}
	}
}

func BenchmarkGetAttr(b *testing.B) {
	f, _ := asked(b, sample(b, "SHUTTLE01"))
	in := &fuse.GetAttrIn{InHeader: fuse.InHeader{NodeId: walk(b, f, sampleClip)}}
	var out fuse.AttrOut
	b.ReportAllocs()
	for b.Loop() {
		if code := f.GetAttr(nil, in, &out); code != fuse.OK {
			b.Fatal(code)
		}
	}
}

func BenchmarkReadDirPlus(b *testing.B) {
	f, _ := asked(b, sample(b, "SHUTTLE01"))
	var open fuse.OpenOut
	in := &fuse.ReadIn{InHeader: fuse.InHeader{NodeId: walk(b, f, filepath.Dir(sampleClip))}}
	if code := f.OpenDir(nil, &fuse.OpenIn{InHeader: in.InHeader}, &open); code != fuse.OK {
		b.Fatal(code)
	}
	in.Fh = open.Fh
	buf := make([]byte, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		if code := f.ReadDirPlus(nil, in, fuse.NewDirEntryList(buf, 0)); code != fuse.OK {
			b.Fatal(code)
		}
	}
}

// What the kernel forgets is forgotten.
func TestForget(t *testing.T) {
	f, _ := asked(t, sample(t, "SHUTTLE01"))
	walk(t, f, sampleClip)
	id := walk(t, f, sampleClip)
	f.Forget(id, 1)
	if f.table.get(id) == nil {
		t.Errorf("forgotten with a reference left")
	}
	f.Forget(id, 1)
	if f.table.get(id) != nil {
		t.Errorf("still known without a reference")
	}
	f.Forget(id, 1) // more than it was given: no harm
	f.Forget(fuse.FUSE_ROOT_ID, 1)
	if f.table.get(fuse.FUSE_ROOT_ID) == nil {
		t.Errorf("the root was forgotten")
	}
}

// A file that is open is known until it is closed, whatever comes first.
func TestForgetOfOpenFile(t *testing.T) {
	f, _ := asked(t, sample(t, "SHUTTLE01"))
	id := walk(t, f, sampleClip)
	var out fuse.OpenOut
	if code := f.Open(nil, &fuse.OpenIn{InHeader: fuse.InHeader{NodeId: id}}, &out); code != fuse.OK {
		t.Fatal(code)
	}
	f.Forget(id, 1)
	if f.table.get(id) == nil {
		t.Fatal("an open file was forgotten")
	}
	f.Release(nil, &fuse.ReleaseIn{Fh: out.Fh})
	if f.table.get(id) != nil {
		t.Errorf("a closed file that nobody refers to is still known")
	}
}

// The files of the folders that were not looked into for longest are to be forgotten.
func TestTableAsksForIdleFiles(t *testing.T) {
	table := newTable(node{key: key{kind: ownFolder}, id: 1}, 9)
	take := func(kind kind, id, parent uint64) *node {
		return table.take(&node{key: key{kind: kind, drive: 1, path: strconv.FormatUint(id, 10)}, id: id, inode: id, parent: parent})
	}
	old, recent := take(driveFolder, 10, 1), take(driveFolder, 20, 1)
	for i := uint64(1); i <= 4; i++ {
		take(driveFile, old.id+i, old.id)
		take(driveFile, recent.id+i, recent.id)
	}
	table.touch(old)
	table.touch(recent)
	select {
	case <-table.full:
	default:
		t.Errorf("got no word that there are too many")
	}
	table.get(11).opened = &opened{files: []*openFile{{}}}
	var got []uint64
	for _, n := range table.idle() {
		got = append(got, n.id)
	}
	slices.Sort(got)
	if want := []uint64{12, 13, 14}; !slices.Equal(got, want) {
		t.Errorf("to be forgotten: got %v, want %v, those of the older folder that are not open", got, want)
	}
}

// Two paths of one hash are two nodes.
func TestTableKeepsKeysApart(t *testing.T) {
	table := newTable(node{key: key{kind: ownFolder}, id: 1}, 100)
	a := table.take(&node{key: key{kind: driveFile, path: "a"}, id: 7, inode: 7, parent: 1})
	b := table.take(&node{key: key{kind: driveFile, path: "b"}, id: 7, inode: 7, parent: 1})
	if a.id == b.id || a.inode == b.inode {
		t.Errorf("one number for two: %d", a.id)
	}
}

// Calls that must never get here are refused all the same.
func TestReadOnlyWithoutTheKernel(t *testing.T) {
	f := newFileSystem(context.Background(), nil, Options{Log: quiet})
	in := &fuse.InHeader{NodeId: 1}
	_, write := f.Write(nil, nil, nil)
	_, writev := f.Writev(nil, nil, nil)
	_, copied := f.CopyFileRange(nil, nil)
	for name, got := range map[string]fuse.Status{
		"setattr": f.SetAttr(nil, nil, nil), "mknod": f.Mknod(nil, nil, "", nil), "mkdir": f.Mkdir(nil, nil, "", nil),
		"unlink": f.Unlink(nil, in, ""), "rmdir": f.Rmdir(nil, in, ""), "rename": f.Rename(nil, nil, "", ""),
		"link": f.Link(nil, nil, "", nil), "symlink": f.Symlink(nil, in, "", "", nil), "setxattr": f.SetXAttr(nil, nil, "", nil),
		"removexattr": f.RemoveXAttr(nil, in, ""), "create": f.Create(nil, nil, "", nil), "tmpfile": f.Tmpfile(nil, nil, nil),
		"write": write, "writev": writev, "copy": copied, "fallocate": f.Fallocate(nil, nil),
		"open": f.Open(nil, &fuse.OpenIn{InHeader: *in, Flags: syscall.O_RDWR}, nil),
	} {
		if got != fuse.EROFS {
			t.Errorf("%s: got %v, want EROFS", name, got)
		}
	}
	if got := f.Ioctl(nil, nil, nil, nil, nil); got != fuse.Status(syscall.ENOTTY) {
		t.Errorf("ioctl: got %v, want ENOTTY", got)
	}
}
