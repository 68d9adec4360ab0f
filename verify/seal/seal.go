// Package seal writes manifests: a generation of a roll's ASC MHL with those of the histories
// nested in it, or an MHL 1.1.
//
// It is one of the two rooms that write to drives. What the files are worth it asks verify,
// how a manifest is spelled verify/mhl; it knows no rolls but the folder it is given, no
// catalog and no mount.
package seal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// Options say how a roll's manifest is written.
type Options struct {
	// Algorithms of the checksums that are recorded; none means XXH64, or with Record those
	// that are recorded already.
	Algorithms []checksum.Algorithm
	Legacy     bool // write an MHL 1.1, not an ASC MHL
	Also       bool // although there is a manifest beside which post may refuse another
	// RecordFailed records files that do not verify as failed, where else nothing is written.
	RecordFailed bool
	// Record appends what a verification found to the roll's history: only of files that it
	// lists and that were read, failures included.
	Record bool

	Author, Location, Comment string
	Tool, Version             string

	// Litter reports whether operating systems leave files and folders of this name; Ignore
	// are the same names as lines of a .gitignore, written to the manifest's ignore list.
	Litter func(name string) bool
	Ignore []string

	// Load parses a manifest; nil reads it from the drive.
	Load mhl.Loader
	// Known gives the checksums of a file, by its path in the roll, where they are known, and
	// the look that they belong to: they count while the file still looks so (kind, size,
	// times and, where it lasts, inode). nil: nothing is known. With Record only what is
	// known is recorded, unless Known is nil.
	Known func(path string) ([]checksum.Sum, drive.Info, bool)

	Read verify.Options   // how files are read
	Now  func() time.Time // nil: the clock

	step func(string) error // tests end the process's life after a step of writing
}

// Result is what became of one file.
type Result struct {
	Path string // relative to the roll
	verify.Verdict
	Action mhl.Action // what it is recorded as, "" where it is not
}

// Report is what was written.
type Report struct {
	Manifest   string   // the roll's new manifest, relative to the roll; "" where none was written
	Generation int      // 0 for MHL 1.1
	Written    []string // all new manifests, with those of nested histories
	Files      int      // files recorded
	Bytes      int64
	Failed     int               // of them, recorded as failed
	Findings   []finding.Finding // what could not be recorded
}

// RefusedError says why nothing was written and what to do about it.
type RefusedError struct{ Roll, Why, Do string }

func (e *RefusedError) Error() string { return e.Roll + ": " + e.Why + "; " + e.Do }

var (
	// ErrNoHistory says that a verification cannot be recorded: there is no ASC MHL to append to.
	ErrNoHistory = errors.New("it has no ASC MHL that a verification could be recorded in")
	// ErrNothingToRecord says that nothing was verified that could be recorded.
	ErrNothingToRecord = errors.New("nothing of it was verified")
)

// Write writes a roll's manifest: the first or next generation of its ASC MHL and of the
// histories nested in it, or an MHL 1.1. roll is its folder relative to the drive. Every
// file is read, as far as its checksums are not known, and held against what is recorded
// of it; a roll that does not verify, or changes meanwhile, is refused with a
// *RefusedError. each is called with every file's result as it comes, one at a time.
//
// A crash at any instant leaves the
// manifests as they were or as they shall be.
func Write(ctx context.Context, d *drive.Drive, roll string, o Options, each func(Result)) (*Report, error) {
	s := newSealer(d, roll, o, each)
	defer s.close()
	for _, do := range []func(context.Context) error{s.open, s.look, s.compare, s.admit, s.read, s.unchanged, s.plan, s.write} {
		if err := do(ctx); err != nil {
			var refused *RefusedError
			if errors.As(err, &refused) {
				return nil, err
			}
			return nil, fmt.Errorf("sealing %s: %w", s.name, err)
		}
	}
	return &s.report, nil
}

