package store

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks an SQLite file as a footagefs catalog ("Fftg"); the file's
// user_version counts the migrations that have run.
const applicationID = 0x46667467

// migrations is the schema: script n takes a catalog from version n to n+1. A script
// that has been released is never changed; a new one is appended.
//
// Paths are BLOBs, because a name on a drive may have any byte. Times are nanoseconds
// since the epoch. Every packed blob ends with a checksum over itself and the key of
// its row, so that a flipped bit, or a blob in the wrong row, is noticed on reading. The
// tables of large blobs have row ids: without, each step of a look-up reads a whole blob.
var migrations = []string{`
CREATE TABLE filesystem (
	id         INTEGER PRIMARY KEY,
	identity   TEXT NOT NULL UNIQUE,
	kind       TEXT NOT NULL,
	first_seen INTEGER NOT NULL,
	last_seen  INTEGER NOT NULL
) STRICT;
CREATE TABLE plug (
	id         INTEGER PRIMARY KEY,
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	plugged    TEXT NOT NULL,
	UNIQUE (filesystem, plugged)
) STRICT;
CREATE TABLE roll (
	id         INTEGER PRIMARY KEY,
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	path       BLOB NOT NULL,
	inode      INTEGER NOT NULL,
	first_seen INTEGER NOT NULL,
	last_seen  INTEGER NOT NULL,
	revision   INTEGER NOT NULL DEFAULT 0,
	gone       INTEGER NOT NULL DEFAULT 0,
	summary    BLOB NOT NULL,
	UNIQUE (filesystem, path)
) STRICT;
CREATE INDEX roll_inode ON roll (filesystem, inode);
CREATE TABLE manifest (
	digest  TEXT PRIMARY KEY,
	content BLOB NOT NULL
) STRICT;
CREATE TABLE manifest_file (
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	path       BLOB NOT NULL,
	look       BLOB NOT NULL,
	digest     TEXT NOT NULL,
	PRIMARY KEY (filesystem, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen (
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	folder     BLOB NOT NULL,
	content    BLOB NOT NULL,
	PRIMARY KEY (filesystem, folder)
) STRICT;
CREATE TABLE history (
	id         INTEGER PRIMARY KEY,
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	path       BLOB NOT NULL,
	content    BLOB NOT NULL
) STRICT;
CREATE INDEX history_path ON history (filesystem, path);
CREATE TABLE claim (
	filesystem INTEGER NOT NULL REFERENCES filesystem(id),
	path       BLOB NOT NULL,
	owner      TEXT NOT NULL,
	heartbeat  INTEGER NOT NULL,
	PRIMARY KEY (filesystem, path)
) STRICT, WITHOUT ROWID;
`}

// migrate brings a catalog to this program's schema. The version is read again inside
// the immediate transaction: another process may have migrated in between.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning the migration: %w", err)
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if version >= len(migrations) {
		return nil
	}
	for _, script := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return fmt.Errorf("migrating the schema from version %d: %w", version, err)
		}
	}
	// Pragmas take no parameters.
	stamp := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations))
	if _, err := tx.ExecContext(ctx, stamp); err != nil {
		return fmt.Errorf("stamping the schema's version: %w", err)
	}
	return tx.Commit()
}
