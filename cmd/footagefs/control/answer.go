package control

import (
	"context"
	"fmt"
	"os"

	"footagefs/catalog"
)

// perform does what a request asks for and returns its exit status.
func (s *Server) perform(ctx context.Context, r Request, out *replies) (status int, err error) {
	switch r.Op {
	case OpHello:
		h := s.hello()
		return Done, out.send(reply{Hello: &h})
	case OpPause:
		s.cat.Pause()
		return Done, nil
	case OpResume:
		if !s.about.Verifies {
			return Failed, fmt.Errorf("the mount %s was made with -o noverify: it does not verify", s.live.Point())
		}
		s.cat.Resume()
		return Done, nil
	case OpRelease:
		return Done, s.release(ctx, r.Drives)
	}
	base, err := s.selected(r.Query.Paths)
	if err != nil {
		return Failed, err
	}
	f := r.Query.Narrow(base)
	switch r.Op {
	case OpResolve:
		selected := selectionOf(s.cat, base, f)
		return Done, out.send(reply{Selected: &selected})
	case OpNext:
		s.cat.Next(f)
		return Done, nil
	}
	return s.about.Print(ctx, r.Op, r.Query, base, out, out.progress)
}

// hello says who answers.
func (s *Server) hello() Hello {
	h := Hello{
		Point: Exact(s.live.Point()), Device: s.live.Device(), PID: os.Getpid(), Version: s.about.Version,
		Catalog: Exact(s.cat.Path()), Profile: Exact(s.about.Profile),
	}
	for _, d := range s.cat.Drives() {
		h.Drives = append(h.Drives, Drive{d.ID, Exact(d.Name), Exact(d.Dir), d.Offline})
	}
	return h
}

// selected is what paths of the tree mean, together.
func (s *Server) selected(paths []Exact) (catalog.Filter, error) {
	switch len(paths) {
	case 0:
		return catalog.Filter{}, nil
	case 1:
		return s.live.Resolve(string(paths[0]))
	}
	var rolls []catalog.Roll // one filter cannot say "here or there" but by naming the rolls
	for _, path := range paths {
		f, err := s.live.Resolve(string(path))
		if err != nil {
			return f, err
		}
		rolls = append(rolls, s.cat.Rolls(f)...)
	}
	return catalog.Filter{}.Only(rolls), nil
}
