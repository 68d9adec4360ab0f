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
	buf := make([]byte, usualXattr)
	n, err := get(buf)
	if errors.Is(err, syscall.ERANGE) {
		buf = make([]byte, largestXattr)
		n, err = get(buf)
	}
	if err != nil {
		return nil, err
	}
	return buf[:n], nil
}
