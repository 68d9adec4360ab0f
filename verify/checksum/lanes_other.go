//go:build !amd64

package checksum

// The standard library hashes one stream at a time.
func md5Lanes() *kernel    { return nil }
func sha512Lanes() *kernel { return nil }