// sealer seals one roll.
type sealer struct {
	d     *drive.Drive
	roll  string // relative to the drive
	name  string // of its folder
	o     Options
	each  func(Result)
	stamp time.Time // the start, in all names and dates

	dir   *os.File // the roll's, to write in; locked
	files []mhl.File
	looks map[string]drive.Info // of files and folders

	histories []*mhl.Source // outermost first
	compared  *mhl.Comparison
	sealed    []*sealedFile // by path
	targets   []*target     // of an ASC MHL: outermost first
	byScope   map[string]*target
	legacy    []byte // the MHL 1.1
	report    Report
}

// sealedFile is a file that is to be recorded.
type sealedFile struct {
	item       *mhl.Item
	algorithms []checksum.Algorithm
	sums       []checksum.Sum
	at         time.Time // of the reading, zero where it was before
	verdict    verify.Verdict
	hashes     []mhl.Hash // as they are recorded
}

func newSealer(d *drive.Drive, roll string, o Options, each func(Result)) *sealer {
	s := &sealer{d: d, roll: roll, name: path.Base(path.Clean(roll)), o: o, each: each, byScope: map[string]*target{}}
	if s.name == "." {
		s.name = path.Base(d.Dir())
	}
	if s.o.Now == nil {
		s.o.Now = time.Now
	}
	if len(o.Algorithms) == 0 && !o.Record {
		s.o.Algorithms = []checksum.Algorithm{checksum.XXH64}
	}
	if s.each == nil {
		s.each = func(Result) {}
	}
	s.stamp = s.o.Now().UTC().Truncate(time.Second)
	return s
}

func (s *sealer) refuse(why, do string) error { return &RefusedError{s.name, why, do} }

// onDrive is a path of the roll as the drive has it.
func (s *sealer) onDrive(p string) string { return path.Join(s.roll, p) }

// look walks the roll. What cannot be looked at cannot be sealed.
func (s *sealer) look(ctx context.Context) error {
	files, looks, err := s.walk(ctx)
	s.files, s.looks = files, looks
	return err
}

func (s *sealer) walk(ctx context.Context) ([]mhl.File, map[string]drive.Info, error) {
	var files []mhl.File
	looks := map[string]drive.Info{}
	err := s.d.Walk(ctx, s.roll, func(p string, info drive.Info, err error) error {
		if s.roll != "." {
			p = p[min(len(s.roll)+1, len(p)):]
		}
		switch {
		case errors.Is(err, drive.ErrGone):
			return err
		case err != nil && info.Kind != drive.Foreign && s.litter(p):
			return nil // nothing of it is sealed
		case err != nil && info.Kind != drive.Foreign:
			return s.refuse(p+" cannot be read", "check the drive ("+err.Error()+")")
		case info.Kind == drive.Foreign:
			return s.refuse("another file system is mounted at "+p, "unmount it, or seal it as a roll of its own")
		}
		files = append(files, mhl.File{Path: p, Kind: info.Kind, Size: info.Size})
		looks[p] = info
		return nil
	})
	slices.SortFunc(files, func(a, b mhl.File) int { return strings.Compare(a.Path, b.Path) })
	return files, looks, err
}

// unchanged looks at everything again: a manifest is of one state of its roll.
func (s *sealer) unchanged(ctx context.Context) error {
	files, looks, err := s.walk(ctx)
	if err != nil {
		return err
	}
	inode := s.d.FileSystem().Strong
	for _, f := range files {
		before, known := s.looks[f.Path]
		if !known && !s.litter(f.Path) {
			return s.refuse(f.Path+" came while it was sealed", "seal it when nothing writes to it any more")
		}
		if known && f.Kind == drive.Regular && !s.litter(f.Path) && !before.Same(looks[f.Path], inode) {
			return s.refuse(f.Path+" changed while it was sealed", "seal it when nothing writes to it any more")
		}
	}
	for _, f := range s.files {
		if _, there := looks[f.Path]; !there && !s.litter(f.Path) {
			return s.refuse(f.Path+" went while it was sealed", "seal it when nothing writes to it any more")
		}
	}
	return nil
}

// litter reports whether any part of a path is what operating systems leave.
func (s *sealer) litter(p string) bool {
	if s.o.Litter == nil {
		return false
	}
	for ; p != "."; p = path.Dir(p) {
		if s.o.Litter(path.Base(p)) {
			return true
		}
	}
	return false
}
