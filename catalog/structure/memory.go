package structure

import (
	"context"
	"errors"
	iofs "io/fs"
	"slices"
	"syscall"
	"time"

	"footagefs/verify/drive"
)

// What is kept of a folder's listing, and of all of them.
const (
	keptFolders = 10_000  // sub-folders, links and the like of one folder
	keptFiles   = 1_000   // manifests of one folder, and other files of it
	keptEntries = 500_000 // of all folders together: some 40 MB
	smallFolder = 64      // entries that are kept whatever they are
)

// unsettled is how young a folder's times may be for its listing not to be believed the
// next time: a file system's clock has steps, and a change within one moves nothing.
const unsettled = 5 * time.Second

// believed is how long a listing is believed: that another file system was mounted on a
// folder in it, or unmounted, moves nothing.
const believed = 10 * time.Minute

// listing is what is kept of one look at a folder.
type listing struct {
	stamp   stamp
	entries []drive.Entry // sorted by the bytes of the names
	// moreFolders and moreFiles count what is not kept of a large folder. Litter is not kept
	// and not counted.
	moreFolders, moreFiles int
	// trimmed says that plain files were let go of: entries has one media file if there
	// is any, and the manifests.
	trimmed bool
	until   int64  // it can be believed so long, while the stamp is the same: ns since the epoch
	sum     uint64 // of all names and kinds, and of inode numbers where they last
	err     error  // why it could not be listed again: it is that of an earlier scan
}

// stamp is what moves when a folder's listing does.
type stamp struct {
	modTime, changeTime int64
	inode               uint64
}

// sum is a number that moves when the stamp does.
func (at stamp) sum() uint64 {
	sum := drive.NoFacts
	for _, n := range []uint64{uint64(at.modTime), uint64(at.changeTime), at.inode} {
		for ; n > 0; n >>= 8 {
			sum = sum.Add(n & 0xff)
		}
		sum = sum.Add(0)
	}
	return uint64(sum)
}

// countsFolders are the file systems on which a folder has two links and one more for each
// folder in it.
var countsFolders = map[string]bool{"ext2": true, "ext3": true, "ext4": true, "xfs": true}

// lastStat is the last stat of a scan: a folder that may be a roll is asked for twice in a row.
type lastStat struct {
	path string
	info drive.Info
	err  error
}

// stat looks at a path itself; what is no folder of this file system is an error.
func (s *Scanner) stat(ctx context.Context, path string) (drive.Info, error) {
	if s.last.path == path {
		return s.last.info, s.last.err
	}
	if err := ctx.Err(); err != nil {
		return drive.Info{}, err
	}
	s.looks++
	info, err := s.statIn(path)
	switch {
	case errors.Is(err, iofs.ErrPermission) && path != ".":
		err = &shutError{err}
	case err != nil:
		err = refusal(err)
	case info.Kind == drive.Foreign:
		err = drive.ErrForeign
	case info.Kind != drive.Folder:
		err = errVanished
	}
	s.last = lastStat{path, info, err}
	return info, err
}

// statIn looks at a path from its folder, which stays open for the next look: that is one
// call of the kernel for each roll of a folder, not three.
func (s *Scanner) statIn(path string) (drive.Info, error) {
	folder, name := drive.Split(path)
	if name == "." {
		return s.drive.Stat(path)
	}
	if s.open == nil || s.openPath != folder {
		s.letGo()
		dir, err := s.drive.OpenDir(folder)
		if err != nil {
			return s.drive.Stat(path) // what cannot be listed may let through
		}
		s.open, s.openPath = dir, folder
	}
	return s.open.Stat(name)
}

// letGo closes the folder that statIn left open: it would keep the drive busy.
func (s *Scanner) letGo() {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
}

// refusal is the drive's error, or that the path is not there any more.
func refusal(err error) error {
	if errors.Is(err, iofs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return errVanished
	}
	return err
}

// shutError says that we may not look at what is in the folder in which a path lies. The right
// to do so is the folder's, whichever name in it was asked for.
type shutError struct{ err error }

func (e *shutError) Error() string { return e.err.Error() }
func (e *shutError) Unwrap() error { return e.err }

func isShut(err error) bool {
	var shut *shutError
	return errors.As(err, &shut)
}

// errVanished says that a folder that was listed is not there any more.
var errVanished = errors.New("it is not there any more")

