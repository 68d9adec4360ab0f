package main

import (
	"context"
	"os"
)

// sequential reads all clips through a privileged mount, from the page cache.
func sequential(ctx context.Context, s *stage) (contest, error) {
	if !s.privileged() {
		return contest{}, errNeedsRoot
	}
	r, err := s.readers(ctx, user{})
	if err != nil {
		return contest{}, err
	}
	return r.contest(everything), nil
}

// firstRead reads them through an unprivileged mount that holds no pages yet. The drive's
// own pages are there: what counts is the way from the serving process.
func firstRead(ctx context.Context, s *stage) (contest, error) {
	r, err := s.readers(ctx, s.unprivileged())
	if err != nil {
		return contest{}, err
	}
	c := r.contest(everything)
	c.ours.prepare = s.forgotten(r.as, r.ours)
	for i := range c.peers {
		if c.peers[i].name == "bindfs" && c.peers[i].absent == "" {
			c.peers[i].prepare = s.forgotten(r.as, r.bindfs)
		}
	}
	return c, nil
}

// secondRead reads them again: the kernel may have kept the mount's pages.
func secondRead(ctx context.Context, s *stage) (contest, error) {
	r, err := s.readers(ctx, s.unprivileged())
	if err != nil {
		return contest{}, err
	}
	return r.contest(everything), nil
}

// everything is the probe that reads files in order.
func everything(names []string) []string { return append([]string{"read"}, names...) }

// scrubbing reads anywhere in a clip, as an editor does whose playhead is dragged.
func scrubbing(bytes string) func(context.Context, *stage) (contest, error) {
	return func(ctx context.Context, s *stage) (contest, error) {
		if !s.privileged() {
			return contest{}, errNeedsRoot
		}
		r, err := s.readers(ctx, user{})
		if err != nil {
			return contest{}, err
		}
		return r.contest(func(names []string) []string { return []string{"random", bytes, "1000", names[0]} }), nil
	}
}

// readers is a drive that is mounted by us and by bindfs.
type readers struct {
	s                    *stage
	as                   user
	native, ours, bindfs []string
	noBindfs             string // why there is none
}

func (s *stage) readers(ctx context.Context, as user) (readers, error) {
	dir := s.paths[clips]
	r := readers{s: s, as: as}
	var err error
	if r.native, err = files(dir); err != nil {
		return r, err
	}
	state, err := s.folder("state", as)
	if err != nil {
		return r, err
	}
	m, err := s.footage(ctx, as, dir, state+"/catalog.db", "noverify")
	if err != nil {
		return r, err
	}
	r.ours = onMount(m, r.native)
	switch m, err := s.bindfs(ctx, as, dir); {
	case err != nil:
		r.noBindfs = err.Error()
	default:
		r.bindfs = rebased(r.native, dir, m.dir)
	}
	return r, nil
}

// contest makes sides of the arguments of a probe.
func (r readers) contest(probe func(names []string) []string) contest {
	bindfs := side{name: "bindfs", absent: r.noBindfs}
	if r.noBindfs == "" {
		bindfs = r.s.probed("bindfs", r.as, probe(r.bindfs)...)
	}
	return contest{
		ours:  r.s.probed("footagefs", r.as, probe(r.ours)...),
		peers: []side{r.s.probed("native", r.as, probe(r.native)...), bindfs},
	}
}

// privileged is true where our mounts may let the kernel read the drive itself.
func (b *bench) privileged() bool { return os.Geteuid() == 0 }

// unprivileged is a user that is not root.
func (b *bench) unprivileged() user {
	if b.privileged() {
		return nobody
	}
	return user{}
}
