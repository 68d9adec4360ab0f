package fs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
	"time"

	"footagefs/catalog"
	"footagefs/fs/tree"
)

// snapshot is one version of a report, whole: what is open keeps it, what is looked up
// gets the newest. Its size is exact, as programs believe sizes.
type snapshot struct {
	inode   uint64
	size    int64
	changed time.Time
	digest  [sha256.Size]byte
	data    io.ReaderAt

	names map[catalog.DriveID]map[string]bool // the folders in which lies what it has findings of
	whole bool                                // it leaves no roll out
}

// ReadAt reads less at the end, without an error.
func (s *snapshot) ReadAt(buf []byte, off int64) (int, error) {
	if off < 0 || off >= s.size {
		return 0, nil
	}
	n, err := s.data.ReadAt(buf[:min(int64(len(buf)), s.size-off)], off)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// reports keeps the newest snapshot of every report.
type reports struct {
	cat   *catalog.Catalog
	now   func() time.Time
	names bool // whether snapshots keep the folders that they name

	mu     sync.Mutex
	byPath map[string]*report
}

// report is one report's newest snapshot. Its lock is held while a new one is written:
// who asks meanwhile would have to write the same.
type report struct {
	mu      sync.Mutex
	version uint64 // of the catalog
	pace    pace
	newest  *snapshot
}

// get is the report as of a version of the catalog. Written again with the same content,
// it is the same snapshot, with its time. A report that takes long to write, while the
// catalog changes faster, is written in a fifth of the time.
func (rs *reports) get(ctx context.Context, version uint64, path string, it *tree.Item) (*snapshot, error) {
	r := rs.at(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	start := rs.now()
	if r.newest != nil && (r.version == version || !r.pace.due(start)) {
		return r.newest, nil
	}
	s, err := rs.write(ctx, path, it)
	if err != nil {
		return nil, err
	}
	r.version = version
	r.pace.ended(start, rs.now())
	if r.newest != nil && r.newest.digest == s.digest {
		return r.newest, nil
	}
	s.changed = rs.now()
	if r.newest != nil && !s.changed.After(r.newest.changed) {
		s.changed = r.newest.changed.Add(time.Nanosecond)
	}
	r.newest = s
	return s, nil
}

func (rs *reports) at(path string) *report {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.byPath == nil {
		rs.byPath = make(map[string]*report)
	}
	r := rs.byPath[path]
	if r == nil {
		r = new(report)
		rs.byPath[path] = r
	}
	return r
}

func (rs *reports) write(ctx context.Context, path string, it *tree.Item) (*snapshot, error) {
	sp := spool{hash: sha256.New()}
	if err := rs.cat.WriteReport(ctx, &sp, it.Report, it.Filter, false); err != nil {
		sp.discard()
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	s := &snapshot{size: sp.size, data: sp.data()}
	sp.hash.Sum(s.digest[:0])
	s.inode = reportInode(path, s.digest)
	if rs.names {
		s.names, s.whole = rs.cat.FindingFolders(it.Filter), it.Report == catalog.ProblemReport
	}
	return s, nil
}

// inMemory is how much of a report is kept in memory, in bytes. The longest, of a drive
// with a million findings, goes to a temporary file.
const inMemory = 4 << 20

// spool takes a report while it is written.
type spool struct {
	hash hash.Hash
	size int64
	buf  bytes.Buffer
	file *os.File // nil while all is in buf
}

func (sp *spool) Write(p []byte) (int, error) {
	sp.hash.Write(p)
	sp.size += int64(len(p))
	if sp.file == nil && sp.buf.Len()+len(p) > inMemory {
		sp.spill()
	}
	if sp.file != nil {
		return sp.file.Write(p)
	}
	return sp.buf.Write(p)
}

// spill goes over to a file without a name, closed when nobody refers to it any more.
// Where there is no room for one, the report stays in memory.
func (sp *spool) spill() {
	file, err := os.CreateTemp("", "footagefs-report-")
	if err != nil {
		return
	}
	os.Remove(file.Name())
	if _, err := file.Write(sp.buf.Bytes()); err != nil {
		file.Close()
		return
	}
	sp.file, sp.buf = file, bytes.Buffer{}
}

func (sp *spool) data() io.ReaderAt {
	if sp.file != nil {
		return sp.file
	}
	return bytes.NewReader(bytes.Clone(sp.buf.Bytes()))
}

func (sp *spool) discard() {
	if sp.file != nil {
		sp.file.Close()
	}
}
