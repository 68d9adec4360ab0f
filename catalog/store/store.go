// Package store remembers: which rolls lie on which file systems, what their files were
// read as, what their manifests say, and who is reading what. It is one SQLite file that
// several processes share, and all SQL is here.
//
// It knows paths and numbers, no drives: what it is given it keeps, byte for byte and
// checksummed, and gives back. Verdicts are none of its business. Nothing that happens to
// the file is a reason not to go on: see Store.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// Store is what is remembered. Its users hold it for good: which file it is in, whether that
// was replaced a moment ago, or is no file at all but memory, is nothing that they see. It is
// safe for use by several goroutines.
//
// Results that cannot be stored are kept, count as if they were, and are stored once they
// can be. That the file fails is said in a note. Who asks then is told nothing, as if nothing
// were known; he gets an error only where that would mean something else to him.
type Store struct {
	log   *slog.Logger
	now   func() time.Time
	note  func(string)
	owner string // of this process's claims

	writing sync.Mutex // one batch, new number or other file at a time; held over SQL

	mu      sync.Mutex // guards what follows; never held over SQL
	file    *file
	edition int64
	given   map[int64]given // the file systems that were registered, by number
	backlog backlog
	failing time.Time // when the file last failed; zero where it works
	broken  error     // why another file must take its place; nil where none must
}

// given is a file system that was registered, and its last plug-in's number.
type given struct {
	fs   drive.FileSystem
	plug int64
}

// take returns the file in use, which stays open until it is given back.
func (s *Store) take() *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file.users++
	return s.file
}

// giveBack closes a file that another one has replaced and nobody uses any more.
func (s *Store) giveBack(f *file) {
	s.mu.Lock()
	f.users--
	over := f.users == 0 && f != s.file
	s.mu.Unlock()
	if over {
		f.close() // it is damaged or nobody's: what of it could be saved was
	}
}

// use has everybody use a file from now on.
func (s *Store) use(f *file) {
	s.mu.Lock()
	old := s.file
	s.file = f
	s.edition++
	s.backlog = backlog{map[Folder][]roll.Named{}, map[int64]bool{}}
	s.broken, s.failing = nil, time.Time{}
	over := old != nil && old.users == 0
	s.mu.Unlock()
	if over {
		old.close()
	}
}

// ask runs fn with the file in use, and takes down where it fails.
func (s *Store) ask(fn func(*file) error) error {
	f := s.take()
	defer s.giveBack(f)
	err := fn(f)
	s.failed(f, err)
	return err
}

// failed takes down that a file could not be read or written, and says so. A damaged one, or
// one that was removed, is to be replaced; what else ails it may pass.
func (s *Store) failed(f *file, err error) {
	stopped := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || isCode(err, sqlite3.SQLITE_INTERRUPT)
	if err == nil || stopped {
		return
	}
	s.log.Debug("the catalog failed", "error", err)
	if gone := f.inPlace(); gone != nil {
		err = gone // which explains whatever failed
	}
	broken := isDamage(err) || errors.Is(err, errMoved)
	s.mu.Lock()
	if f != s.file { // it was replaced meanwhile
		s.mu.Unlock()
		return
	}
	s.failing = s.now()
	if broken {
		s.broken = err
	}
	s.mu.Unlock()
	if !broken {
		s.say("the catalog %s cannot be used now (%s): results are kept in memory until it can", f.path, drive.Reason(err))
	}
}

func (s *Store) say(format string, args ...any) { s.note(fmt.Sprintf(format, args...)) }

// Failing is true while the file cannot be read or written.
func (s *Store) Failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.failing.IsZero()
}

// Path is where the file lies, "" where nothing is remembered beyond this process.
func (s *Store) Path() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file.path
}

// Edition grows each time another file takes the place of the one in use: the rows of
// rolls are other ones then.
func (s *Store) Edition() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.edition
}

// Close gives back what this process claims and closes the file. Flush stores before what
// is not stored yet.
func (s *Store) Close(ctx context.Context) error {
	f := s.take()
	err := f.unclaim(ctx, 0, "", s.owner)
	if f.path == "" || s.Failing() {
		err = nil // said already
	}
	return errors.Join(err, f.close())
}

