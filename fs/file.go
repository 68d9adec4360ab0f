package fs

import (
	"slices"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"footagefs/verify/drive"
)

// openFile is one opening of a file: the drive's own descriptor, or a report as it was.
// It can be read and released. Nothing else reaches the drive through it: go-fuse's own
// loopback file would pass on ioctls with our rights.
type openFile struct {
	node   *node
	file   *drive.File // on a drive
	report *snapshot
}

// opened is what the openings of one file share.
type opened struct {
	files   []*openFile
	backing int32 // the kernel reads this file itself; 0: it does not
	pages   pages
}

// pages says of which state of a file the kernel may have pages.
type pages struct {
	size, modified, changed int64
	known                   bool
}

// settled is how long a file must have been left alone before its times tell every
// change: a write in the same tick of the clock as the look would move none.
const settled = 2 * time.Second

// Open opens a file. Opening for writing does not get here: the mount is read-only.
func (f *fileSystem) Open(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if f.refuses(&in.Caller) {
		return fuse.EACCES
	}
	if in.Flags&syscall.O_ACCMODE != syscall.O_RDONLY || in.Flags&syscall.O_TRUNC != 0 {
		return fuse.EROFS
	}
	n := f.table.get(in.NodeId)
	if n == nil {
		return fuse.Status(syscall.ESTALE)
	}
	switch n.kind {
	case driveFile:
		return f.driveOpen(n, out)
	case ownReport:
		out.OpenFlags = fuse.FOPEN_DIRECT_IO | fuse.FOPEN_NOFLUSH
		out.Fh = f.files.add(&openFile{node: n, report: n.report})
		return fuse.OK
	case ownEmpty:
		out.OpenFlags = fuse.FOPEN_NOFLUSH
		out.Fh = f.files.add(&openFile{node: n})
		return fuse.OK
	}
	return fuse.EISDIR
}

// driveOpen opens a file of a drive. When it is not the file that the node is of (another
// was put in its place), the answer is ESTALE and the kernel looks the name up again:
// an open never gives old bytes, whatever the kernel remembers.
func (f *fileSystem) driveOpen(n *node, out *fuse.OpenOut) fuse.Status {
	d := f.views.get().drive(n.drive)
	if d.handle == nil {
		return fuse.EIO
	}
	file, info, err := d.handle.OpenFile(n.path)
	if err != nil {
		return f.failAt(n, "opening a file", err)
	}
	inode := d.inodeOf(n.roll, n.path, &info)
	if (inode != n.inode || d.nodeID(inode, &info) != n.id) && !f.growing(d, n, &info) {
		file.Close()
		return fuse.Status(syscall.ESTALE)
	}
	h := &openFile{node: n, file: &file}
	if !n.told.is(&info) {
		// The kernel would end the reading where it believes the file to end.
		f.kernel.askAgain(n)
	}
	f.share(d, h, &info, out)
	out.OpenFlags |= fuse.FOPEN_NOFLUSH
	out.Fh = f.files.add(h)
	return fuse.OK
}

// growing is true for a file that is being written where a file is known by size and time
// alone: it would be another one at each look, and no open would ever find the one that
// was looked up. Nobody may have it open, or the kernel would show two states as one.
func (f *fileSystem) growing(d *driveView, n *node, info *drive.Info) bool {
	if d.strong || d.nodeID(n.inode, info) != n.id {
		return false
	}
	return f.now().Sub(time.Unix(0, info.ModTime)).Abs() < settled && !f.table.isOpen(n)
}

// share adds an opening to those of its file. All of them are read by the kernel itself,
// or none: it refuses to mix.
func (f *fileSystem) share(d *driveView, h *openFile, info *drive.Info, out *fuse.OpenOut) {
	f.table.mu.Lock()
	defer f.table.mu.Unlock()
	n := h.node
	if n.opened == nil {
		n.opened = new(opened)
	}
	o := n.opened
	if len(o.files) == 0 {
		o.backing = f.kernel.register(d, h.file.Fd())
	}
	o.files = append(o.files, h)
	if o.backing != 0 {
		out.BackingID = o.backing
		out.OpenFlags |= fuse.FOPEN_PASSTHROUGH
		return
	}
	if d.strong && o.pages.stillOf(info, f.now()) {
		out.OpenFlags |= fuse.FOPEN_KEEP_CACHE
	}
}

