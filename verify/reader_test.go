package verify

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
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

// Files that are read together get no sums where their folder is another one by the end.
func TestReadGivesNoSumsWhereTheFolderIsReplaced(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"a", "b", "c"} {
		for _, folder := range []string{"takes", "other"} {
			must(t, os.MkdirAll(filepath.Join(dir, folder), 0o700))
			must(t, os.WriteFile(filepath.Join(dir, folder, name), []byte(name), 0o600))
		}
		paths = append(paths, "takes/"+name)
	}
	d := openDrive(t, dir)
	time.Sleep(coarseGrain)      // or the pauses of the young take them apart
	for _, c := range []struct { // in this order
		name   string
		change func() error
	}{
		{"replaced", func() error {
			err := os.Rename(filepath.Join(dir, "takes"), filepath.Join(dir, "was"))
			return errors.Join(err, os.Rename(filepath.Join(dir, "other"), filepath.Join(dir, "takes")))
		}},
		{"gone", func() error { return os.Rename(filepath.Join(dir, "takes"), filepath.Join(dir, "went")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			results := map[string]Result{}
			var once sync.Once
			p := newPool(d, Options{Readers: 1, Progress: func(int64) { once.Do(func() { must(t, c.change()) }) }}, nil)
			rd := &reader{pool: p, turn: turn{turns: p.turns}}
			for _, path := range paths {
				rd.group = append(rd.group, ticket{Job: Job{Path: path, Algorithms: testAlgorithms}})
			}
			rd.readGroup(t.Context())
			for _, r := range rd.results {
				results[r.Path] = r
			}
			for _, path := range paths {
				if r := results[path]; r.Sums != nil || !errors.Is(r.Err, ErrChanged) {
					t.Errorf("%s: got %v and error %v, want ErrChanged", path, r.Sums, r.Err)
				}
			}
		})
	}
}

// A file that takes long leaves those taken with it to others.
func TestReaderLeavesTheRestToOthers(t *testing.T) {
	d, _ := newDrive(t, map[string][]byte{"a": nil, "large": make([]byte, smallSize), "b": nil, "c": nil})
	time.Sleep(coarseGrain)
	p := newPool(d, Options{}, nil)
	rd := &reader{pool: p, turn: turn{turns: p.turns}}
	for _, name := range []string{"a", "large", "b", "c"} {
		rd.group = append(rd.group, ticket{Job: Job{Path: name, Algorithms: testAlgorithms}})
	}
	rd.readGroup(t.Context())
	if len(rd.results) != 2 || rd.results[1].Path != "large" || rd.results[1].Err != nil {
		t.Errorf("got %v, want those of the first two", rd.results)
	}
	if rest := p.queue.try(nil); len(rest) != 1 || rest[0].Path != "b" {
		t.Errorf("got %v of the rest, want b alone, c for another reader", rest)
	}
}

// openClip opens the file "clip" as a reader does.
func openClip(t *testing.T, d *drive.Drive) (drive.File, drive.Info) {
	t.Helper()
	dir, err := d.Enter("clip")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	f, look, err := dir.OpenFile("clip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, look
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
	f, look := openClip(t, d)
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
