package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// bench is a run of the benchmark: its folder, its binaries, the drives made so far.
type bench struct {
	size      size
	runs      int    // of every row; 0: what each needs
	dir       string // removed at the end
	drives    string // where the drives lie
	image     string // of their volume, "" where they have none
	footagefs string
	probe     string // this program, where every user may run it
	made      map[drive]bool
	serial    int // numbers what is made
	stderr    io.Writer
	undo      undo
}

func newBench(ctx context.Context, o options, stderr io.Writer) (*bench, error) {
	b := &bench{size: o.size, runs: o.runs, made: map[drive]bool{}, stderr: stderr}
	dir, err := os.MkdirTemp(o.dir, "footagefs-bench-")
	if err != nil {
		return nil, fmt.Errorf("making the folder to work in: %w", err)
	}
	b.undo.add(func() error { return os.RemoveAll(dir) })
	if b.dir, err = filepath.EvalSymlinks(dir); err == nil {
		err = os.Chmod(b.dir, 0o755) // nobody looks into it
	}
	if err == nil {
		err = b.binaries(ctx, o.footagefs)
	}
	if err == nil {
		err = b.makeVolume(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.undo.run())
	}
	return b, nil
}

// binaries builds footagefs where none is given, and copies this program to where nobody
// may run it, too.
func (b *bench) binaries(ctx context.Context, given string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("looking for this program: %w", err)
	}
	b.probe = filepath.Join(b.dir, "probe")
	if err := copyProgram(self, b.probe); err != nil {
		return err
	}
	b.footagefs = filepath.Join(b.dir, "footagefs")
	if given != "" {
		return copyProgram(given, b.footagefs)
	}
	b.say("building footagefs")
	return b.command("go", "build", "-o", b.footagefs, "footagefs/cmd/footagefs").run(ctx)
}

func copyProgram(from, to string) error {
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o755)
	}
	if err != nil {
		return fmt.Errorf("copying a program: %w", err)
	}
	return nil
}

// say tells about progress.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.stderr, format+"\n", args...) }

// fresh is a path in the folder to work in that nothing lies at yet.
func (b *bench) fresh(name string) string {
	b.serial++
	return filepath.Join(b.dir, fmt.Sprintf("%s-%d", name, b.serial))
}

// folder makes a folder that belongs to a user.
func (b *bench) folder(name string, as user) (string, error) {
	dir := b.fresh(name)
	err := os.Mkdir(dir, 0o755)
	if err == nil && as.other {
		err = os.Chown(dir, int(as.uid), int(as.gid))
	}
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return dir, nil
}
