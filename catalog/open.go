package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"footagefs/catalog/profile"
)

// Options say which catalog is opened, and how.
type Options struct {
	Path    string       // the file; "" for the default place
	Profile string       // a profile's name or file; "" for the default
	Drives  []string     // folders that will be given to AddDrive: the catalog lies in none of them
	Log     *slog.Logger // nil: nothing is logged
	Now     func() time.Time
}

// Catalog is the drives given to it and what is known of them. It is safe for use by
// several goroutines.
//
// Locks are taken in this order: giving, a drive's scanning, registering, a roll's
// refreshing, mu, a roll's mu, a reading's mu; and a store's writing before its mu. Of these
// giving, scanning and refreshing are held while a drive is asked, which may hang: whoever
// takes one of them waits for that drive only. registering and writing are held over SQL.
type Catalog struct {
	log     *slog.Logger
	now     func() time.Time
	profile *profile.Profile
	owner   string // of claims
	started time.Time
	store   atomic.Pointer[store]
	session context.Context // ends with Close
	end     context.CancelFunc

	used atomic.Int64 // when somebody last listed a folder, ns since the epoch

	giving      sync.Mutex // one AddDrive at a time
	registering sync.Mutex // one change of what rolls there are, or of the store, at a time

	mu       sync.Mutex // guards what follows; never held over I/O or SQL
	notes    []string
	noted    map[string]bool
	drives   []*driveState
	rolls    map[RollID]*rollState
	lastRoll RollID
	version  uint64
	bumped   chan struct{} // closed when version grows
	roster   *roster       // nil where rolls came or went since it was made
	snapshot *snapshot     // the newest that was asked for
	failing  time.Time     // when the store last could not be written; zero where it can
	broken   error         // why the store is to be replaced; nil where it is not
	retired  *store        // the one before, which somebody may still use
	unsaved  map[*rollState]bool
	next     []Filter
	paused   bool
	resumed  chan struct{} // closed by Resume
	pausing  chan struct{} // closed by Pause
	active   activity
	onChange []func(DriveID, string)
}

// Open opens the catalog. A place that is refused is an error (*PlaceError) where it was
// named, and is replaced by a fallback where it is the default. Every other trouble (a
// damaged, foreign, newer, locked or unwritable file) is told in Notes: the footage is
// served and verified all the same, without memory where need be.
func Open(ctx context.Context, o Options) (*Catalog, error) {
	p, err := profile.Load(o.Profile)
	if err != nil {
		return nil, err
	}
	c := &Catalog{
		log: o.Log, now: o.Now, profile: p,
		noted: map[string]bool{}, rolls: map[RollID]*rollState{}, unsaved: map[*rollState]bool{},
		bumped: make(chan struct{}), resumed: make(chan struct{}), pausing: make(chan struct{}),
	}
	c.session, c.end = context.WithCancel(context.WithoutCancel(ctx))
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.started, c.owner = c.now(), thisProcess()
	if err := c.openStore(ctx, o); err != nil {
		return nil, err
	}
	return c, nil
}

// openStore finds the place of the file and opens it, or does without.
func (c *Catalog) openStore(ctx context.Context, o Options) error {
	path, named := o.Path, o.Path != ""
	if !named {
		path = DefaultPath()
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding the catalog: %w", err)
	}
	if named {
		if err := checkPlace(path, o.Drives); err != nil {
			return err
		}
		// A folder that cannot be made is told when the file is opened.
		if err := makeFolder(path); err != nil && !isMissing(filepath.Dir(path)) {
			return c.forget(ctx, unusable(path, err))
		}
	} else if path, err = c.defaultPlace(path, o.Drives); err != nil {
		return c.forget(ctx, unusable(path, err))
	}
	s, err := c.openAt(ctx, path)
	if err != nil && !isRefused(err) {
		// Another process may be making the file at this moment.
		if sleep(ctx, settleOpen) == nil {
			s, err = c.openAt(ctx, path)
		}
	}
	if err == nil {
		c.useStore(s)
		return nil
	}
	var pathErr *os.PathError
	if info, statErr := os.Stat(path); named && (errors.As(err, &pathErr) || statErr == nil && info.IsDir()) {
		return &PlaceError{path, reasonOf(err)}
	}
	return c.forget(ctx, unusable(path, err))
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
func (c *Catalog) defaultPlace(path string, drives []string) (string, error) {
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
			return &PlaceError{path, reasonOf(err)}
		}
		return nil
	}
	err, fallback := prepare(path), fallbackPath()
	if err == nil || path == fallback {
		return path, err
	}
	c.note("%v; using %s", unusable(path, err), fallback)
	return fallback, prepare(fallback)
}

