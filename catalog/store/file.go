package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// file is one SQLite file, or a database in memory. All SQL is of it.
//
// One connection writes, with immediate transactions; a pool beside it reads.
type file struct {
	path string // "" where the catalog is kept in memory only
	w, r *sql.DB
	poll *sql.Conn // the one connection whose data_version is watched; nil in memory
	now  func() time.Time

	opened os.FileInfo // of path as it was opened; nil in memory

	locked atomic.Bool // by another program, when the writer last waited

	// Of the Store.
	users   int   // who use it at this moment; guarded by the Store's mu
	version int64 // data_version when Changed last asked
}

// Folder is a folder of a file system.
type Folder struct {
	FS   int64
	Path string
}

func (k Folder) String() string { return fmt.Sprintf("seen %d %s", k.FS, k.Path) }

var (
	errNewer = errors.New("it was made by a newer footagefs")
	errMoved = errors.New("it was removed or replaced while it was in use")
)

// busyTimeout bounds each wait for another process's transaction, in milliseconds, and
// lockedTimeout that of a writer who has waited so long in vain: somebody holds the file
// for good, and must not cost as long again at every roll.
const (
	busyTimeout   = 10_000
	lockedTimeout = 100
)

// openStore opens, and where need be creates and migrates, the file at path.
func openFile(ctx context.Context, path string, now func() time.Time) (s *file, err error) {
	// Another process may put a new file in its place at any moment.
	for range 10 {
		if err := checkFile(path); err != nil {
			return nil, err
		}
		if err := createFile(path); err != nil {
			return nil, err
		}
		s, err = connect(ctx, path, now, "rw")
		switch {
		case err == nil && s.inPlace() != nil:
			s.close()
		case err == nil || !isMissing(path):
			if isCode(err, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM) {
				return connect(ctx, path, now, "ro")
			}
			return s, err
		}
	}
	return nil, fmt.Errorf("opening the catalog %s: %w", path, errMoved)
}

func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

// createFile makes the file for this user alone; a symbolic link in its place is refused.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|oNoFollow, 0o600)
	if errors.Is(err, os.ErrPermission) || isReadOnlyFS(err) {
		f, err = os.OpenFile(path, os.O_RDONLY|oNoFollow, 0)
	}
	if err != nil {
		return fmt.Errorf("opening the catalog: %w", err)
	}
	return f.Close()
}

// connect opens the pools; mode is rw or ro.
func connect(ctx context.Context, path string, now func() time.Time, mode string) (_ *file, err error) {
	s := newFile(path, now)
	if s.opened, err = os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the catalog: %w", err)
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.r, err = sql.Open("sqlite", dsn(path, "ro", false)); err != nil {
		return nil, fmt.Errorf("opening the catalog %s: %w", path, err)
	}
	s.r.SetMaxOpenConns(4)
	// Even a pragma of the writer's would change a file that is not ours.
	version, err := s.recognise(ctx, mode)
	if err == nil && version == 0 && mode == "rw" {
		err = mark(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	if s.w, err = sql.Open("sqlite", dsn(path, mode, true)); err != nil {
		return nil, fmt.Errorf("opening the catalog %s: %w", path, err)
	}
	s.w.SetMaxOpenConns(1)
	if version < len(migrations) {
		if err := migrate(ctx, s.w); err != nil {
			return nil, err
		}
	}
	if err := s.checkSchema(ctx); err != nil {
		return nil, err
	}
	if s.poll, err = s.r.Conn(ctx); err != nil {
		return nil, fmt.Errorf("opening the catalog %s: %w", path, err)
	}
	return s, nil
}

// mark makes an empty file bear the mark of a catalog before anything else is written: one
// that is stopped at any moment is known again as ours. It is done before the journal of
// the writers is begun, in which the mark would stay for a while.
func mark(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "rw", false))
	if err != nil {
		return fmt.Errorf("opening the catalog %s: %w", path, err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return fmt.Errorf("beginning the catalog %s: %w", path, err)
	}
	return nil
}

func newFile(path string, now func() time.Time) *file {
	return &file{path: path, now: now}
}

// inPlace is errMoved where another file, or none, is where this one was opened: what is
// written now would be lost with it.
func (f *file) inPlace() error {
	if f.opened == nil {
		return nil
	}
	now, err := os.Stat(f.path)
	missing := errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	if err != nil && !missing || err == nil && os.SameFile(now, f.opened) {
		return nil
	}
	return errMoved
}

// memoryStore is a catalog that is forgotten with the process.
func memoryFile(ctx context.Context, now func() time.Time) (*file, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, fmt.Errorf("opening a catalog in memory: %w", err)
	}
	// In memory each connection would be a database of its own.
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	s := newFile("", now)
	s.w, s.r = db, db
	return s, nil
}

