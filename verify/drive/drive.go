// Package drive opens a drive once, beneath its root, and answers for its bytes
// and facts: names, sizes, times, inodes, and who the file system is.
//
// Nothing is written to a drive, and only regular files are opened. A drive that was
// unplugged, unmounted or released is let go of at once and answers ErrGone, never an
// error that could be taken for something about a file.
//
// It knows nothing of rolls, manifests or checksums. Paths are byte strings with
// forward slashes, relative to the drive's root; the root itself is ".". No path
// leads out of the root, through a symbolic link or into another file system.
package drive

import "errors"

// Kind is what lies at a path.
type Kind uint8

const (
	Unknown Kind = iota // listed, and the drive could not look at it
	Regular             // a regular file
	Folder              // a folder of the drive's own file system
	Symlink             // a symbolic link; never followed
	Special             // a FIFO, socket or device; never opened
	Foreign             // what another file system is mounted on; nothing else is said of it
)

// Info is one look at a path (lstat): nothing was read.
type Info struct {
	Kind       Kind
	Size       int64 // bytes
	ModTime    int64 // nanoseconds since the epoch
	ChangeTime int64 // nanoseconds since the epoch
	AccessTime int64 // nanoseconds since the epoch
	Inode      uint64
	Mode       uint32 // st_mode: type and permission bits
	Nlink      uint32
	UID, GID   uint32
	Blocks     int64 // of 512 bytes
}

// Same reports whether two looks are of one unchanged thing: it compares what a change
// moves, and inode numbers only where they last.
func (a Info) Same(b Info, inode bool) bool {
	return a.Kind == b.Kind && a.Size == b.Size && a.ModTime == b.ModTime && a.ChangeTime == b.ChangeTime &&
		(!inode || a.Inode == b.Inode)
}

// Entry is one name in a folder.
type Entry struct {
	Name  string
	Kind  Kind
	Inode uint64
}

// FileSystem says who a drive's file system is and what its facts are worth.
type FileSystem struct {
	// ID is the identity by which the catalog knows the file system again
	// (UUID or server and export, with the device's serial number where known).
	ID string
	// Lasting is false where ID holds only while this mount of it lasts.
	Lasting bool
	// Kind is the file system's type: ext4, exfat, nfs4, fuse.exfat (a FUSE driver of an
	// exFAT device), fuseblk (of a device that we may not read) …
	Kind string
	// Prefix is the path of the drive's root from the file system's root, "." for the root.
	Prefix string
	// Label is the volume label where the drive is the root of its file system, else "".
	Label string
	// Plugged identifies this plug-in of the device (boot and disk sequence number, or mount):
	// an observation made under another one was made before the drive was away.
	Plugged string
	// Serial is true where the device's serial number is part of ID.
	Serial bool
	// Strong is true where change times and inode numbers are kept (ext4, XFS, btrfs, APFS, HFS+).
	Strong bool
	// Local is false for network and FUSE file systems, and for those that no mount table
	// tells of: no leases there, and no catalog.
	Local bool
	// Rotating is true where the device is a rotating disk.
	Rotating bool
	// Device is the kernel's name of the block device (sdb1, loop3), "" where there is none.
	Device string
	// Clone is true where another file system of the same identity is here at the same time:
	// ID is then one of this mount only.
	Clone bool
}

var (
	// ErrGone says that the drive is not here any more: unplugged, unmounted or released.
	ErrGone = errors.New("drive is gone")
	// ErrForeign says that another file system is mounted at the path.
	ErrForeign = errors.New("another file system is mounted there")
	// ErrNotRegular says that what lies at the path is no regular file.
	ErrNotRegular = errors.New("not a regular file")
)
