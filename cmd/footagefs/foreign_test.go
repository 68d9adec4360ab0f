package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Links in another user's mount lead where he likes; those in one's own are followed.
func TestLinksOfAnotherUsersMount(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	point := filepath.Join(dir, "mnt")
	for _, folder := range []string{filepath.Join(point, "Drives"), filepath.Join(dir, "secret", "roll")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"out": "../secret", "in": "Drives", "Drives/far": filepath.Join(dir, "secret")} {
		if err := os.Symlink(target, filepath.Join(point, link)); err != nil {
			t.Fatal(err)
		}
	}
	for owner, foreign := range map[int]bool{os.Geteuid(): false, os.Geteuid() + 1: true, noOwner: true} {
		mounts := []mountEntry{
			{point: "/", root: "/", device: "1:1", kind: "ext4", owner: noOwner},
			{point: point, root: "/", device: "0:9", kind: "fuse.footagefs", owner: owner},
		}
		for path, leaves := range map[string]bool{
			"mnt": false, "mnt/in": false, "mnt/Drives": false, "secret": false,
			"mnt/out": true, "mnt/out/roll": true, "mnt/Drives/far/roll": true,
		} {
			path = filepath.Join(dir, path)
			real, err := realPath(path)
			if err != nil {
				t.Fatal(err)
			}
			end, _ := mountOf(mounts, real)
			if _, got := leadsThrough(mounts, path, end); got != (leaves && foreign) {
				t.Errorf("owner %d, %s: got %v, want %v", owner, path, got, leaves && foreign)
			}
		}
	}
}

func TestHarmlessWriter(t *testing.T) {
	for text, want := range map[string]string{
		"2023-05-10  A001  verified\n": "2023-05-10  A001  verified\n",
		"\x1b]0;x\x07\x1b[2J\r\nb":     `\u001b]0;x\u0007\u001b[2J\u000d` + "\nb",
		`a\u001b \\ "é"` + "\n":        `a\u001b \\ "é"` + "\n",
		"\xff\u202ex\u009b31m\n":       `\xff\u202ex\u009b31m` + "\n",
	} {
		for size := 1; size <= len(text); size++ {
			var out bytes.Buffer
			w := &harmlessWriter{w: &out}
			for rest := []byte(text); len(rest) > 0; {
				n := min(size, len(rest))
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil || out.String() != want {
				t.Fatalf("%q in pieces of %d: got %q, want %q (error %v)", text, size, &out, want, err)
			}
		}
	}
}
