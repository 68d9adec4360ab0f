package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"footagefs/verify/drive"
)

// RollKey is a roll's row and its path from the file system's root.
type RollKey struct {
	ID   int64
	Path string
}

// Roll is a roll as the catalog remembers it.
type Roll struct {
	ID        int64
	Path      string // from the file system's root
	Inode     uint64
	FirstSeen int64
	Revision  int64
	Gone      bool
	sealed    []byte // its summary; empty where there is none
}

// Summary is what SaveSummaries kept of the roll, nil where there is nothing, or where it
// is damaged.
func (r *Roll) Summary() []byte {
	summary, err := openBlob(r.sealed, summaryKey(r.ID, r.Path))
	if err != nil {
		return nil
	}
	return summary
}

// fileSystem registers a file system and this plug-in of it.
func (f *file) fileSystem(ctx context.Context, d drive.FileSystem) (id, plug int64, err error) {
	err = f.update(ctx, "registering the drive's file system", func(tx *sql.Tx) error {
		now := f.now().UnixNano()
		_, err := tx.ExecContext(ctx, `INSERT INTO filesystem (identity, kind, first_seen, last_seen) VALUES (?, ?, ?, ?)
			ON CONFLICT (identity) DO UPDATE SET last_seen = excluded.last_seen`, d.ID, d.Kind, now, now)
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT id FROM filesystem WHERE identity = ?", d.ID).Scan(&id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO plug (filesystem, plugged) VALUES (?, ?)", id, d.Plugged); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT id FROM plug WHERE filesystem = ? AND plugged = ?", id, d.Plugged).Scan(&plug)
	})
	return id, plug, err
}

// adoptFileSystem registers a file system and a plug-in of it under the numbers that they
// have in another catalog; it fails where those mean something else here.
func (f *file) adoptFileSystem(ctx context.Context, d drive.FileSystem, id, plug int64) error {
	return f.update(ctx, "registering the drive's file system", func(tx *sql.Tx) error {
		now := f.now().UnixNano()
		_, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO filesystem (id, identity, kind, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)",
			id, d.ID, d.Kind, now, now)
		if err != nil {
			return err
		}
		var same bool
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM filesystem WHERE id = ? AND identity = ?)", id, d.ID).Scan(&same)
		switch {
		case err != nil:
			return err
		case !same:
			return errOtherNumbers
		}
		if plug < 0 { // it could not be registered
			return nil
		}
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO plug (id, filesystem, plugged) VALUES (?, ?, ?)", plug, id, d.Plugged); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM plug WHERE id = ? AND filesystem = ? AND plugged = ?)",
			plug, id, d.Plugged).Scan(&same)
		if err == nil && !same {
			return errOtherNumbers
		}
		return err
	})
}

// errOtherNumbers says that a catalog numbers file systems in its own way.
var errOtherNumbers = errors.New("it is another catalog")

// rollsBelow returns the rolls known at or below a folder of a file system.
func (f *file) rollsBelow(ctx context.Context, fs int64, folder string) ([]Roll, error) {
	from, to := below(folder)
	rows, err := f.r.QueryContext(ctx, `SELECT id, path, inode, first_seen, revision, gone > 0, summary FROM roll WHERE filesystem = ?1
		AND (path = ?2 OR (path >= ?3 AND (?4 IS NULL OR path < ?4))) ORDER BY path`, fs, []byte(folder), from, to)
	if err != nil {
		return nil, fmt.Errorf("reading the rolls of the drive: %w", err)
	}
	return scanRolls(rows)
}

func scanRolls(rows *sql.Rows) ([]Roll, error) {
	defer rows.Close()
	var list []Roll
	for rows.Next() {
		var r Roll
		var path []byte
		var inode int64
		if err := rows.Scan(&r.ID, &path, &inode, &r.FirstSeen, &r.Revision, &r.Gone, &r.sealed); err != nil {
			return nil, fmt.Errorf("reading the rolls of the drive: %w", err)
		}
		r.Path, r.Inode = string(path), uint64(inode)
		list = append(list, r)
	}
	return list, rows.Err()
}

// rollsByInode returns the rolls of a file system whose folders had these inode numbers.
func (f *file) rollsByInode(ctx context.Context, fs int64, inodes []int64) (map[uint64][]Roll, error) {
	numbers, err := json.Marshal(inodes)
	if err != nil {
		return nil, fmt.Errorf("reading the rolls of the drive: %w", err)
	}
	rows, err := f.r.QueryContext(ctx, `SELECT id, path, inode, first_seen, revision, gone > 0, x'' FROM roll
		WHERE filesystem = ? AND inode IN (SELECT value FROM json_each(?)) ORDER BY id`, fs, string(numbers))
	if err != nil {
		return nil, fmt.Errorf("reading the rolls of the drive: %w", err)
	}
	list, err := scanRolls(rows)
	byInode := make(map[uint64][]Roll, len(list))
	for _, r := range list {
		byInode[r.Inode] = append(byInode[r.Inode], r)
	}
	return byInode, err
}

