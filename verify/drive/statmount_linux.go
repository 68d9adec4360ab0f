package drive

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Mounts have two numbers. That of the table of mounts is given to the next mount as soon as
// it is free: a drive that was unmounted and is mounted again has the one that it had. The
// other is of one mount alone until the system ends; the kernel tells of it since 6.8.

// mountRequest is the kernel's struct mnt_id_req in its first version.
type mountRequest struct {
	size  uint32
	spare uint32
	id    uint64
	param uint64
}

const (
	statmountMount = 2         // facts of the mount
	allMounts      = 1<<64 - 1 // LSMT_ROOT: of this process's namespace
)

// askMounts calls statmount or listmount and returns its result.
func askMounts(call uintptr, id, param uint64, answer unsafe.Pointer, size int) (int, unix.Errno) {
	request := mountRequest{id: id, param: param}
	request.size = uint32(unsafe.Sizeof(request))
	for {
		n, _, errno := unix.Syscall6(call, uintptr(unsafe.Pointer(&request)), uintptr(answer), uintptr(size), 0, 0, 0)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

// mountThere asks whether the mount with a unique number is still there; known is false
// where the kernel cannot be asked. The mount itself is not touched: what is on it may hang,
// and its user may be about to unmount it.
func mountThere(id uint64) (there, known bool) {
	_, errno := statMount(id)
	return errno == 0, errno == 0 || errno == unix.ENOENT
}

// statMount is the number that a mount has in the table.
func statMount(id uint64) (number int, errno unix.Errno) {
	const numberAt = 56 // in a struct statmount
	var answer [1024]byte
	_, errno = askMounts(unix.SYS_STATMOUNT, id, statmountMount, unsafe.Pointer(&answer), len(answer))
	return int(binary.NativeEndian.Uint32(answer[numberAt:])), errno
}

// uniqueMounts are the unique numbers of mounts by their numbers in the table, as far as the
// kernel tells.
func uniqueMounts() map[int]uint64 {
	unique := map[int]uint64{}
	var ids [256]uint64
	for last := uint64(0); ; {
		n, errno := askMounts(unix.SYS_LISTMOUNT, allMounts, last, unsafe.Pointer(&ids), len(ids))
		if errno != 0 || n <= 0 {
			return unique
		}
		for _, last = range ids[:n] {
			if number, errno := statMount(last); errno == 0 {
				unique[number] = last
			}
		}
	}
}
