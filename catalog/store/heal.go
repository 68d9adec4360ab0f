package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// retryEvery is how often what could not be stored is tried again.
const retryEvery = 10 * time.Second

// Mend stores what could not be stored before, where that is worth another try. It is true
// where the file is damaged, or not in its place any more: then another one must take its
// place, see Replace. It costs next to nothing and is to be called about once a second.
func (s *Store) Mend(ctx context.Context) (broken bool) {
	f := s.take()
	defer s.giveBack(f)
	s.failed(f, f.inPlace())
	s.mu.Lock()
	why, failing := s.broken, s.failing
	s.mu.Unlock()
	switch {
	case why != nil:
		return true
	case !failing.IsZero() && s.now().Sub(failing) > retryEvery:
		s.writing.Lock()
		defer s.writing.Unlock()
		s.writeBacklog(ctx) // a failure was told
	}
	return false
}

// GiveUp has Replace go on in memory, where the file is not to be replaced anyway: nothing
// can be stored in it, nor is anything known.
func (s *Store) GiveUp(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = &givenUp{why}
	}
}

// givenUp is why a file is not used any more although it may be sound.
type givenUp struct{ error }

func (g *givenUp) Unwrap() error { return g.error }

// Replace goes on with another file, or in memory where none can be had, if Mend found that
// it must. The file systems keep their numbers; what could not be stored and what known
// returns, which is what this process knows, is stored in the new file, and the rest will be
// read again. It is true where the file is another one now: rolls have to be registered
// again.
func (s *Store) Replace(ctx context.Context, known func() map[Folder][]roll.Named) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	f := s.take()
	defer s.giveBack(f)
	s.mu.Lock()
	why := s.broken
	s.mu.Unlock()
	if why == nil { // by another goroutine
		return false
	}
	all := known()
	s.mu.Lock()
	for k, list := range s.backlog.seen {
		all[k] = mergeSeen(all[k], slices.Clone(list), nil)
	}
	s.mu.Unlock()
	fresh, err := s.successor(ctx, f, why)
	if err == nil {
		fresh, err = s.fill(ctx, fresh, all)
	}
	if err != nil {
		if fresh, err = memoryFile(ctx, s.now); err == nil {
			fresh, err = s.fill(ctx, fresh, all)
		}
		if err != nil {
			s.log.Warn("replacing the catalog", "error", err)
			return false
		}
		cannot := "cannot be used any more"
		if errors.As(why, new(*givenUp)) {
			cannot = "cannot be used"
		}
		s.sayForgotten(fmt.Errorf("the catalog %s %s (%s)", f.path, cannot, drive.Reason(why)))
	}
	s.use(fresh)
	return true
}

// fill registers the file systems in a new file, under the numbers that they have, and
// stores observations there. On an error it closes the file.
func (s *Store) fill(ctx context.Context, fresh *file, all map[Folder][]roll.Named) (_ *file, err error) {
	s.mu.Lock()
	list := maps.Clone(s.given)
	s.mu.Unlock()
	defer func() {
		if err != nil {
			fresh.close()
		}
	}()
	for id, g := range list {
		if err := fresh.adoptFileSystem(ctx, g.fs, id, g.plug); err != nil {
			return nil, err
		}
	}
	if _, err := fresh.record(ctx, backlog{seen: all}); err != nil {
		return nil, err
	}
	return fresh, nil
}

// successor opens what takes the place of a damaged or removed file.
func (s *Store) successor(ctx context.Context, old *file, why error) (*file, error) {
	switch {
	case old.path == "", errors.As(why, new(*givenUp)):
		return nil, why
	case isDamage(why):
		return s.beginAnew(ctx, old.path, old.opened, true, why)
	}
	s.say("the catalog %s was removed or replaced while it was in use; what this run knows was stored in the new one", old.path)
	if err := makeFolder(old.path); err != nil {
		return nil, err
	}
	return openFile(ctx, old.path, s.now)
}

// beginAnew keeps a damaged catalog aside, for whoever wants to look at it, and begins a
// new one in its place. What it knew is read again: a lost catalog costs time, never truth.
// Where another process was first, its new one is used. A file that is not known to be a
// catalog, as one that was in use is, and does not look like one is left as it is.
func (s *Store) beginAnew(ctx context.Context, path string, damaged os.FileInfo, known bool, damage error) (*file, error) {
	unlock, err := lockFile(path)
	if err != nil {
		return nil, fmt.Errorf("keeping the damaged catalog aside: %w", err)
	}
	defer unlock()
	if now, err := os.Stat(path); err == nil && (damaged == nil || os.SameFile(now, damaged)) {
		if !known && !wasCatalog(path) {
			return nil, errNoCatalog
		}
		aside, err := keepAside(path, s.now())
		if err != nil {
			return nil, err
		}
		s.say("the catalog %s is damaged (%s): it was kept as %s and begun anew; files will be read again", path, drive.Reason(damage), aside)
	}
	return openFile(ctx, path, s.now)
}

// keepAside renames a damaged file and what belongs to it.
func keepAside(path string, now time.Time) (aside string, err error) {
	name := path + ".damaged-" + now.UTC().Format("20060102T150405Z")
	aside = name
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s-%d", name, n)
	}
	// SQLite would apply the old file's journal to the new one.
	for _, suffix := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("keeping the damaged catalog aside: %w", err)
		}
	}
	return aside, nil
}