// revisions returns the revision of every roll at or below a folder, without their summaries.
func (f *file) revisions(ctx context.Context, fs int64, folder string) (map[int64]int64, error) {
	from, to := below(folder)
	rows, err := f.r.QueryContext(ctx, `SELECT id, revision FROM roll WHERE filesystem = ?1
		AND (path = ?2 OR (path >= ?3 AND (?4 IS NULL OR path < ?4)))`, fs, []byte(folder), from, to)
	if err != nil {
		return nil, fmt.Errorf("reading revisions: %w", err)
	}
	defer rows.Close()
	m := map[int64]int64{}
	for rows.Next() {
		var id, revision int64
		if err := rows.Scan(&id, &revision); err != nil {
			return nil, fmt.Errorf("reading revisions: %w", err)
		}
		m[id] = revision
	}
	return m, rows.Err()
}

// revision returns one roll's revision, 0 where the roll is not stored.
func (f *file) revision(ctx context.Context, id int64) (revision int64, err error) {
	err = f.r.QueryRowContext(ctx, "SELECT revision FROM roll WHERE id = ?", id).Scan(&revision)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("reading a revision: %w", err)
	}
	return revision, nil
}

// NewRoll is a roll that is to be known at a path from its file system's root.
type NewRoll struct {
	Path  string
	Inode uint64
}

// registerAtOnce is how many rolls one statement makes known. A statement for each roll
// costs ten times as much, of which most is its way through the driver.
const registerAtOnce = 100

// registerRolls makes rolls known at their paths; at is when they were first seen. It
// calls fn for the row of each.
func registerRolls(ctx context.Context, tx *sql.Tx, fs int64, rolls []NewRoll, at int64, fn func(Roll)) error {
	var statement *sql.Stmt
	prepared := 0
	defer func() {
		if statement != nil {
			statement.Close()
		}
	}()
	for len(rolls) > 0 {
		n := min(len(rolls), registerAtOnce)
		if n != prepared {
			if statement != nil {
				statement.Close()
			}
			var err error
			if statement, err = tx.PrepareContext(ctx, registration(n)); err != nil {
				return err
			}
			prepared = n
		}
		if err := registerSome(ctx, statement, fs, rolls[:n], at, fn); err != nil {
			return err
		}
		rolls = rolls[n:]
	}
	return nil
}

// registration is the statement that makes n rolls known.
func registration(n int) string {
	return `INSERT INTO roll (filesystem, path, inode, first_seen, last_seen, summary) VALUES (?1, ?3, ?4, ?2, ?2, x'')` +
		strings.Repeat(", (?1, ?, ?, ?2, ?2, x'')", n-1) + `
		ON CONFLICT (filesystem, path) DO UPDATE SET inode = excluded.inode, last_seen = excluded.last_seen, gone = 0
		RETURNING id, path, inode, first_seen, revision, gone > 0, summary`
}

func registerSome(ctx context.Context, statement *sql.Stmt, fs int64, rolls []NewRoll, at int64, fn func(Roll)) error {
	args := make([]any, 0, 2+2*len(rolls))
	args = append(args, fs, at)
	for _, r := range rolls {
		args = append(args, []byte(r.Path), int64(r.Inode))
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	list, err := scanRolls(rows)
	for _, r := range list {
		fn(r)
	}
	return err
}

func summaryKey(id int64, path string) string { return fmt.Sprintf("summary %d %s", id, path) }

// saveSummary keeps what a mount shows of a roll at once.
func (f *file) saveSummary(ctx context.Context, summaries map[RollKey][]byte) error {
	return f.update(ctx, "storing what is known of rolls", func(tx *sql.Tx) error {
		for k, blob := range summaries {
			sealed := sealBlob(blob, summaryKey(k.ID, k.Path))
			if _, err := tx.ExecContext(ctx, "UPDATE roll SET summary = ?, last_seen = ? WHERE id = ?", sealed, f.now().UnixNano(), k.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// knownFileSystem finds a file system where it cannot be registered; the plug-in is -1
// where it is not known.
func (f *file) knownFileSystem(ctx context.Context, d drive.FileSystem) (id, plug int64, err error) {
	err = f.r.QueryRowContext(ctx, `SELECT id, coalesce((SELECT id FROM plug WHERE filesystem = filesystem.id AND plugged = ?), -1)
		FROM filesystem WHERE identity = ?`, d.Plugged, d.ID).Scan(&id, &plug)
	if err != nil {
		return 0, 0, fmt.Errorf("looking up the drive's file system: %w", err)
	}
	return id, plug, nil
}