// settleOpen is how long another process may take to make the file.
const settleOpen = 100 * time.Millisecond

// openAt opens the file at path; a damaged one is kept aside first.
func (c *Catalog) openAt(ctx context.Context, path string) (*store, error) {
	before, err := os.Stat(path)
	if err != nil {
		before = nil // there is none yet, or opening it tells
	}
	s, err := openStore(ctx, path, c.now)
	if isDamage(err) {
		return c.beginAnew(ctx, path, before, false, err)
	}
	return s, err
}

// forget goes on with a catalog in memory and says why.
func (c *Catalog) forget(ctx context.Context, why error) error {
	s, err := memoryStore(ctx, c.now)
	if err != nil {
		return err
	}
	if old := c.store.Load(); old != nil {
		if err := c.moveInto(ctx, s, old); err != nil {
			s.close()
			return err
		}
	}
	c.useStore(s)
	c.note("%v: results of this run will not be remembered; name another file with --catalog", why)
	return nil
}

// Close keeps what is not stored yet and closes the file.
func (c *Catalog) Close() error {
	ctx := context.WithoutCancel(c.session)
	c.mend(ctx)
	if c.store.Load().hasBacklog() {
		c.writeBacklog(ctx)
	}
	c.saveSummaries(ctx)
	c.end()
	s := c.store.Load()
	err := s.unclaim(ctx, 0, "", c.owner)
	c.mu.Lock()
	drives, retired := c.drives, c.retired
	c.mu.Unlock()
	for _, ds := range drives {
		err = errors.Join(err, ds.handle().Close())
	}
	if s.path == "" || c.isFailing() {
		err = nil // said already
	}
	if retired != nil {
		retired.close() // it is damaged or nobody's: what of it could be saved was
	}
	return errors.Join(err, s.close())
}

// Path is where the catalog's file lies, "" where it works without memory.
func (c *Catalog) Path() string { return c.store.Load().path }

// note tells the user something, once.
func (c *Catalog) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.noted[text] {
		c.noted[text] = true
		c.notes = append(c.notes, text)
	}
}

// Notes returns, and forgets, what the user must be told; each sentence comes once.
func (c *Catalog) Notes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	notes := c.notes
	c.notes = nil
	return notes
}

// storeFailed says that the file could not be read or written. Until it can, results are
// kept in memory; a damaged one, or one that was removed, is replaced by mend.
func (c *Catalog) storeFailed(err error) {
	stopped := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || isCode(err, sqlite3.SQLITE_INTERRUPT)
	if err == nil || stopped {
		return
	}
	c.log.Debug("the catalog failed", "error", err)
	broken := isDamage(err) || errors.Is(err, errMoved)
	if !broken {
		c.note("the catalog %s cannot be used now (%s): results are kept in memory until it can", c.Path(), reasonOf(err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = c.now()
	if broken {
		c.broken = err
	}
}

func (c *Catalog) storeWorks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = time.Time{}
}

func (c *Catalog) isFailing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.failing.IsZero()
}

// Version grows with every visible change.
func (c *Catalog) Version() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// bump tells everybody that something visible changed.
func (c *Catalog) bump() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	close(c.bumped)
	c.bumped = make(chan struct{})
}

// Wait returns when Version is not v any more, or ctx ends.
func (c *Catalog) Wait(ctx context.Context, v uint64) {
	for {
		c.mu.Lock()
		now, bumped := c.version, c.bumped
		c.mu.Unlock()
		if now != v {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-bumped:
		}
	}
}
