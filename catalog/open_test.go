package catalog

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// openAt opens the catalog at path and closes it with the test.
func openAt(t *testing.T, path string, drives ...string) (*Catalog, error) {
	t.Helper()
	c, err := Open(t.Context(), Options{Path: path, Drives: drives})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// stored are the columns that hold results, or what verdicts are derived from.
var stored = []struct{ table, column string }{
	{"seen", "content"}, {"history", "content"}, {"manifest", "content"}, {"manifest_file", "look"}, {"roll", "summary"},
}

func TestFlippedBitsInStoredResultsAreNoticed(t *testing.T) {
	shoot := newShoot(t)
	clip := filepath.Join(shoot.roll("A001R1AB", map[string]string{"clip.mov": "footage", "sub/clip.mov": "more"}), "clip.mov")
	c := shoot.verified()
	shoot.write(clip, "garbage")
	shoot.settle()
	for _, content := range []string{"garbage", "footage"} { // a failure, which is kept
		shoot.write(clip, content)
		shoot.settle()
		if err := c.refresh(t.Context(), only(t, c)); err != nil {
			t.Fatal(err)
		}
		if err := c.Verify(t.Context(), Filter{}, VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	db, err := sql.Open("sqlite", shoot.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if c, err = openAt(t, shoot.path); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	const flips = 300
	for i := range flips {
		in := stored[i%len(stored)]
		from := " FROM " + in.table + " ORDER BY 1 LIMIT 1"
		var blob []byte
		if err := db.QueryRow("SELECT " + in.column + from).Scan(&blob); err != nil {
			t.Fatalf("%s: %v", in.table, err)
		}
		bad := append([]byte(nil), blob...)
		bit := random.IntN(len(bad) * 8)
		bad[bit/8] ^= 1 << (bit % 8)
		change := "UPDATE " + in.table + " SET " + in.column + " = ? WHERE " + in.column + " = ?"
		if _, err := db.Exec(change, bad, blob); err != nil {
			t.Fatal(err)
		}
		if damages, err := c.Check(t.Context()); err != nil || len(damages) != 1 {
			t.Fatalf("%s, bit %d: got damages %q and error %v, want one", in.table, bit, damages, err)
		}
		if _, err := db.Exec(change, blob, bad); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
}
