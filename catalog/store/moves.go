package store

import (
	"context"
	"database/sql"
	"errors"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// Move is a roll whose folder was renamed or moved on its file system.
type Move struct {
	From Roll
	To   string // from the file system's root
}

// moveRolls follows rolls to their new paths: their rows, observations and history go
// along. All are taken away before any is put down: two may have exchanged their paths.
func moveRolls(ctx context.Context, tx *sql.Tx, fs int64, moves []Move) error {
	taken := make([]baggage, len(moves))
	for i, m := range moves {
		var err error
		if taken[i], err = takeAway(ctx, tx, fs, m.From); err != nil {
			return err
		}
	}
	for i, m := range moves {
		if err := putDown(ctx, tx, fs, m, taken[i]); err != nil {
			return err
		}
	}
	return nil
}

// baggage is what is stored of the files below a roll, by paths from the roll.
type baggage struct {
	seen    map[string][]roll.Named
	history []roll.Named
}

func takeAway(ctx context.Context, tx *sql.Tx, fs int64, r Roll) (baggage, error) {
	b := baggage{seen: map[string][]roll.Named{}}
	// No path begins with a NUL.
	if _, err := tx.ExecContext(ctx, "UPDATE roll SET path = CAST(x'00' || id AS BLOB), summary = x'' WHERE id = ?", r.ID); err != nil {
		return b, err
	}
	from, to := below(r.Path)
	// What is damaged stays behind: its files are read again.
	err := eachIn(ctx, tx, func(path string, content []byte) {
		if list, err := unpackSeen(content, Folder{fs, path}.String()); err == nil {
			rel, _ := drive.Relative(r.Path, path)
			b.seen[rel] = list
		}
	}, `DELETE FROM seen WHERE filesystem = ?1 AND (folder = ?2 OR (folder >= ?3 AND (?4 IS NULL OR folder < ?4)))
		RETURNING folder, content`, fs, []byte(r.Path), from, to)
	if err != nil {
		return b, err
	}
	err = eachIn(ctx, tx, func(path string, content []byte) {
		if o, err := unpackHistory(fs, path, content); err == nil {
			rel, _ := drive.Relative(r.Path, path)
			b.history = append(b.history, roll.Named{Name: rel, Observation: o})
		}
	}, `SELECT path, content FROM history WHERE filesystem = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3) ORDER BY id`, fs, from, to)
	if err != nil {
		return b, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM history WHERE filesystem = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)", fs, from, to)
	return b, err
}

func putDown(ctx context.Context, tx *sql.Tx, fs int64, m Move, b baggage) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM roll WHERE filesystem = ? AND path = ?", fs, []byte(m.To)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE roll SET path = ?, revision = revision + 1 WHERE id = ?", []byte(m.To), m.From.ID); err != nil {
		return err
	}
	for folder, list := range b.seen {
		if err := recordFolder(ctx, tx, Folder{fs, drive.Join(m.To, folder)}, list); err != nil {
			return err
		}
	}
	for i := range b.history {
		if err := recordHistory(ctx, tx, fs, drive.Join(m.To, b.history[i].Name), &b.history[i].Observation); err != nil {
			return err
		}
	}
	return nil
}

// eachIn calls fn for rows of a path and a blob, in a transaction.
func eachIn(ctx context.Context, tx *sql.Tx, fn func(path string, content []byte), query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		var path, content []byte
		if err := rows.Scan(&path, &content); err != nil {
			return errors.Join(err, rows.Close())
		}
		fn(string(path), content)
	}
	return errors.Join(rows.Err(), rows.Close())
}