// dsn carries the pragmas, so that they hold on every connection of a pool.
func dsn(path, mode string, writer bool) string {
	q := url.Values{"mode": {mode}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout))
	q.Add("_pragma", "trusted_schema(0)")
	q.Add("_pragma", "cell_size_check(1)")
	if writer && mode == "rw" {
		q.Add("_pragma", "journal_mode(WAL)")
		// NORMAL loses, in a power cut, what was committed since the last checkpoint.
		q.Add("_pragma", "synchronous(FULL)")
		q.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// recognise makes sure that the file is ours and of a schema that we know, and returns
// its version; an empty file is to become a new catalog.
func (f *file) recognise(ctx context.Context, mode string) (version int, err error) {
	if info, err := os.Stat(f.path); err == nil && info.Size() == 0 && mode == "rw" {
		return 0, nil
	}
	var app, tables int
	row := f.r.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)`)
	if err := row.Scan(&app, &version, &tables); err != nil {
		return 0, fmt.Errorf("reading the catalog %s: %w", f.path, err)
	}
	switch {
	case tables == 0 && app == 0 && mode == "rw":
		return 0, nil // made, and not filled before a crash
	case app != applicationID:
		return 0, errForeign
	case version > len(migrations):
		return 0, errNewer
	}
	return version, nil
}

// quickCheckBelow is the size in bytes up to which opening the catalog checks all of it.
const quickCheckBelow = 32 << 20

// checkSchema compares the schema's text with ours (somebody may have edited it), and
// has SQLite look over a small file.
func (f *file) checkSchema(ctx context.Context) error {
	ours, err := memoryFile(ctx, f.now)
	if err != nil {
		return err
	}
	defer ours.close()
	want, err := schemaText(ctx, ours.w)
	if err != nil {
		return err
	}
	got, err := schemaText(ctx, f.r)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("its schema was changed: %w", errDamaged)
	}
	if info, err := os.Stat(f.path); err != nil || info.Size() > quickCheckBelow {
		return nil
	}
	var verdict string
	if err := f.r.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("checking the catalog %s: %w", f.path, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%s: %w", verdict, errDamaged)
	}
	return nil
}

func schemaText(ctx context.Context, db *sql.DB) (string, error) {
	rows, err := db.QueryContext(ctx, "SELECT coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
	if err != nil {
		return "", fmt.Errorf("reading the catalog's schema: %w", err)
	}
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var sql string
		if err := rows.Scan(&sql); err != nil {
			return "", fmt.Errorf("reading the catalog's schema: %w", err)
		}
		text.WriteString(sql + "\n")
	}
	return text.String(), rows.Err()
}

func (f *file) close() error {
	var errs []error
	if f.poll != nil {
		errs = append(errs, f.poll.Close())
	}
	if f.r != nil && f.r != f.w {
		errs = append(errs, f.r.Close())
	}
	if f.w != nil {
		errs = append(errs, f.w.Close())
	}
	return errors.Join(errs...)
}

// isCode is true for SQLite errors of one of the primary result codes.
func isCode(err error, codes ...int) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code()&0xff == c {
			return true
		}
	}
	return false
}

// isDamage is true where the file, or a row of it, is not what was written.
func isDamage(err error) bool {
	return errors.Is(err, errDamaged) || isCode(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
}

// changed reports whether another connection changed the file since version v of it, and
// the version now.
func (f *file) changed(ctx context.Context, v int64) (int64, bool) {
	if f.poll == nil {
		return v, false
	}
	var now int64
	if err := f.poll.QueryRowContext(ctx, "PRAGMA data_version").Scan(&now); err != nil {
		return v, false
	}
	return now, now != v
}

// update runs fn in one immediate transaction. Where ctx ended it, the error is ctx's: what
// the driver says then is about its own state.
func (f *file) update(ctx context.Context, doing string, fn func(*sql.Tx) error) error {
	err := f.transact(ctx, fn)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (f *file) transact(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := f.w.BeginTx(ctx, nil)
	if err != nil {
		f.waitLess(ctx, isCode(err, sqlite3.SQLITE_BUSY))
		return err
	}
	defer tx.Rollback()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	f.waitLess(ctx, false) // not before: the transaction has the one connection
	return f.inPlace()
}

// waitLess changes how long the writer waits for another process, when that has changed.
func (f *file) waitLess(ctx context.Context, locked bool) {
	if f.locked.Swap(locked) == locked {
		return
	}
	timeout := busyTimeout
	if locked {
		timeout = lockedTimeout
	}
	// There is one connection. A new one, after a failure, waits long again.
	f.w.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", timeout))
}
