package catalog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"footagefs/catalog/profile"
	"footagefs/catalog/store"
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
// refreshing, the store's, mu, a roll's mu, a reading's mu. Of these giving, scanning and
// refreshing are held while a drive is asked, which may hang: whoever takes one of them waits
// for that drive only. registering and the store's are held over SQL.
type Catalog struct {
	log     *slog.Logger
	now     func() time.Time
	profile *profile.Profile
	started time.Time
	store   *store.Store
	session context.Context // ends with Close
	end     context.CancelFunc

	used atomic.Int64 // when somebody last listed a folder, ns since the epoch

	giving      sync.Mutex // one AddDrive at a time
	registering sync.Mutex // one change of what rolls there are, or of the catalog's file, at a time

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
	c.started = c.now()
	c.store, err = store.Open(ctx, store.Options{Path: o.Path, Drives: o.Drives, Log: c.log, Now: c.now, Note: c.note})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Close keeps what is not stored yet and closes the file.
func (c *Catalog) Close() error {
	ctx := context.WithoutCancel(c.session)
	c.mend(ctx)
	c.store.Flush(ctx)
	c.saveSummaries(ctx)
	c.end()
	err := c.store.Close(ctx)
	for _, ds := range c.driveStates() {
		err = errors.Join(err, ds.handle().Close())
	}
	return err
}

// Path is where the catalog's file lies, "" where it works without memory.
func (c *Catalog) Path() string { return c.store.Path() }

// note tells the user something, once.
func (c *Catalog) note(text string) {
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
