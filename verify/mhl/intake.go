package mhl

import (
	"errors"
	"fmt"
	"hash"
	"io"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
	"footagefs/verify/mhl/xml"
)

// intake reads the bytes of a manifest or chain as they lie on the drive, hashes them,
// and refuses more than the limit.
type intake struct {
	r    io.Reader
	hash hash.Hash
	n    int64
	err  error // what ended the input, other than its end
}

func (in *intake) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	n, err := in.r.Read(p)
	in.hash.Write(p[:n])
	in.n += int64(n)
	if err == nil && in.n > maxBytes {
		err = unsafeInput("larger than %d MB", maxBytes>>20)
	}
	if err != nil && err != io.EOF {
		in.err = err
	}
	return n, err
}

// digest is the C4 of what was read.
func (in *intake) digest() string { return checksum.FromBytes(checksum.C4, in.hash.Sum(nil)).Digest }

// failure turns what ended a parse into what its caller is told. The rest of the input
// is read for its digest, unless that is what is too much of it.
func (in *intake) failure(err error, f Format) error {
	var known *Error
	var unread *xml.Error
	switch {
	case errors.As(err, &known):
	case errors.As(err, &unread) && unread.Unsafe:
		known = &Error{Code: finding.ManifestUnsafe, Msg: unread.Msg}
	case errors.As(err, &unread):
		known = &Error{Code: finding.ManifestMalformed, Msg: unread.Msg}
	default:
		if in.err != nil {
			return fmt.Errorf("reading a manifest: %w", in.err)
		}
		known = &Error{Code: finding.ManifestMalformed, Msg: "its text cannot be decoded", Err: err}
	}
	known.Format = f
	if known.Code == finding.ManifestUnsafe {
		return known
	}
	if _, err := io.Copy(io.Discard, in); err == nil {
		known.Digest = in.digest()
	}
	return known
}
