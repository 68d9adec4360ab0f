package verify

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"footagefs/verify/drive"
)

// A file that changes or is replaced while it is read gets no sums.
func TestReadGivesNoSumsForAFileThatChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"written and put back in time": func(p string) error {
			st, err := os.Stat(p)
			if err != nil {
				return err
			}
			f, err := os.OpenFile(p, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			if _, err := f.WriteAt([]byte("x"), 5); err != nil {
				return err
			}
			return os.Chtimes(p, st.ModTime(), st.ModTime())
		},
		"grown":    func(p string) error { return os.Truncate(p, 5<<20) },
		"cut off":  func(p string) error { return os.Truncate(p, 1<<20) },
		"replaced": func(p string) error { return os.Rename(filepath.Join(filepath.Dir(p), "other"), p) },
		"removed":  os.Remove,
		"a folder in its place": func(p string) error {
			if err := os.Remove(p); err != nil {
				return err
			}
			return os.Mkdir(p, 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := make([]byte, 4<<20)
			d, dir := newDrive(t, map[string][]byte{"clip": b, "other": b})
			done := make(chan error, 1)
			changing := false
			o := Options{Readers: 1, Progress: func(int64) {
				if !changing {
					changing = true
					// A writer may wait for the lease to be given back.
					go func() { done <- change(filepath.Join(dir, "clip")) }()
					time.Sleep(50 * time.Millisecond)
				}
			}}
			got, err := runAll(t, t.Context(), d, o, "clip")
			if err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if r := got["clip"]; r.Sums != nil || !errors.Is(r.Err, ErrChanged) && !errors.Is(r.Err, ErrHeldOpen) {
				t.Errorf("got %v and error %v, want no sums", r.Sums, r.Err)
			}
		})
	}
}

// What is younger than the grain of the file system's times is not read before a change
// would show.
func TestSettleWaitsOutTheGrain(t *testing.T) {
	d, dir := newDrive(t, map[string][]byte{"clip": []byte("abc")})
	p := newPool(d, Options{}, nil)
	rd := &reader{pool: p, turn: turn{turns: p.turns}}
	grain := coarseGrain
	if d.FileSystem().Strong {
		grain = fineGrain
	}
	if err := os.Chmod(filepath.Join(dir, "clip"), 0o400); err != nil {
		t.Fatal(err)
	}
	f, look, err := d.OpenFile("clip")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := rd.settle(t.Context(), f, look); err != nil {
		t.Error(err)
	}
	if age := quiet(look); age < grain {
		t.Errorf("it was let through at the age of %v, want %v", age, grain)
	}
	future := look
	future.ModTime = time.Now().Add(time.Hour).UnixNano()
	if err := rd.settle(t.Context(), f, future); err != nil {
		t.Errorf("a camera whose clock is ahead: %v", err)
	}
	changed := look
	changed.ChangeTime, changed.Size = time.Now().UnixNano(), 17
	if err := rd.settle(t.Context(), f, changed); !errors.Is(err, ErrChanged) {
		t.Errorf("changed meanwhile: got error %v, want ErrChanged", err)
	}
}

func TestSameLook(t *testing.T) {
	look := drive.Info{Kind: drive.Regular, Size: 1, ModTime: 2, ChangeTime: 3, Inode: 4, AccessTime: 5}
	for name, change := range map[string]func(*drive.Info){
		"kind": func(i *drive.Info) { i.Kind = drive.Symlink }, "size": func(i *drive.Info) { i.Size++ },
		"mtime": func(i *drive.Info) { i.ModTime++ }, "ctime": func(i *drive.Info) { i.ChangeTime++ }, "inode": func(i *drive.Info) { i.Inode++ },
	} {
		other := look
		change(&other)
		if sameLook(look, other, true) {
			t.Errorf("a change of the %s is not seen", name)
		}
	}
	other := look
	other.Inode, other.AccessTime = 9, 9
	if !sameLook(look, other, false) {
		t.Error("an inode number that does not last counts")
	}
}