// FileSystem registers a file system and this plug-in of it, or finds them where they are
// known and nothing can be stored; a plug-in that is not known then is -1. On an error
// nothing can be remembered of it: see GiveUp.
func (s *Store) FileSystem(ctx context.Context, f drive.FileSystem) (id, plug int64, err error) {
	// A file that comes in this one's place meanwhile would not know the number, and might
	// give it to another file system.
	s.writing.Lock()
	defer s.writing.Unlock()
	err = s.ask(func(file *file) (err error) {
		id, plug, err = file.fileSystem(ctx, f)
		return err
	})
	if err != nil {
		file := s.take()
		defer s.giveBack(file)
		var unknown error
		if id, plug, unknown = file.knownFileSystem(ctx, f); unknown != nil {
			return 0, 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[id] = given{f, plug}
	return id, plug, nil
}

// Rolls returns the rolls known at or below a folder of a file system, by path.
func (s *Store) Rolls(ctx context.Context, fs int64, folder string) (list []Roll) {
	s.ask(func(f *file) (err error) {
		list, err = f.rollsBelow(ctx, fs, folder)
		return err
	})
	return list
}

// RollsByInode returns the rolls of a file system whose folders had these inode numbers.
func (s *Store) RollsByInode(ctx context.Context, fs int64, inodes []int64) (byInode map[uint64][]Roll) {
	s.ask(func(f *file) (err error) {
		byInode, err = f.rollsByInode(ctx, fs, inodes)
		return err
	})
	return byInode
}

// Register stores, all or none, that rolls were moved, and then that rolls are at their
// paths; at is when they were first seen there, in nanoseconds since the epoch. It returns
// their rows, nil where nothing could be stored.
func (s *Store) Register(ctx context.Context, fs int64, moves []Move, rolls []NewRoll, at int64) []Roll {
	list := make([]Roll, 0, len(rolls))
	err := s.ask(func(f *file) error {
		return f.update(ctx, "registering rolls", func(tx *sql.Tx) error {
			if err := moveRolls(ctx, tx, fs, moves); err != nil {
				return err
			}
			return registerRolls(ctx, tx, fs, rolls, at, func(r Roll) { list = append(list, r) })
		})
	})
	if err != nil {
		return nil
	}
	return list
}

// MarkGone remembers of rolls, by row, that they are not there any more, or are again.
func (s *Store) MarkGone(ctx context.Context, gone map[int64]bool) {
	s.ask(func(f *file) error { return f.markGone(ctx, gone) })
}

// Revision is one roll's revision, which grows with each batch of its results; 0 where the
// roll is not stored.
func (s *Store) Revision(ctx context.Context, row int64) (revision int64) {
	s.ask(func(f *file) (err error) {
		revision, err = f.revision(ctx, row)
		return err
	})
	return revision
}

// Revisions are those of every roll at or below a folder, by row.
func (s *Store) Revisions(ctx context.Context, fs int64, folder string) (revisions map[int64]int64) {
	s.ask(func(f *file) (err error) {
		revisions, err = f.revisions(ctx, fs, folder)
		return err
	})
	return revisions
}

// Changed is true where the file changed since Changed was last called, whoever changed it,
// and the first time that a file is asked. It is for one caller.
func (s *Store) Changed(ctx context.Context) bool {
	f := s.take()
	defer s.giveBack(f)
	now, changed := f.changed(ctx, f.version)
	f.version = now
	return changed
}

// Seen returns the observations of the files in and below a folder, by folder, sorted by the
// bytes of their names. Damaged ones are left out, and that is said.
func (s *Store) Seen(ctx context.Context, fs int64, folder string) (seen map[string][]roll.Named, err error) {
	damaged := 0
	err = s.ask(func(f *file) (err error) {
		seen, damaged, err = f.seenBelow(ctx, fs, folder)
		return err
	})
	if damaged > 0 {
		s.say("%d damaged records of the catalog were set aside; their files are read again", damaged)
	}
	if err != nil {
		return nil, err
	}
	s.addBacklog(seen, fs, folder)
	return seen, nil
}

// Manifest returns the manifest that was parsed at a path when it looked like this, nil
// where it is not known.
func (s *Store) Manifest(ctx context.Context, fs int64, path string, l roll.Look, plug int64) (m *mhl.Manifest) {
	s.ask(func(f *file) error {
		digest, err := f.manifestAt(ctx, fs, path, l, plug)
		if err != nil || digest == "" {
			return err
		}
		m, err = f.manifest(ctx, digest)
		return err
	})
	return m
}

// SaveManifest remembers a parsed manifest, and where it was found.
func (s *Store) SaveManifest(ctx context.Context, fs int64, path string, l roll.Look, plug int64, m *mhl.Manifest) {
	s.ask(func(f *file) error { return f.saveManifest(ctx, fs, path, l, plug, m) })
}

// SaveSummaries keeps what a mount shows of rolls at once. It is false where they could not
// be stored.
func (s *Store) SaveSummaries(ctx context.Context, summaries map[RollKey][]byte) bool {
	return s.ask(func(f *file) error { return f.saveSummary(ctx, summaries) }) == nil
}

// Claim takes a roll for reading, or keeps it, for ClaimLapse. It is false where another
// live process has it.
func (s *Store) Claim(ctx context.Context, fs int64, path string) bool {
	mine := false
	s.ask(func(f *file) error {
		holder, err := f.claim(ctx, fs, path, s.owner)
		if err != nil {
			mine = true // without a catalog there is nobody to share with
			return err
		}
		if holder != s.owner && ownerIsDead(holder) {
			if err = f.unclaim(ctx, fs, path, holder); err == nil {
				holder, err = f.claim(ctx, fs, path, s.owner)
			}
		}
		mine = holder == s.owner
		return err
	})
	return mine
}

// Unclaim gives a roll back.
func (s *Store) Unclaim(ctx context.Context, fs int64, path string) {
	s.ask(func(f *file) error { return f.unclaim(ctx, fs, path, s.owner) })
}

// Info counts what the catalog holds.
func (s *Store) Info(ctx context.Context) (Info, error) {
	f := s.take()
	defer s.giveBack(f)
	return f.info(ctx)
}

// Check looks over the whole file: its structure, and the checksum of every record.
func (s *Store) Check(ctx context.Context) ([]Damage, error) {
	f := s.take()
	defer s.giveBack(f)
	return f.check(ctx)
}

// Prune forgets the rolls that are gone, with their results, and manifests that nothing
// refers to. It returns what was forgotten, a line each.
func (s *Store) Prune(ctx context.Context) ([]string, error) {
	f := s.take()
	defer s.giveBack(f)
	return f.prune(ctx)
}
