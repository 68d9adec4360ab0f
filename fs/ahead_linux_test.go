package fs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/fs/tree"
)

// A listing in small answers, with rewinds and places out of order, tells of each name
// exactly once, and of the attributes that it has then.
func TestLookAheadTellsWhatIsThere(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	folder := "20230510_EP103_Day05_MU/Reports/many"
	must(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	var want []string
	for i := range 3000 {
		name := fmt.Sprintf("%05d%s", i, "xxxxxxxxxxxxxxxxxxxxxxxx"[:i%24])
		must(t, os.WriteFile(filepath.Join(dir, folder, name), make([]byte, i%7), 0o644))
		want = append(want, fmt.Sprint(name, " ", i%7))
	}
	f, _ := asked(t, dir)
	open := &fuse.OpenOut{}
	in := &fuse.OpenIn{}
	in.NodeId = walk(t, f, tree.DrivesName+"/SHUTTLE01/"+folder)
	if code := f.OpenDir(nil, in, open); code != fuse.OK {
		t.Fatal(code)
	}
	for _, size := range []int{4096, 32 << 10, 1 << 20} {
		var got []string
		for off := uint64(0); ; {
			names, next := readPlus(t, f, open.Fh, off, size)
			if next == off {
				break
			}
			got, off = append(got, names...), next
		}
		if !slices.Equal(got, want) {
			t.Errorf("in answers of %d bytes: got %d names, want %d", size, len(got), len(want))
		}
	}
	// Anywhere, as seekdir does.
	for _, off := range []uint64{2000, 100, 101, 2900, 3} {
		names, _ := readPlus(t, f, open.Fh, off, 4096)
		if at := int(off) - 2; !slices.Equal(names, want[max(at, 0):at+len(names)]) {
			t.Errorf("from %d: got %q", off, names)
		}
	}
	// What is gone since is left out, unless it was looked at already, just before.
	must(t, os.Remove(filepath.Join(dir, folder, "02990"+"xxxxxxxxxxxxxxxxxxxxxxxx"[:2990%24])))
	if names, _ := readPlus(t, f, open.Fh, 2980, 1<<20); len(names) != len(want)-2978-1 {
		t.Errorf("got %d names after one was removed, want %d", len(names), len(want)-2978-1)
	}
}

// readPlus is one request: names and sizes, and the offset for the next.
func readPlus(t *testing.T, f *fileSystem, fh, off uint64, size int) (names []string, next uint64) {
	t.Helper()
	buf := make([]byte, size)
	out := fuse.NewDirEntryList(buf, off)
	if code := f.ReadDirPlus(nil, &fuse.ReadIn{Fh: fh, Offset: off}, out); code != fuse.OK {
		t.Fatal(code)
	}
	entries, looks, err := fuse.ParseDirLookupEntries(out.Bytes())
	must(t, err)
	for i, e := range entries {
		off = e.Off
		if e.Name == "." || e.Name == ".." {
			continue
		}
		if looks[i].NodeId == 0 || looks[i].Ino != e.Ino {
			t.Errorf("%s: node %d, inode %d in the name and %d in the attributes", e.Name, looks[i].NodeId, e.Ino, looks[i].Ino)
		}
		names = append(names, fmt.Sprint(e.Name, " ", looks[i].Size))
	}
	return names, off
}

// A rewind makes another listing: what was looked up ahead was at places of the last one.
func TestLookAheadIsForgottenByARewind(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	folder := "20230510_EP103_Day05_MU/Reports/many"
	must(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	var want []string
	for i := range 400 {
		name := fmt.Sprintf("%05d", i)
		must(t, os.WriteFile(filepath.Join(dir, folder, name), make([]byte, i), 0o644))
		want = append(want, fmt.Sprint(name, " ", i))
	}
	f, _ := asked(t, dir)
	open, in := &fuse.OpenOut{}, &fuse.OpenIn{}
	in.NodeId = walk(t, f, tree.DrivesName+"/SHUTTLE01/"+folder)
	if code := f.OpenDir(nil, in, open); code != fuse.OK {
		t.Fatal(code)
	}
	readPlus(t, f, open.Fh, 0, 32<<10)
	must(t, os.Remove(filepath.Join(dir, folder, "00000")))
	if got, _ := readPlus(t, f, open.Fh, 0, 1<<20); !slices.Equal(got, want[1:]) {
		t.Error("names got another file's attributes")
	}
}
