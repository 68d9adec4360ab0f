package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"footagefs/verify/drive"
)

// Options say where the file of a Store is, and whom it tells what.
type Options struct {
	Path   string       // the file; "" for the default place
	Drives []string     // folders of drives: the file lies in none of them
	Log    *slog.Logger // of what failed
	Now    func() time.Time
	Note   func(string) // is told what the user must be told, a sentence each
}

// Open opens what is remembered. A place that is refused is an error (*PlaceError) where it
// was named, and is replaced by a fallback where it is the default. Every other trouble (a
// damaged, foreign, newer, locked or unwritable file) is told in a note, and the Store works
// all the same, in memory where need be.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{log: o.Log, now: o.Now, note: o.Note, owner: thisProcess(), given: map[int64]given{}}
	path, named := o.Path, o.Path != ""
	if !named {
		path = DefaultPath()
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the catalog: %w", err)
	}
	if named {
		if err := checkPlace(path, o.Drives); err != nil {
			return nil, err
		}
		// A folder that cannot be made is told when the file is opened.
		if err := makeFolder(path); err != nil && !isMissing(filepath.Dir(path)) {
			return s, s.forget(ctx, unusable(path, err))
		}
	} else if path, err = s.defaultPlace(path, o.Drives); err != nil {
		return s, s.forget(ctx, unusable(path, err))
	}
	f, err := s.openAt(ctx, path)
	if err != nil && !isRefused(err) {
		// Another process may be making the file at this moment.
		select {
		case <-time.After(settleOpen):
			f, err = s.openAt(ctx, path)
		case <-ctx.Done():
		}
	}
	if err == nil {
		s.use(f)
		return s, nil
	}
	var pathErr *os.PathError
	if info, statErr := os.Stat(path); named && (errors.As(err, &pathErr) || statErr == nil && info.IsDir()) {
		return nil, &PlaceError{path, drive.Reason(err)}
	}
	return s, s.forget(ctx, unusable(path, err))
}

// isRefused is true where the file is fine, and not for us.
func isRefused(err error) bool {
	for _, refusal := range []error{errForeign, errNewer, errNoCatalog, errOthers} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// unusable says once which catalog it is that cannot be used, and why.
func unusable(path string, why error) error {
	var place *PlaceError
	if errors.As(why, &place) {
		why = errors.New(place.Reason)
	}
	return fmt.Errorf("the catalog %s cannot be used (%w)", path, why)
}

// defaultPlace is the default place of the file, made where it is missing, or the one that
// takes its turn where it cannot be had.
func (s *Store) defaultPlace(path string, drives []string) (string, error) {
	prepare := func(path string) error {
		if err := checkPlace(path, drives); err != nil {
			return err
		}
		if err := checkAbove(path); err != nil {
			return err
		}
		if err := makeFolder(path); err != nil {
			return err
		}
		if err := mayEnter(filepath.Dir(path)); err != nil {
			return &PlaceError{path, drive.Reason(err)}
		}
		return nil
	}
	err, fallback := prepare(path), fallbackPath()
	if err == nil || path == fallback {
		return path, err
	}
	s.say("%v; using %s", unusable(path, err), fallback)
	return fallback, prepare(fallback)
}

// settleOpen is how long another process may take to make the file.
const settleOpen = 100 * time.Millisecond

// openAt opens the file at path; a damaged one is kept aside first.
func (s *Store) openAt(ctx context.Context, path string) (*file, error) {
	before, err := os.Stat(path)
	if err != nil {
		before = nil // there is none yet, or opening it tells
	}
	f, err := openFile(ctx, path, s.now)
	if isDamage(err) {
		return s.beginAnew(ctx, path, before, false, err)
	}
	return f, err
}

// forget begins in memory and says why.
func (s *Store) forget(ctx context.Context, why error) error {
	f, err := memoryFile(ctx, s.now)
	if err != nil {
		return err
	}
	s.use(f)
	s.sayForgotten(why)
	return nil
}

func (s *Store) sayForgotten(why error) {
	s.say("%v: results of this run will not be remembered; name another file with --catalog", why)
}
