package drive

import (
	"encoding/hex"
	"path"
	"strings"
)

// facts are what the system tells of a drive's file system, as found.
type facts struct {
	mount  mount
	below  string // the drive's root below the mount's point
	boot   string // changes with each start of the machine
	unique string // the mount's number, of all mounts since boot where the kernel tells it
	uuid   string // canonical, "" where there is none
	label  string
	format string // what the superblock is of, where it was read or the device manager knows
	serial string // of the device
	disk   string // sequence number of the block device's medium
	device string // name of the block device

	rotating bool
	cloned   bool // another file system with this uuid and serial is mounted now
}

// fileSystem says what the facts amount to.
func (f facts) fileSystem() FileSystem {
	fsys := FileSystem{
		Kind:     f.kind(),
		Prefix:   f.prefix(),
		Plugged:  f.boot + ":" + f.unique,
		Device:   f.device,
		Rotating: f.rotating,
	}
	fsys.Local = !remote(fsys.Kind)
	fsys.Strong = strong[fsys.Kind]
	if f.disk != "" {
		fsys.Plugged = f.boot + ":disk:" + f.disk
	}
	if fsys.Prefix == "." {
		fsys.Label = f.label
	}
	f.name(&fsys)
	return fsys
}

// name gives the file system its identity.
func (f facts) name(fsys *FileSystem) {
	once := "mount:" + f.boot + ":" + f.unique
	switch {
	case f.uuid != "":
		fsys.ID, fsys.Lasting = "uuid:"+f.uuid, true
		if f.serial != "" {
			fsys.ID, fsys.Serial = fsys.ID+" serial:"+f.serial, true
		}
		if f.cloned {
			fsys.ID, fsys.Lasting, fsys.Clone = fsys.ID+" "+once, false, true
		}
	case served(fsys.Kind) && f.mount.Source != "":
		fsys.ID, fsys.Lasting = f.mount.Type+":"+f.mount.Source, true
	default:
		fsys.ID = once
	}
}

// kind is the mount's type; for a FUSE driver of a block device with what is on the
// device, which decides how coarse its times are.
func (f facts) kind() string {
	if f.mount.Type == "fuseblk" && f.format != "" {
		return "fuse." + f.format
	}
	if f.mount.Type == "" {
		return unknown
	}
	return f.mount.Type
}

// unknown is the kind of a file system that is in no mount table that we see.
const unknown = "unknown"

// prefix is the drive's path from the root of its file system.
func (f facts) prefix() string {
	if f.mount.Root == "" {
		return "."
	}
	p := strings.TrimPrefix(path.Join(f.mount.Root, f.below), "/")
	if p == "" {
		return "."
	}
	return p
}

// strong are the file systems that keep change times and inode numbers.
var strong = map[string]bool{"ext4": true, "xfs": true, "btrfs": true, "apfs": true, "hfsplus": true}

// servers are the file systems whose files are on another machine. Their source as
// mounted tells them apart.
var servers = map[string]bool{
	"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "smbfs": true, "afs": true, "afpfs": true, "ceph": true,
	"9p": true, "virtiofs": true, "webdav": true, "lustre": true, "orangefs": true, "coda": true, "vboxsf": true, "prl_fs": true,
	"fuse.sshfs": true, "fuse.rclone": true, "fuse.glusterfs": true, "fuse.davfs": true, "fuse.ceph": true, "fuse.vmhgfs-fuse": true,
}

func served(kind string) bool { return servers[kind] }

// remote is true where the kernel does not see every change, or every writer.
func remote(kind string) bool {
	return kind == unknown || served(kind) || strings.HasPrefix(kind, "fuse") || strings.HasPrefix(kind, "macfuse") || strings.HasPrefix(kind, "osxfuse")
}

// canonicalUUID is a UUID or volume number in one spelling, whoever told it: lower-case
// without hyphens. One of zeros only is none.
func canonicalUUID(s string) string {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "-", ""))
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// binaryUUID is canonicalUUID of bytes; four are a volume number in little-endian order, as FAT has it.
func binaryUUID(b []byte) string {
	if len(b) == 4 {
		b = []byte{b[3], b[2], b[1], b[0]}
	}
	return canonicalUUID(hex.EncodeToString(b))
}

// canonicalSerial is a serial number in one spelling: udev has underscores where the
// device has spaces. One sign repeated is what makers leave where they assign none.
func canonicalSerial(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	clean = strings.Join(strings.Fields(strings.ReplaceAll(clean, "_", " ")), "_")
	if clean == "" || strings.Trim(clean, clean[:1]) == "" {
		return ""
	}
	return clean
}