// stillOf is true where kept pages are those of the file as it is now. Else they are
// dropped, and the next ones will be of this state.
func (p *pages) stillOf(info *drive.Info, now time.Time) bool {
	is := pages{info.Size, info.ModTime, info.ChangeTime, true}
	if *p == is {
		return true
	}
	*p = pages{}
	if now.Sub(time.Unix(0, max(info.ChangeTime, info.ModTime))) > settled {
		*p = is
	}
	return false
}

// Release closes an opening.
func (f *fileSystem) Release(cancel <-chan struct{}, in *fuse.ReleaseIn) {
	h := f.files.remove(in.Fh)
	if h == nil || h.file == nil {
		return
	}
	if f.unshare(h) {
		f.mapped.closeUnused(h)
	} else {
		h.file.Close()
	}
}

// unshare takes an opening from those of its file. It is true for the last one of a file
// that the kernel has read itself.
func (f *fileSystem) unshare(h *openFile) bool {
	f.table.mu.Lock()
	defer f.table.mu.Unlock()
	o := h.node.opened
	o.files = slices.DeleteFunc(o.files, func(other *openFile) bool { return other == h })
	if len(o.files) > 0 {
		return false
	}
	backing := o.backing
	f.kernel.unregister(backing)
	o.backing = 0
	f.table.drop(h.node)
	return backing != 0
}

// openAttr is stat of a file that is open but no longer what its name leads to.
func (f *fileSystem) openAttr(n *node, a *fuse.Attr) bool {
	file, ok := f.table.opening(n)
	if !ok {
		return false
	}
	defer file.Close()
	info, err := file.Look()
	if err != nil {
		return false
	}
	f.driveAttr(a, n.inode, &info)
	return true
}

// Read is asked only where the kernel does not read the drive's file itself. The bytes go
// from the file to the kernel by splice.
func (f *fileSystem) Read(cancel <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	h := f.files.get(in.Fh)
	switch {
	case h == nil:
		return nil, fuse.EBADF
	case h.file != nil:
		return fuse.ReadResultFd(uintptr(h.file.Fd()), int64(in.Offset), int(in.Size)), fuse.OK
	case h.report == nil:
		return fuse.ReadResultData(nil), fuse.OK
	}
	n, err := h.report.ReadAt(buf, int64(in.Offset))
	if err != nil {
		return nil, f.fail("reading a report", h.node.path, err)
	}
	return fuse.ReadResultData(buf[:n]), fuse.OK
}

// Lseek finds holes and data, so that copying a sparse clip does not read its holes.
func (f *fileSystem) Lseek(cancel <-chan struct{}, in *fuse.LseekIn, out *fuse.LseekOut) fuse.Status {
	h := f.files.get(in.Fh)
	if h == nil || h.file == nil {
		return fuse.EINVAL
	}
	off, err := unix.Seek(h.file.Fd(), int64(in.Offset), int(in.Whence))
	if err != nil {
		return seekError(err)
	}
	out.Offset = uint64(off)
	return fuse.OK
}

// seekError passes on what lseek says of a place behind the end.
func seekError(err error) fuse.Status {
	if err == syscall.ENXIO || err == syscall.EINVAL {
		return fuse.ToStatus(err)
	}
	code, _ := errno(err)
	return fuse.Status(code)
}

// Flush and Fsync have nothing to do.
func (f *fileSystem) Flush(cancel <-chan struct{}, in *fuse.FlushIn) fuse.Status { return fuse.OK }

// Fsync has nothing to do.
func (f *fileSystem) Fsync(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status { return fuse.OK }