// look lists a folder, from memory where its times say that nothing changed; it costs one
// stat then. A folder is looked at once a scan. Where the drive refuses, the listing of an
// earlier scan comes with the error, nil where there is none.
func (s *Scanner) look(ctx context.Context, path string) (*listing, error) {
	if l := s.seen[path]; l != nil {
		return l, l.err
	}
	info, err := s.stat(ctx, path)
	if err != nil {
		return s.fallBack(path, err)
	}
	at := stampOf(info)
	if old := s.known[path]; old != nil && old.stamp == at && s.now().UnixNano() < old.until {
		s.remember(path, old)
		return old, nil
	}
	l, err := s.read(path, at)
	if err != nil {
		return s.fallBack(path, refusal(err))
	}
	s.remember(path, l)
	return l, nil
}

// RootSum is a roll's where nothing is known of its root but how the folder looks.
func RootSum(folder drive.Info) uint64 { return stampOf(folder).sum() }

func stampOf(info drive.Info) stamp { return stamp{info.ModTime, info.ChangeTime, info.Inode} }

// lookWhole is look for a folder of which all files matter.
func (s *Scanner) lookWhole(ctx context.Context, path string) (*listing, error) {
	l, err := s.look(ctx, path)
	if err != nil || !l.trimmed {
		return l, err
	}
	whole, err := s.read(path, l.stamp)
	if err != nil {
		return l, err
	}
	s.remember(path, whole)
	return whole, nil
}

// fallBack answers for a folder that cannot be looked at: with what was known of it, where
// the drive only refused to read it.
func (s *Scanner) fallBack(path string, err error) (*listing, error) {
	old := s.known[path]
	for _, final := range []error{errVanished, drive.ErrGone, drive.ErrForeign, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, final) {
			return nil, err
		}
	}
	if old == nil {
		return nil, err
	}
	doubtful := *old
	doubtful.until, doubtful.err = 0, err
	s.remember(path, &doubtful)
	return &doubtful, err
}

// read lists a folder. Its stamp was taken before, so that what changes meanwhile is seen
// by the next look.
func (s *Scanner) read(path string, at stamp) (*listing, error) {
	s.reads++
	now := s.now().UnixNano()
	entries, err := s.drive.ReadDir(path)
	if err != nil {
		return nil, err
	}
	l := s.keep(entries)
	l.stamp = at
	if s.strong && now-max(at.modTime, at.changeTime) >= int64(unsettled) {
		l.until = now + int64(believed)
	}
	return l, nil
}

// keep makes a listing of all entries of a folder.
func (s *Scanner) keep(entries []drive.Entry) *listing {
	l := &listing{sum: sumOf(entries, s.strong)}
	manifests, files, others, media := 0, 0, 0, false
	for _, e := range entries {
		switch {
		case IsManifest(e):
			if manifests++; manifests > keptFiles {
				continue
			}
		case e.Kind != drive.Regular:
			if others++; others > keptFolders {
				l.moreFolders++
				continue
			}
		case s.profile.Litter(e.Name):
			continue
		default:
			first := !media && s.profile.MediaFile(e.Name)
			media = media || first
			if files++; files > keptFiles && !first {
				l.moreFiles++
				continue
			}
		}
		l.entries = append(l.entries, e)
	}
	l.entries = slices.Clip(l.entries)
	return l
}

// trim lets go of the files of a large folder that do not decide anything: a roll may have
// 48,000 of them.
func (s *Scanner) trim(path string, l *listing) *listing {
	if l.trimmed || len(l.entries) <= smallFolder {
		return l
	}
	t := *l
	t.entries = nil
	media := false
	for _, e := range l.entries {
		plain := e.Kind == drive.Regular && !IsManifest(e)
		if plain && (media || !s.profile.MediaFile(e.Name)) {
			continue
		}
		media = media || plain
		t.entries = append(t.entries, e)
	}
	t.trimmed = len(t.entries) < len(l.entries) || l.moreFiles > 0
	t.entries = slices.Clip(t.entries)
	s.remember(path, &t)
	return &t
}

// remember keeps a listing for this scan and the next, as far as memory is given to it.
func (s *Scanner) remember(path string, l *listing) {
	if old := s.seen[path]; old != nil {
		s.held -= len(old.entries) + 1
		delete(s.seen, path)
	}
	if s.held+len(l.entries)+1 > keptEntries {
		return
	}
	s.held += len(l.entries) + 1
	s.seen[path] = l
}

// sumOf is a number that moves when a listing does.
func sumOf(entries []drive.Entry, inodes bool) uint64 {
	sum := drive.NoFacts
	for i := range entries {
		e := &entries[i]
		sum = sum.Text(e.Name).Add(0) // ends the name: no name has a NUL
		sum = sum.Add(uint64(e.Kind))
		if inodes {
			sum = sum.Add(e.Inode)
		}
	}
	return uint64(sum)
}
