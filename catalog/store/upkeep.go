package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"footagefs/verify/mhl"
)

// Info describes the catalog's file.
type Info struct {
	Path        string // "" in memory
	Size        int64  // bytes, with its journal
	Schema      int
	FileSystems int
	Rolls       int
	Gone        int // rolls that were not found any more when their place was looked at
	Manifests   int
	Files       int // files with a result
	Replaced    int // earlier results that a later one replaced; they are kept
}

func (f *file) info(ctx context.Context) (Info, error) {
	i := Info{Path: f.path}
	for _, suffix := range []string{"", "-wal"} {
		if st, err := os.Stat(f.path + suffix); f.path != "" && err == nil {
			i.Size += st.Size()
		}
	}
	err := f.r.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM filesystem),
		(SELECT count(*) FROM roll), (SELECT count(*) FROM roll WHERE gone > 0), (SELECT count(*) FROM manifest),
		(SELECT count(*) FROM history)`).Scan(&i.Schema, &i.FileSystems, &i.Rolls, &i.Gone, &i.Manifests, &i.Replaced)
	if err != nil {
		return i, fmt.Errorf("counting what the catalog holds: %w", err)
	}
	err = f.each(ctx, "SELECT filesystem, folder, content FROM seen", func(fs int64, folder string, content []byte) {
		if list, err := unpackSeen(content, Folder{fs, folder}.String()); err == nil {
			i.Files += len(list)
		}
	})
	return i, err
}

// each calls fn for rows of a number, a path and a blob.
func (f *file) each(ctx context.Context, query string, fn func(int64, string, []byte)) error {
	rows, err := f.r.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("reading the catalog: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var path, blob []byte
		if err := rows.Scan(&n, &path, &blob); err != nil {
			return fmt.Errorf("reading the catalog: %w", err)
		}
		fn(n, string(path), blob)
	}
	return rows.Err()
}

// Damage is one thing that Check found to be damaged.
type Damage struct {
	What string // which kind of record; or, of the file's own structure, all there is to say
	Path string // of what, byte for byte; "" of the structure
}

func (f *file) check(ctx context.Context) ([]Damage, error) {
	var damages []Damage
	rows, err := f.r.QueryContext(ctx, "PRAGMA integrity_check")
	if err != nil {
		return nil, fmt.Errorf("checking the catalog: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("checking the catalog: %w", err)
		}
		if line != "ok" {
			damages = append(damages, Damage{What: line})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("checking the catalog: %w", err)
	}
	found, err := f.checkRecords(ctx)
	return append(damages, found...), err
}

// checkRecords opens every packed record.
func (f *file) checkRecords(ctx context.Context) ([]Damage, error) {
	var damages []Damage
	damaged := func(what, path string) { damages = append(damages, Damage{what, path}) }
	tables := []struct {
		query string
		check func(n int64, path string, blob []byte)
	}{
		{"SELECT filesystem, folder, content FROM seen", func(fs int64, folder string, b []byte) {
			if _, err := unpackSeen(b, Folder{fs, folder}.String()); err != nil {
				damaged("the files in", folder)
			}
		}},
		{"SELECT id, path, summary FROM roll WHERE length(summary) > 0", func(id int64, path string, b []byte) {
			if _, err := openBlob(b, summaryKey(id, path)); err != nil {
				damaged("the roll", path)
			}
		}},
		{"SELECT filesystem, path, content FROM history", func(fs int64, path string, b []byte) {
			if _, err := openBlob(b, historyKey(fs, path)); err != nil {
				damaged("an earlier result of", path)
			}
		}},
		{"SELECT 0, CAST(digest AS BLOB), content FROM manifest", func(_ int64, digest string, b []byte) {
			m := new(mhl.Manifest)
			if err := m.UnmarshalBinary(b); errors.Is(err, mhl.ErrOtherForm) {
				return // it is parsed again when it is asked for
			} else if err != nil || m.Digest != digest {
				damaged("the manifest", digest)
			}
		}},
		{"SELECT filesystem, CAST(digest || ' ' || path AS BLOB), look FROM manifest_file", func(fs int64, key string, b []byte) {
			if _, err := openBlob(b, fmt.Sprintf("manifest %d %s", fs, key)); err != nil {
				damaged("the manifest's place", key)
			}
		}},
	}
	for _, t := range tables {
		if err := f.each(ctx, t.query, t.check); err != nil {
			return damages, err
		}
	}
	return damages, nil
}

// markGone remembers which rolls are not there any more, and which are again.
func (f *file) markGone(ctx context.Context, gone map[int64]bool) error {
	return f.update(ctx, "remembering which rolls are gone", func(tx *sql.Tx) error {
		for id, is := range gone {
			at := int64(0)
			if is {
				at = f.now().UnixNano()
			}
			if _, err := tx.ExecContext(ctx, "UPDATE roll SET gone = ? WHERE id = ?", at, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *file) prune(ctx context.Context) ([]string, error) {
	var list []string
	err := f.update(ctx, "forgetting rolls", func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT filesystem, path, summary FROM roll WHERE gone > 0 ORDER BY path")
		if err != nil {
			return err
		}
		type place struct {
			fs   int64
			path string
		}
		var gone []place
		for rows.Next() {
			var p place
			var path, rest []byte
			if err := rows.Scan(&p.fs, &path, &rest); err != nil {
				rows.Close()
				return err
			}
			p.path = string(path)
			gone = append(gone, p)
		}
		if err := rows.Close(); err != nil {
			return err
		}
		for _, p := range gone {
			if err := forgetBelow(ctx, tx, p.fs, p.path); err != nil {
				return err
			}
			list = append(list, "the roll "+p.path)
		}
		res, err := tx.ExecContext(ctx, "DELETE FROM manifest WHERE digest NOT IN (SELECT digest FROM manifest_file)")
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n > 0 {
			list = append(list, fmt.Sprintf("%d manifests that no roll has any more", n))
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM claim WHERE heartbeat < ?", f.now().Add(-ClaimLapse).UnixNano())
		return err
	})
	return list, err
}

func forgetBelow(ctx context.Context, tx *sql.Tx, fs int64, path string) error {
	from, to := below(path)
	for _, query := range []string{
		"DELETE FROM seen WHERE filesystem = ?1 AND (folder = ?2 OR (folder >= ?3 AND folder < ?4))",
		"DELETE FROM manifest_file WHERE filesystem = ?1 AND (path = ?2 OR (path >= ?3 AND path < ?4))",
		"DELETE FROM history WHERE filesystem = ?1 AND (path = ?2 OR (path >= ?3 AND path < ?4))",
	} {
		if _, err := tx.ExecContext(ctx, query, fs, []byte(path), from, to); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM roll WHERE filesystem = ?1 AND path = ?2 AND gone > 0", fs, []byte(path))
	return err
}
