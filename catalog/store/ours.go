package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Which files are ours. A mistyped name must not cost a file of somebody else's: until a
// file is known to be a catalog, SQLite does not see it, since it writes journals beside a
// database and applies those that it finds there.

var (
	errForeign   = errors.New("it is the SQLite file of another program")
	errNoCatalog = errors.New("it is no footagefs catalog")
	errOthers    = errors.New("it belongs to another user")
	errLink      = errors.New("it is a symbolic link")
	errNoFile    = errors.New("it is no file")
)

// checkFile refuses what lies at path and is no catalog of this user's. It passes where
// there is nothing yet, or what a footagefs that was stopped had begun.
func checkFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return checkBeside(path)
	case err != nil:
		return fmt.Errorf("looking at the catalog: %w", err)
	case info.IsDir():
		return nil // opening it tells
	case info.Mode()&os.ModeSymlink != 0:
		return &os.PathError{Op: "open", Path: path, Err: errLink}
	case !info.Mode().IsRegular():
		return &os.PathError{Op: "open", Path: path, Err: errNoFile}
	case !ownedByUs(info) && !ownedByRoot(info):
		return errOthers
	case isDefaultPlace(path):
		return nil // whatever it is, it was a catalog
	case info.Size() == 0 && !closedToOthers(info):
		return fmt.Errorf("%w, but an empty file", errNoCatalog)
	case info.Size() == 0:
		return checkBeside(path)
	}
	h, err := readHeader(path)
	switch {
	case err != nil:
		return fmt.Errorf("reading the catalog: %w", err)
	case !h.isSQLite():
		return errNoCatalog
	case h.application() == applicationID, h.isEmpty() && closedToOthers(info):
		return nil
	}
	return errForeign
}

// wasCatalog is true where a file that is damaged surely was a catalog, and so may be
// renamed: by its place, or by the mark that a catalog bears from its first byte on.
func wasCatalog(path string) bool {
	if isDefaultPlace(path) {
		return true
	}
	h, err := readHeader(path)
	return err == nil && h.isSQLite() && h.application() == applicationID
}

// closedToOthers is true of a file as createFile makes it.
func closedToOthers(info os.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// header is the beginning of an SQLite file, https://www.sqlite.org/fileformat2.html: 100
// bytes, then the first page's own header.
type header [108]byte

func readHeader(path string) (h header, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|oNoFollow, 0)
	if err != nil {
		return h, err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, h[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return header{}, nil
	} else if err != nil {
		return h, err
	}
	return h, nil
}

func (h *header) isSQLite() bool { return bytes.HasPrefix(h[:], []byte("SQLite format 3\x00")) }

func (h *header) application() uint32 { return binary.BigEndian.Uint32(h[68:]) }

// isEmpty is true of a database without a table, as a stopped footagefs of old has left it.
func (h *header) isEmpty() bool {
	pages, cells := binary.BigEndian.Uint32(h[28:]), binary.BigEndian.Uint16(h[103:])
	return h.isSQLite() && h.application() == 0 && pages <= 1 && cells == 0
}

// beside are the files that SQLite keeps next to a database, and how they begin.
var beside = map[string][][]byte{
	"-wal":     {{0x37, 0x7f, 0x06, 0x82}, {0x37, 0x7f, 0x06, 0x83}},
	"-journal": {{0xd9, 0xd5, 0x05, 0xf9}, {0, 0, 0, 0}},
	"-shm":     {{0x18, 0xe2, 0x2d, 0}, {0, 0x2d, 0xe2, 0x18}, {0, 0, 0, 0}},
}

// checkBeside refuses a place beside which files lie that SQLite would take for its own and
// remove, and that are not.
func checkBeside(path string) error {
	for suffix, beginnings := range beside {
		name := path + suffix
		info, err := os.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || !info.Mode().IsRegular() || !ownedByUs(info) || info.Size() > 0 && !beginsWith(name, beginnings) {
			return fmt.Errorf("%s lies beside it and is not a catalog's", filepath.Base(name))
		}
	}
	return nil
}

func beginsWith(path string, beginnings [][]byte) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|oNoFollow, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [4]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return false
	}
	for _, want := range beginnings {
		if bytes.Equal(b[:], want) {
			return true
		}
	}
	return false
}
