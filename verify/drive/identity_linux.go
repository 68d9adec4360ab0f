package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// identify finds out who the file system is that the folder fd, below the mount m, is in.
func (s system) identify(fd int, m mount, below string, table []mount) FileSystem {
	f := facts{mount: m, below: below, boot: s.text(s.path("proc/sys/kernel/random/boot_id")), unique: uniqueMount(fd)}
	dev, onDevice := s.deviceOf(m)
	ask, done := askable(fd, m)
	defer done()
	f.uuid = kernelUUID(ask)
	f.label = kernelLabel(ask)
	if onDevice {
		f.device, f.disk, f.serial, f.rotating = dev.name(), dev.sequence(), dev.serial(), dev.rotating()
		f.askDevice(dev)
		f.cloned = f.uuid != "" && s.cloned(f, dev, table)
	}
	return f.fileSystem()
}

// askable is a descriptor by which the file system that fd is on can be asked for its name:
// fd itself, or the mount's own root where the folder could not be opened for more than its
// path (openRoot). The drive must be known as who it is all the same.
func askable(fd int, m mount) (ask int, done func()) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_PATH == 0 {
		return fd, func() {}
	}
	root, err := unix.Open(m.Point, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return fd, func() {}
	}
	a, errA := deviceID(fd)
	b, errB := deviceID(root)
	if errA != nil || errB != nil || a != b { // another mount lies over it
		closeFD(root)
		return fd, func() {}
	}
	return root, func() { closeFD(root) }
}

// askDevice takes from the device manager's records, then from the superblock, what the
// kernel did not tell.
func (f *facts) askDevice(dev device) {
	f.format = dev.udev["ID_FS_TYPE"]
	if !strings.HasPrefix(f.mount.Type, "fuse") {
		f.format = f.mount.Type
	}
	if f.uuid == "" {
		f.uuid = canonicalUUID(dev.udev["ID_FS_UUID"])
	}
	if f.label == "" {
		f.label = decodeUdev(dev.udev["ID_FS_LABEL_ENC"])
	}
	if f.uuid != "" && f.label != "" && f.format != "" {
		return
	}
	sb := dev.superblock()
	f.uuid, f.label, f.format = either(f.uuid, sb.uuid), either(f.label, sb.label), either(f.format, sb.format)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// superblock reads the device's, where we may.
func (d device) superblock() superblock {
	file, err := d.openNode()
	if err != nil {
		return superblock{}
	}
	defer file.Close()
	return readSuperblock(file)
}

// openNode opens the device by its name, if that is still the device of this number.
func (d device) openNode() (*os.File, error) {
	name := strings.ReplaceAll(d.name(), "!", "/")
	fd, err := unix.Open(filepath.Join("/dev", name), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFBLK || deviceNumber(st.Rdev) != d.number {
		closeFD(fd)
		return nil, unix.ENODEV
	}
	return os.NewFile(uintptr(fd), name), nil
}

// cloned is true where another device with the same UUID and serial number is mounted.
func (s system) cloned(f facts, dev device, table []mount) bool {
	seen := map[string]bool{dev.number: true}
	for _, m := range table {
		other, ok := s.deviceOf(m)
		if !ok || seen[other.number] {
			continue
		}
		seen[other.number] = true
		// The serial numbers first: they cost no reading of a device that may be slow or dead.
		if other.serial() == f.serial && other.uuid(m) == f.uuid {
			return true
		}
	}
	return false
}

// uuid is that of the file system on another device, mounted as m.
func (d device) uuid(m mount) string {
	if uuid := canonicalUUID(d.udev["ID_FS_UUID"]); uuid != "" {
		return uuid
	}
	if sb := d.superblock(); sb.uuid != "" {
		return sb.uuid
	}
	fd, err := unix.Open(m.Point, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer closeFD(fd)
	return kernelUUID(fd)
}

// Requests that x/sys does not name.
const (
	fsIocGetFSUUID   = 0x80111500 // struct fsuuid2: length, then 16 bytes
	fsIocGetFSLabel  = 0x81009431 // char[256]
	btrfsIocFSInfo   = 0x8400941f // 1 KiB, the file system's UUID at 16
	statxMountUnique = unix.STATX_MNT_ID_UNIQUE
)

// kernelUUID asks the file system that fd is on for its UUID.
func kernelUUID(fd int) string {
	var answer [17]byte
	if ioctl(fd, fsIocGetFSUUID, answer[:]) == nil && answer[0] <= 16 {
		if uuid := binaryUUID(answer[1 : 1+answer[0]]); uuid != "" {
			return uuid
		}
	}
	var st unix.Statfs_t
	if unix.Fstatfs(fd, &st) != nil || int64(st.Type) != unix.BTRFS_SUPER_MAGIC {
		return ""
	}
	var info [1024]byte
	if ioctl(fd, btrfsIocFSInfo, info[:]) != nil {
		return ""
	}
	return binaryUUID(info[16:32])
}

// kernelLabel asks the file system that fd is on for its label.
func kernelLabel(fd int) string {
	var label [256]byte
	if ioctl(fd, fsIocGetFSLabel, label[:]) != nil {
		return ""
	}
	return cString(label[:])
}

func ioctl(fd int, request uintptr, answer []byte) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&answer[0])))
	if errno != 0 {
		return errno
	}
	return nil
}

// uniqueMount is a number of the mount that fd is on that no other mount since boot has
// had (Linux 6.8), else all that is known to tell it from others.
func uniqueMount(fd int) string {
	var st unix.Statx_t
	if err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, statxMountUnique, &st); err == nil && st.Mask&statxMountUnique != 0 {
		return strconv.FormatUint(st.Mnt_id, 10)
	}
	var fsys unix.Statfs_t
	_ = unix.Fstatfs(fd, &fsys) // zeros where it fails, as file systems without an identifier answer
	dev, _ := deviceID(fd)
	return fmt.Sprintf("%d.%s.%x", mountID(fd), deviceNumber(dev), uint32(fsys.Fsid.Val[0]))
}
