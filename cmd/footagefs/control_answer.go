package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"footagefs/catalog"
)

// perform does what a request asks for and returns its exit status.
func (s *controlServer) perform(ctx context.Context, r request, out *replies) (int, error) {
	switch r.Op {
	case opHello:
		h := s.hello()
		return exitDone, out.send(reply{Hello: &h})
	case opPause:
		s.cat.Pause()
		return exitDone, nil
	case opResume:
		if !s.reads {
			return exitFailed, fmt.Errorf("the mount %s was made with -o noverify: it does not verify", s.tree.Point())
		}
		s.cat.Resume()
		return exitDone, nil
	case opRelease:
		return exitDone, s.release(ctx, r.Drives)
	}
	base, err := s.selected(r.Query.Paths)
	if err != nil {
		return exitFailed, err
	}
	f := r.Query.narrow(base)
	switch r.Op {
	case opResolve:
		selected := selectionOf(s.cat, base, f)
		return exitDone, out.send(reply{Selected: &selected})
	case opNext:
		s.cat.Next(f)
		return exitDone, nil
	case opWait:
		return s.wait(ctx, r.Query, f, out)
	case opStatus:
		status, err := r.Query.answer(ctx, s.cat, base, r.Op, out)
		if err == nil {
			err = writeActivity(out, s.cat.Activity())
		}
		return status, err
	}
	return r.Query.answer(ctx, s.cat, base, r.Op, out)
}

// wait waits until nothing more can be read, and judges.
func (s *controlServer) wait(ctx context.Context, q query, f catalog.Filter, out *replies) (int, error) {
	if err := q.matches(s.cat, f); err != nil {
		return exitFailed, err
	}
	asked := time.Now()
	show := func(p catalog.Progress) { out.send(reply{Progress: &p}) }
	for {
		s.cat.Freshen(ctx, f)
		if err := waitIdle(ctx, s.cat, f, s.reads, show); err != nil {
			return exitFailed, err
		}
		_, left := pendingOf(s.cat.Rolls(f))
		s.cat.LookAgain(ctx, f, asked)
		if _, now := pendingOf(s.cat.Rolls(f)); now <= left || !s.reads {
			break // else something changed since it was read, and is being read again
		}
	}
	c := q.conclude(s.cat, f, nil)
	return c.exit(), c.write(out, q)
}

// hello says who answers.
func (s *controlServer) hello() hello {
	h := hello{
		Point: exact(s.tree.Point()), Device: s.tree.Device(), PID: os.Getpid(), Version: version(),
		Catalog: exact(s.cat.Path()), Profile: exact(s.profile),
	}
	for _, d := range s.cat.Drives() {
		h.Drives = append(h.Drives, wireDrive{d.ID, exact(d.Name), exact(d.Dir), d.Offline})
	}
	return h
}

// selected is what paths of the tree mean, together.
func (s *controlServer) selected(paths []exact) (catalog.Filter, error) {
	filters := make([]catalog.Filter, len(paths))
	for i, path := range paths {
		f, err := s.tree.Resolve(string(path))
		if err != nil {
			return f, err
		}
		filters[i] = f
	}
	if len(filters) == 1 {
		return filters[0], nil
	}
	return s.union(filters), nil
}

// union selects what any of the filters does. One filter cannot say that but by numbers.
func (s *controlServer) union(filters []catalog.Filter) catalog.Filter {
	var all catalog.Filter
	if len(filters) > 0 {
		all.IDs = []catalog.RollID{noRoll}
	}
	for _, f := range filters {
		for _, r := range s.cat.Rolls(f) {
			all.IDs = append(all.IDs, r.ID)
		}
	}
	return all
}

// release lets go of the named drives, or of all.
func (s *controlServer) release(ctx context.Context, names []exact) error {
	drives := s.cat.Drives()
	var ids []catalog.DriveID
	for _, name := range names {
		i := driveNamed(drives, string(name))
		if i < 0 {
			return fmt.Errorf("%s is no drive of this mount; footagefs status names them", name)
		}
		ids = append(ids, drives[i].ID)
	}
	if names == nil {
		for _, d := range drives {
			ids = append(ids, d.ID)
		}
	}
	for _, id := range ids {
		if err := s.cat.Release(ctx, id); err != nil {
			return fmt.Errorf("letting go of a drive: %w", err)
		}
	}
	return nil
}

// driveNamed finds a drive by its folder or its name.
func driveNamed(drives []catalog.Drive, name string) int {
	for i, d := range drives {
		if d.Dir == name || d.Name == name {
			return i
		}
	}
	return -1
}
