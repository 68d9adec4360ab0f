package drive

import (
	"errors"
	iofs "io/fs"
	"syscall"
)

// Explain is for errors of files that OpenFile gave out: it says what was being done to
// which path, and is ErrGone where the error comes of the drive's absence, which reading
// an open file shows as EIO.
func (d *Drive) Explain(op, path string, err error) error { return d.explain(op, path, err) }

// explain says what was being done to which path. An error that comes of the drive's
// absence is ErrGone instead: a pulled vfat stick answers ENOENT for everything, which
// must not read as a missing file.
func (d *Drive) explain(op, path string, err error) error {
	if err == nil {
		return nil
	}
	switch {
	case errors.Is(err, ErrGone), d.Gone(), mayBeAbsence(err) && !d.here(err):
		err = ErrGone
	case errors.Is(err, syscall.EXDEV):
		err = ErrForeign
	}
	return &iofs.PathError{Op: op, Path: path, Err: err}
}

// IsShortage is true of errors that say that this process, or the machine, has no more
// descriptors or memory to give at this moment. They say nothing about the drive.
func IsShortage(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// Reason is what an error says that other errors are wrapped around: what happened, without
// what was being done to which path.
func Reason(err error) string {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || u.Unwrap() == nil {
			return err.Error()
		}
		err = u.Unwrap()
	}
}

// mayBeAbsence is true of errors that a drive which is not there any more gives.
func mayBeAbsence(err error) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	switch errno {
	case syscall.ENOENT, syscall.EIO, syscall.ENODEV, syscall.ENXIO, syscall.ESHUTDOWN, syscall.ENOTCONN, syscall.ESTALE:
		return true
	}
	return noMedium(errno)
}
