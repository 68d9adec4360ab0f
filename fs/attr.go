package fs

import (
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/verify/drive"
)

// How long the kernel may believe what it was told without asking again.
const (
	shortWhile = time.Second   // where no watch would tell us of a change
	longWhile  = time.Hour     // where one does, and the kernel is told in turn
	blockSize  = 4096          // bytes; what stat suggests, and df counts in
	permission = uint32(0o777) // the bits of a mode that are shown: no setuid, setgid, sticky
)

// owner says whose files are, and with which permissions, where that was asked for.
type owner struct {
	uid, gid *uint32
	umask    *uint32
}

// apply puts asked-for owners in the place of the drive's, and takes permissions away. Whom
// it names has what the drive's owner or group has; others get nothing by it: the drive's
// owner and group count as others now, and others may what those may, at most.
func (o owner) apply(a *fuse.Attr) {
	if a.IsSymlink() {
		o.name(a)
		return
	}
	owner, group, other := a.Mode>>6&7, a.Mode>>3&7, a.Mode&7
	if o.uid != nil && *o.uid != a.Uid {
		owner, group, other = owner|other, group&owner, other&owner
	}
	if o.gid != nil && *o.gid != a.Gid {
		other &= group
	}
	a.Mode = a.Mode&^permission | owner<<6 | group<<3 | other
	if o.umask != nil {
		a.Mode &^= *o.umask & permission
	}
	o.name(a)
}

func (o owner) name(a *fuse.Attr) {
	if o.uid != nil {
		a.Uid = *o.uid
	}
	if o.gid != nil {
		a.Gid = *o.gid
	}
}

// driveAttr is what stat says of a file or folder on a drive.
func (f *fileSystem) driveAttr(a *fuse.Attr, inode uint64, info *drive.Info) {
	*a = fuse.Attr{
		Ino:     inode,
		Size:    uint64(info.Size),
		Blocks:  uint64(info.Blocks),
		Mode:    info.Mode & permission,
		Nlink:   max(info.Nlink, 1),
		Blksize: blockSize,
	}
	a.Uid, a.Gid = info.UID, info.GID
	a.Atime, a.Atimensec = seconds(info.AccessTime)
	a.Mtime, a.Mtimensec = seconds(info.ModTime)
	a.Ctime, a.Ctimensec = seconds(info.ChangeTime)
	if info.Kind == drive.Regular {
		a.Mode |= fuse.S_IFREG
	} else {
		a.Mode |= fuse.S_IFDIR
		a.Nlink = max(info.Nlink, 2) // file systems without link counts say 1
	}
	f.owner.apply(a)
}

// ownAttr is what stat says of what lies on no drive.
func (f *fileSystem) ownAttr(a *fuse.Attr, inode uint64, mode uint32, size int64, changed time.Time) {
	*a = fuse.Attr{Ino: inode, Size: uint64(size), Blocks: uint64(size+511) / 512, Mode: mode, Nlink: 1, Blksize: blockSize}
	a.Uid, a.Gid = f.uid, f.gid
	a.SetTimes(&changed, &changed, &changed)
	f.owner.apply(a)
}

// awayAttr is what stat says of the top folder of a drive, or of a roll, that is away.
func (f *fileSystem) awayAttr(a *fuse.Attr, inode uint64) {
	f.ownAttr(a, inode, fuse.S_IFDIR|0o555, 0, f.started)
	a.Nlink = 2
}

// barredAttr is what stat says of the top folder of a roll that cannot be looked at. Who may
// look at it is not known, so nobody but the mount's owner may.
func (f *fileSystem) barredAttr(a *fuse.Attr, inode uint64) {
	f.awayAttr(a, inode)
	a.Mode = fuse.S_IFDIR | a.Mode&0o700
}

// seconds splits nanoseconds since the epoch; before it, too.
func seconds(nanoseconds int64) (sec uint64, nsec uint32) {
	s, n := nanoseconds/1e9, nanoseconds%1e9
	if n < 0 {
		s, n = s-1, n+1e9
	}
	return uint64(s), uint32(n)
}

// nanoseconds is when a file was last modified, as seconds split it.
func nanoseconds(a *fuse.Attr) int64 { return int64(a.Mtime)*1e9 + int64(a.Mtimensec) }
