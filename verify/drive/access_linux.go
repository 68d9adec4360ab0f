package drive

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errNoXattr says that there is no attribute of that name.
const errNoXattr = unix.ENODATA

// listName is the attribute in which Linux tells of an access control list.
const listName = "system.posix_acl_access"

// list reads the access control list of what lies at a path.
func (d *Drive) list(path string) ([]byte, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	root, err := d.reach()
	if err != nil {
		return nil, err
	}
	defer d.leave(root)
	if path == "." {
		list, err := listIn(root, ".")
		d.listless.Store(errors.Is(err, unix.ENOTSUP))
		return list, err
	}
	folder, name := Split(path)
	if folder == "." {
		return listIn(root, name)
	}
	fd, err := openBeneath(root, folder, folderOnly)
	if err != nil {
		return nil, err
	}
	defer closeFD(fd)
	return listIn(fd, name)
}

// list reads the access control list of a name in the folder.
func (f *Dir) list(name string) ([]byte, error) {
	if err := checkEntry(name); err != nil {
		return nil, err
	}
	if !f.use() {
		return nil, ErrGone
	}
	defer f.done()
	return listIn(f.fd, name)
}

// listAt reads the list of what lies at a path of the whole system.
func listAt(path string) ([]byte, error) {
	return growing(func(b []byte) (int, error) { return unix.Lgetxattr(path, listName, b) })
}

// noGetxattrat is set where the kernel does not know the call (before 6.13).
var noGetxattrat atomic.Bool

// listIn reads the list of a name in the folder fd.
func listIn(fd int, name string) ([]byte, error) {
	if !noGetxattrat.Load() {
		list, err := getxattrat(fd, name)
		if err != unix.ENOSYS && err != unix.EPERM && err != unix.ERANGE {
			return list, err
		}
		if err == unix.ENOSYS {
			noGetxattrat.Store(true)
		}
	}
	return listAt("/proc/self/fd/" + strconv.Itoa(fd) + "/" + name)
}

// xattrArgs is the kernel's struct xattr_args, with room for a list that names a hundred.
// It must not move while the kernel writes to it, hence never lies on a stack.
type xattrArgs struct {
	value uint64
	size  uint32
	flags uint32
	buf   [1 << 10]byte
}

var xattrArgsPool = sync.Pool{New: func() any { return new(xattrArgs) }}

var listNameBytes = []byte(listName + "\x00")

func getxattrat(fd int, name string) ([]byte, error) {
	path, err := unix.BytePtrFromString(name)
	if err != nil {
		return nil, err
	}
	args := xattrArgsPool.Get().(*xattrArgs)
	defer xattrArgsPool.Put(args)
	// Most have none, which is sooner said where there is no room for an answer.
	n, err := args.ask(fd, path, 0)
	if err == nil && n > 0 {
		n, err = args.ask(fd, path, len(args.buf))
	}
	if err != nil {
		return nil, err
	}
	return append([]byte(nil), args.buf[:n]...), nil
}

func (args *xattrArgs) ask(fd int, path *byte, room int) (int, error) {
	args.value, args.size = uint64(uintptr(unsafe.Pointer(&args.buf[0]))), uint32(room)
	for {
		n, _, errno := unix.Syscall6(unix.SYS_GETXATTRAT, uintptr(fd), uintptr(unsafe.Pointer(path)),
			unix.AT_SYMLINK_NOFOLLOW, uintptr(unsafe.Pointer(&listNameBytes[0])),
			uintptr(unsafe.Pointer(args)), unsafe.Offsetof(args.buf))
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
			continue
		}
		return 0, errno
	}
}

// oneUsers is the user whom the drive's FUSE driver answers alone, as one without
// allow_other does.
func (d *Drive) oneUsers() (uint32, bool) {
	if d.mount.ID == 0 || !strings.HasPrefix(d.mount.Type, "fuse") {
		return 0, false
	}
	return userOf(d.mount.Super)
}
