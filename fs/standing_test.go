package fs

import (
	"os"
	"path/filepath"
	"testing"

	"footagefs/verify/drive"
)

func TestAppeared(t *testing.T) {
	kind := "fuse.footagefs"
	other := drive.Mount{ID: 5, Device: "0:5", Point: "/m", Type: kind}
	ours := drive.Mount{ID: 7, Device: "0:7", Point: "/m", Type: kind}
	moved := drive.Mount{ID: 8, Device: "0:8", Point: "/elsewhere", Type: kind}
	cover := drive.Mount{ID: 9, Device: "0:9", Point: "/m", Type: "fuse.bindfs"}
	for name, c := range map[string]struct {
		before, after []drive.Mount
		own           []string
		want          int // the number, 0 where it is not known
	}{
		"alone":                       {nil, []drive.Mount{ours}, nil, 7},
		"over another":                {[]drive.Mount{other}, []drive.Mount{other, ours}, nil, 7},
		"covered at once":             {nil, []drive.Mount{ours, cover}, nil, 7},
		"two at once":                 {nil, []drive.Mount{other, ours}, nil, 0},
		"two at once, the kernel":     {nil, []drive.Mount{other, ours}, []string{"0:7"}, 7},
		"moved at once":               {nil, []drive.Mount{moved}, nil, 0},
		"moved at once, the kernel":   {nil, []drive.Mount{other, moved}, []string{"0:8"}, 8},
		"unmounted at once":           {[]drive.Mount{other}, []drive.Mount{other, cover}, nil, 0},
		"another's, says the kernel":  {nil, []drive.Mount{other}, []string{"0:7"}, 0},
		"a copy of what was there":    {[]drive.Mount{other}, []drive.Mount{other, {ID: 6, Device: "0:5", Point: "/m", Type: kind}}, nil, 0},
		"something else of our point": {nil, []drive.Mount{cover}, []string{"0:9"}, 0},
	} {
		m, ok := appeared(c.before, c.after, "/m", c.own)
		if m.ID != c.want || ok != (c.want != 0) {
			t.Errorf("%s: got %d, %v, want %d", name, m.ID, ok, c.want)
		}
	}
}

// The folder that was made for a mount is removed where it is, and nothing else.
func TestRemoveWhereItIs(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		replaced bool // another folder has the old path
	}{"renamed": {}, "replaced": {replaced: true}} {
		old, now := filepath.Join(dir, name, "old"), filepath.Join(dir, name, "now")
		if err := os.MkdirAll(old, 0o755); err != nil {
			t.Fatal(err)
		}
		m, err := prepare(filepath.Join(old, "mnt"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(old, now); err != nil {
			t.Fatal(err)
		}
		if c.replaced {
			if err := os.MkdirAll(m.path, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		m.moved = filepath.Join(now, "mnt")
		m.remove()
		if _, err := os.Stat(m.moved); !os.IsNotExist(err) {
			t.Errorf("%s: the folder that was made: got %v, want it gone", name, err)
		}
		if _, err := os.Stat(m.path); c.replaced && err != nil {
			t.Errorf("%s: somebody else's folder: %v", name, err)
		}
	}
}
