package drive

import (
	"errors"
	"syscall"
)

// Attributes are small; the kernel allows 64 KiB of names and of a value.
const (
	usualXattr   = 512
	largestXattr = 64 << 10
)

// growing calls get with a buffer, and with the largest there can be where that was too small.
func growing(get func([]byte) (int, error)) ([]byte, error) {
	for size := usualXattr; ; {
		buf := make([]byte, size)
		n, err := get(buf)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.ERANGE) && size < largestXattr:
			size = largestXattr
		case err != nil:
			return nil, err
		default:
			return buf[:n], nil
		}
	}
}
