package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// backlog is what could not be stored yet.
type backlog struct {
	seen map[Folder][]roll.Named
	rows map[int64]bool // of the rolls that seen has results of
}

// Record commits a batch of observations by folder, and moves the revisions of the rolls
// that they belong to, given and returned by the rolls' rows. When it returns all of it
// counts. What could not be stored is kept and stored with the next batch; the revisions
// are nil then.
func (s *Store) Record(ctx context.Context, batch map[Folder][]roll.Named, rows []int64) map[int64]int64 {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	for k, list := range batch {
		s.backlog.seen[k] = mergeSeen(s.backlog.seen[k], list, nil)
	}
	for _, row := range rows {
		s.backlog.rows[row] = true
	}
	s.mu.Unlock()
	revisions, err := s.writeBacklog(ctx)
	if err != nil {
		return nil
	}
	return revisions
}

// writeBacklog stores what is not stored yet. The caller holds s.writing.
func (s *Store) writeBacklog(ctx context.Context) (revisions map[int64]int64, err error) {
	s.mu.Lock()
	all := backlog{maps.Clone(s.backlog.seen), maps.Clone(s.backlog.rows)}
	s.mu.Unlock()
	err = s.ask(func(f *file) (err error) {
		revisions, err = f.record(ctx, all)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.backlog.seen)
	clear(s.backlog.rows)
	s.failing = time.Time{}
	return revisions, nil
}

// Flush stores what could not be stored yet, where there is something.
func (s *Store) Flush(ctx context.Context) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.hasBacklog() {
		s.writeBacklog(ctx) // a failure was told
	}
}

// hasBacklog is true where something could not be stored yet.
func (s *Store) hasBacklog() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.backlog.seen) > 0
}

// addBacklog adds what could not be stored yet.
func (s *Store) addBacklog(seen map[string][]roll.Named, fs int64, folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, list := range s.backlog.seen {
		if _, in := drive.Relative(folder, k.Path); k.FS == fs && in {
			seen[k.Path] = mergeSeen(seen[k.Path], slices.Clone(list), nil)
		}
	}
}
