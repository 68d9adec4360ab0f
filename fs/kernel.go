package fs

import (
	"log/slog"
	"runtime"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
)

// kernel is the other side of the mount: what is asked of it, instead of by it.
type kernel struct {
	log    *slog.Logger
	server notifier
	backer backer // nil where the kernel does not read drives itself

	mu      sync.Mutex
	refused map[catalog.DriveID]bool // drives that it does not read itself
}

// notifier tells the kernel to drop what it remembers.
type notifier interface {
	EntryNotify(parent uint64, name string) fuse.Status
	InodeNotify(node uint64, off, length int64) fuse.Status
	PruneNotify(nodes []uint64) fuse.Status
}

// backer is what go-fuse's server is on Linux: files given to it are read by the kernel,
// without a request a read.
type backer interface {
	RegisterBackingFd(*fuse.BackingMap) (int32, syscall.Errno)
	UnregisterBackingFd(id int32) syscall.Errno
}

// introduce learns what the kernel can do. What it reads itself it must be asked for with
// privileges, which one file in memory tells.
func (k *kernel) introduce(server *fuse.Server) {
	k.server = server
	able := server.KernelSettings().Flags64()&fuse.CAP_PASSTHROUGH != 0
	if b, ok := any(server).(backer); ok && able && probe(b) {
		k.backer = b
	}
}

// canBeTold is true where the kernel drops what it remembers when it is told to. macFUSE
// knows no such thing.
func (k *kernel) canBeTold() bool { return k.server != nil && runtime.GOOS == "linux" }

// askAgain has the kernel ask for a node's attributes before it uses them again.
func (k *kernel) askAgain(n *node) {
	if k.canBeTold() {
		k.server.InodeNotify(n.id, attributesAlone, 0)
	}
}

// attributesAlone, in place of an offset, leaves kept pages alone.
const attributesAlone = -1

func (k *kernel) mode() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.backer != nil {
		return ModePassthrough
	}
	return ModeSplice
}

// register has the kernel read a file of a drive itself. 0 means that it does not: the
// user may not ask for it, or the drive's own file system is one in user space.
func (k *kernel) register(d *driveView, fd int) int32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.backer == nil || k.refused[d.id] {
		return 0
	}
	id, no := k.backer.RegisterBackingFd(&fuse.BackingMap{Fd: int32(fd)})
	switch no {
	case 0:
		return id
	case syscall.EPERM, syscall.ENOSYS, syscall.ENOTTY:
		k.backer = nil
	default:
		if k.refused == nil {
			k.refused = make(map[catalog.DriveID]bool)
		}
		k.refused[d.id] = true
	}
	k.log.Info("the kernel does not read this drive itself", "drive", d.id, "error", no)
	return 0
}

func (k *kernel) unregister(id int32) {
	if id == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.backer != nil {
		k.backer.UnregisterBackingFd(id)
	}
}
