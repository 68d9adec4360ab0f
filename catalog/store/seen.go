package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

// below is the half-open range of the paths below folder, byte for byte: '0' follows '/'.
// The folder itself is not in it. "." is the root: everything.
func below(folder string) (from, to []byte) {
	if folder == "." {
		return []byte{}, nil
	}
	return []byte(folder + "/"), []byte(folder + "0")
}

// seenBelow returns the observations of the files in and below a folder, by folder, sorted
// by the bytes of their names.
// Damaged rows are left out and counted.
func (f *file) seenBelow(ctx context.Context, fs int64, folder string) (_ map[string][]roll.Named, damaged int, err error) {
	from, to := below(folder)
	rows, err := f.r.QueryContext(ctx, `SELECT folder, content FROM seen WHERE filesystem = ?1
		AND (folder = ?2 OR (folder >= ?3 AND (?4 IS NULL OR folder < ?4)))`, fs, []byte(folder), from, to)
	if err != nil {
		return nil, 0, fmt.Errorf("reading observations: %w", err)
	}
	defer rows.Close()
	seen := map[string][]roll.Named{}
	for rows.Next() {
		var path, content sql.RawBytes // nothing of them is kept
		if err := rows.Scan(&path, &content); err != nil {
			return nil, 0, fmt.Errorf("reading observations: %w", err)
		}
		list, err := unpackSeen(content, Folder{fs, string(path)}.String())
		if err != nil {
			damaged++
			continue
		}
		seen[string(path)] = list
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("reading observations: %w", err)
	}
	return seen, damaged, nil
}

// mergeSeen puts new observations over old ones, which are sorted by name, as the result
// is; an old one that differs in its result is handed to replaced first: no result is
// overwritten silently. New ones of one name count in their order. Nothing of old is
// changed; new belongs to the result.
func mergeSeen(old, new []roll.Named, replaced func(roll.Named)) []roll.Named {
	switch {
	case !ascending(new):
		slices.SortStableFunc(new, byName)
	case len(old) == 0:
		return new
	}
	merged := make([]roll.Named, 0, len(old)+len(new))
	for i := range new {
		n := &new[i]
		before := 0
		for before < len(old) && old[before].Name <= n.Name {
			before++
		}
		merged = append(merged, old[:before]...)
		old = old[before:]
		last := len(merged) - 1
		if last < 0 || merged[last].Name != n.Name {
			merged = append(merged, *n)
			continue
		}
		if replaced != nil && !roll.SameResult(&merged[last].Observation, &n.Observation) {
			replaced(merged[last])
		}
		merged[last].Observation = roll.Merge(merged[last].Observation, n.Observation)
	}
	return append(merged, old...)
}

// ascending is true where no two names are alike, either.
func ascending(list []roll.Named) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1].Name >= list[i].Name {
			return false
		}
	}
	return true
}

func byName(a, b roll.Named) int { return strings.Compare(a.Name, b.Name) }

// record commits observations by folder, and moves the revisions of the rolls they belong
// to, which it returns by the rolls' row.
func (f *file) record(ctx context.Context, b backlog) (map[int64]int64, error) {
	revisions := map[int64]int64{}
	err := f.update(ctx, "storing observations", func(tx *sql.Tx) error {
		for k, list := range b.seen {
			if err := recordFolder(ctx, tx, k, list); err != nil {
				return err
			}
		}
		return advance(ctx, tx, b.rows, revisions)
	})
	if err != nil {
		return nil, err
	}
	return revisions, nil
}

// advance moves the revisions of rolls, by which other processes see that they changed.
func advance(ctx context.Context, tx *sql.Tx, rows map[int64]bool, revisions map[int64]int64) error {
	for id := range rows {
		var now int64
		err := tx.QueryRowContext(ctx, "UPDATE roll SET revision = revision + 1 WHERE id = ? RETURNING revision", id).Scan(&now)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		revisions[id] = now
	}
	return nil
}

func recordFolder(ctx context.Context, tx *sql.Tx, k Folder, list []roll.Named) error {
	var old []roll.Named
	var content []byte
	err := tx.QueryRowContext(ctx, "SELECT content FROM seen WHERE filesystem = ? AND folder = ?", k.FS, []byte(k.Path)).Scan(&content)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		// A damaged row says nothing; what is new takes its place.
		old, _ = unpackSeen(content, k.String())
	}
	var failed error
	merged := mergeSeen(old, list, func(o roll.Named) {
		if err := recordHistory(ctx, tx, k.FS, drive.Join(k.Path, o.Name), &o.Observation); err != nil {
			failed = err
		}
	})
	if failed != nil {
		return failed
	}
	_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO seen (filesystem, folder, content) VALUES (?, ?, ?)",
		k.FS, []byte(k.Path), packSeen(merged, k.String()))
	return err
}

func historyKey(fs int64, path string) string { return fmt.Sprintf("history %d %s", fs, path) }

func recordHistory(ctx context.Context, tx *sql.Tx, fs int64, path string, o *roll.Observation) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO history (filesystem, path, content) VALUES (?, ?, ?)",
		fs, []byte(path), sealBlob(appendObservation(nil, o), historyKey(fs, path)))
	return err
}

func unpackHistory(fs int64, path string, content []byte) (roll.Observation, error) {
	body, err := openBlob(content, historyKey(fs, path))
	if err != nil {
		return roll.Observation{}, err
	}
	r := unpacker{b: body}
	o := r.observation()
	if r.bad {
		return o, errDamaged
	}
	return o, nil
}
