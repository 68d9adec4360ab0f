package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// findAgain walks a library whose names and attributes the kernel may know already.
func findAgain(ctx context.Context, s *stage) (contest, error) {
	m, err := s.known(ctx)
	if err != nil {
		return contest{}, err
	}
	return contest{
		ours:  s.find(m.library()).side("footagefs"),
		peers: []side{s.find(s.paths[walked]).side("native")},
	}, nil
}

// findFirst walks a library of which the kernel knows nothing: each turn mounts anew.
func findFirst(ctx context.Context, s *stage) (contest, error) {
	catalog, err := s.verified(ctx)
	if err != nil {
		return contest{}, err
	}
	dir := s.paths[walked]
	return contest{
		ours: s.afterMount("footagefs", (*mounted).library, func(ctx context.Context) (*mounted, error) {
			return s.footage(ctx, user{}, dir, catalog)
		}),
		peers: []side{s.find(dir).side("native"), s.afterMount("bindfs", (*mounted).root, func(ctx context.Context) (*mounted, error) {
			return s.bindfs(ctx, user{}, dir)
		})},
	}, nil
}

// afterMount is a side that mounts, not measured, and walks a folder of it once.
func (s *stage) afterMount(name string, folder func(*mounted) string, mount func(context.Context) (*mounted, error)) side {
	var m *mounted
	return side{
		name: name,
		prepare: func(ctx context.Context) (err error) {
			m, err = mount(ctx)
			return err
		},
		run: func(ctx context.Context) (float64, error) {
			began := time.Now()
			n, err := s.find(folder(m)).lines(ctx)
			cost := time.Since(began).Seconds()
			if err == nil && n < s.size.files {
				err = fmt.Errorf("find saw %d of %d files", n, s.size.files)
			}
			if undone := m.unmount(); err == nil {
				err = undone
			}
			return cost, err
		},
	}
}

// list lists everything in the long format.
func list(ctx context.Context, s *stage) (contest, error) {
	m, err := s.known(ctx)
	if err != nil {
		return contest{}, err
	}
	ls := func(dir string) command { return s.command("ls", "-lR", dir) }
	return contest{
		ours:  ls(m.library()).side("footagefs"),
		peers: []side{ls(s.paths[walked]).side("native"), s.onBindfs(ctx, s.paths[walked], ls)},
	}, nil
}

// attributes asks for five of our attributes of every file; bindfs shows the same ones,
// stored in the file system below it.
func attributes(ctx context.Context, s *stage) (contest, error) {
	m, err := s.known(ctx)
	if err != nil {
		return contest{}, err
	}
	get := func(dir string) command { return s.command("getfattr", "-d", "-R", "-m", fivePattern(), dir) }
	if why := missing("getfattr"); why == "" {
		n, err := get(m.library()).lines(ctx)
		if want := s.size.files * (len(fiveAttributes) + 2); err == nil && n < want {
			err = fmt.Errorf("getfattr printed %d lines, want %d", n, want)
		}
		if err != nil {
			return contest{}, err
		}
	}
	return contest{
		ours:  get(m.library()).side("footagefs"),
		peers: []side{get(s.paths[attributed]).side("native"), s.onBindfs(ctx, s.paths[attributed], get)},
	}, nil
}

// onBindfs is a side that does something on a mount of bindfs.
func (s *stage) onBindfs(ctx context.Context, dir string, do func(dir string) command) side {
	m, err := s.bindfs(ctx, user{}, dir)
	if err != nil {
		return side{name: "bindfs", absent: err.Error()}
	}
	return do(m.dir).side("bindfs")
}

// find walks and looks at each file; +0 is true for all that are not empty.
func (b *bench) find(dir string) command { return b.command("find", dir, "-type", "f", "-size", "+0") }

// verified verifies the drive that is walked and returns the catalog.
func (s *stage) verified(ctx context.Context) (string, error) {
	catalog := filepath.Join(s.dir, "walked.db")
	err := s.fg("verify", "--catalog", catalog, s.paths[walked]).run(ctx)
	return catalog, err
}

// known mounts that drive, verified before, and waits until the mount is at rest.
func (s *stage) known(ctx context.Context) (*mounted, error) {
	catalog, err := s.verified(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.footage(ctx, user{}, s.paths[walked], catalog)
	if err != nil {
		return nil, err
	}
	if err := s.fg("wait", m.dir).run(ctx); err != nil {
		return nil, err
	}
	if n, err := s.find(m.library()).lines(ctx); err != nil || n < s.size.files {
		return nil, fmt.Errorf("find saw %d of %d files of the mount (%w)", n, s.size.files, err)
	}
	return m, nil
}
