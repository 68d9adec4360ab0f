package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"footagefs/catalog/roll"
	"footagefs/verify/mhl"
)

func packLook(l roll.Look, plug int64) []byte {
	b := binary.AppendVarint(nil, l.Size)
	b = binary.AppendVarint(b, l.ModTime)
	b = binary.AppendVarint(b, l.ChangeTime)
	b = binary.AppendUvarint(b, l.Inode)
	return binary.AppendVarint(b, plug)
}

func manifestFileKey(fs int64, path, digest string) string {
	return fmt.Sprintf("manifest %d %s %s", fs, digest, path)
}

// manifestAt returns the digest of the manifest that was parsed at a path when it looked
// like this, "" where there is none.
func (f *file) manifestAt(ctx context.Context, fs int64, path string, l roll.Look, plug int64) (string, error) {
	var stored []byte
	var digest string
	err := f.r.QueryRowContext(ctx, "SELECT look, digest FROM manifest_file WHERE filesystem = ? AND path = ?", fs, []byte(path)).Scan(&stored, &digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking up the manifest %q: %w", path, err)
	}
	body, err := openBlob(stored, manifestFileKey(fs, path, digest))
	if err != nil || string(body) != string(packLook(l, plug)) {
		return "", nil
	}
	return digest, nil
}

// manifest returns a parsed manifest by the digest of its bytes, nil where it is not known.
func (f *file) manifest(ctx context.Context, digest string) (*mhl.Manifest, error) {
	var content []byte
	err := f.r.QueryRowContext(ctx, "SELECT content FROM manifest WHERE digest = ?", digest).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a remembered manifest: %w", err)
	}
	m := new(mhl.Manifest)
	// The packed form is checksummed, and holds the digest it is stored under.
	if err := m.UnmarshalBinary(content); err != nil || m.Digest != digest {
		return nil, nil
	}
	return m, nil
}

// saveManifest remembers a parsed manifest, and where it was found.
func (f *file) saveManifest(ctx context.Context, fs int64, path string, l roll.Look, plug int64, m *mhl.Manifest) error {
	content, err := m.MarshalBinary()
	if err != nil {
		return fmt.Errorf("packing the manifest %q: %w", path, err)
	}
	return f.update(ctx, "storing a manifest", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO manifest (digest, content) VALUES (?, ?)", m.Digest, content); err != nil {
			return err
		}
		sealed := sealBlob(packLook(l, plug), manifestFileKey(fs, path, m.Digest))
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO manifest_file (filesystem, path, look, digest) VALUES (?, ?, ?, ?)",
			fs, []byte(path), sealed, m.Digest)
		return err
	})
}
