package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"footagefs/catalog"
	"footagefs/fs"
)

// serving is a mount while it lives.
type serving struct {
	*program
	job     mountJob
	cat     *catalog.Catalog
	log     *slog.Logger
	logFile *os.File // nil without log=
	parent  *parent  // nil in the foreground
	control *controlServer
	served  error // how the serving of the mount ended
	left    bool  // the terminal was left: what is said there nobody hears
}

// serve mounts in this process and returns when the mount has ended and its work is kept.
func (p *program) serve(ctx context.Context, job mountJob) (err error) {
	p.serves.Store(true)
	// Started in a folder of the drive, it would keep the drive from being unmounted.
	if err := os.Chdir("/"); err != nil {
		return fmt.Errorf("leaving the folder that it was started in: %w", err)
	}
	signal.Ignore(unix.SIGPIPE) // a closed stderr is no reason to leave a dead mount
	s := &serving{program: p, job: job, parent: findParent()}
	if s.parent != nil {
		signal.Ignore(unix.SIGHUP) // there is no terminal whose end it could tell
	}
	if s.log, s.logFile, err = p.mountLog(job.options.log, job.drives); err != nil {
		return err
	}
	p.log = s.log
	if s.logFile != nil {
		defer s.logFile.Close()
	}
	if s.cat, err = p.openDrives(ctx, job.drives, job.options.catalog, job.options.profile); err != nil {
		return err
	}
	// Who mounts the folder that he is in must not keep its drive busy by that for ever.
	if err := os.Chdir("/"); err != nil {
		return firstError(fmt.Errorf("leaving the working folder: %w", err), s.cat.Close())
	}
	s.control = &controlServer{
		cat: s.cat, log: s.log, profile: job.options.profile, reads: !job.options.noVerify,
		left: make(chan struct{}),
	}
	defer s.control.finish()
	defer func() { err = firstError(err, s.cat.Close()) }()
	return s.live(ctx)
}

// live looks at the drives, serves the mount and verifies until the mount ends.
func (s *serving) live(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.control.stop = cancel
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		o := s.job.options
		return s.cat.Background(ctx, !o.noVerify, catalog.VerifyOptions{
			Recheck: o.recheck, Readers: o.readers, Limit: o.limit, Polite: true,
		}, func() error { return s.mount(ctx, g) })
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = s.served // which a cancelled helper may have come before
	}
	s.logEnd(err)
	return err
}

// mount serves the mount, and returns when it is live and everybody was told so.
func (s *serving) mount(ctx context.Context, g *errgroup.Group) error {
	ready := make(chan string, 1)
	g.Go(func() error {
		defer s.control.stop() // unmounted: all else ends, too
		s.served = fs.Serve(ctx, s.job.point, s.cat, s.fsOptions(func(mode string) { ready <- mode }))
		return s.served
	})
	select {
	case <-ctx.Done():
		return nil
	case mode := <-ready:
		return s.mounted(ctx, g, mode)
	}
}

// point is where the mount is, or last was.
func (s *serving) point() string {
	if s.control.tree == nil {
		return s.job.point
	}
	return s.control.tree.Point()
}

// logEnd tells a log that is no terminal how it ended; on a terminal the command says it.
func (s *serving) logEnd(err error) {
	switch {
	case s.logFile == nil && !s.left:
	case err != nil:
		s.log.Error(err.Error())
	default:
		s.log.Info(s.point() + " is unmounted")
	}
}

// mounted tells everybody that the mount is live, and begins to answer for it.
func (s *serving) mounted(ctx context.Context, g *errgroup.Group, mode string) error {
	socket, err := listenControl(s.control.tree.Device())
	if err != nil {
		// The library is worth having without status, pause and release.
		s.log.Warn("the mount cannot be asked or told anything", "error", err)
	} else {
		g.Go(func() error {
			defer socket.Close()
			s.control.serve(ctx, socket.Listener)
			return nil
		})
	}
	if err := s.announce(s.readyLine(mode)); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		// A mount lives for weeks beside an editor's programs: memory counts more than the
		// little time that collecting takes (a million files: 204 MB at most, not 260).
		debug.SetGCPercent(50)
	}
	g.Go(func() error {
		<-ctx.Done()
		s.notify("STOPPING=1")
		return nil
	})
	g.Go(func() error { return s.passOnNotes(ctx) })
	return nil
}

// announce says that the mount is live: to the user, to the parent, which returns then, to
// the service manager, and in a log that is not the user's terminal.
func (s *serving) announce(line string) error {
	s.sayNotes(s.cat)
	if !s.job.quiet {
		s.say("%s", line)
	}
	if s.parent != nil {
		if err := s.leaveTerminal(); err != nil {
			return err
		}
	}
	if s.parent != nil || s.logFile != nil {
		s.log.Info(line)
	}
	s.notify("READY=1", "STATUS="+escape(line), fmt.Sprintf("MAINPID=%d", os.Getpid()))
	return nil
}

// leaveTerminal goes on with the log that a process in the background has.
func (s *serving) leaveTerminal() error {
	s.left = true
	if s.logFile == nil {
		toSystemLog(s.log)
	}
	return s.parent.leave(s.logFile)
}

// notify tells the service manager, if there is one that cares.
func (s *serving) notify(state ...string) {
	if err := notifySystemd(state...); err != nil {
		s.log.Warn("telling the service manager", "error", err)
	}
}

// readyLine says what there is and what is left to do.
func (s *serving) readyLine(mode string) string {
	rolls := s.cat.Rolls(catalog.Filter{})
	files, known := 0, true
	var bytes int64
	for _, r := range rolls {
		known = known && (r.Looked || r.Status == catalog.RollUnreadable)
		if r.Looked {
			files += r.Counts.Pending
			bytes += r.PendingBytes
		}
	}
	left := fmt.Sprintf("%s (%s) left to verify", filesText(files), bytesText(bytes))
	switch {
	case !known && files == 0:
		left = "still looking what is left to verify"
	case !known:
		left += " so far, still looking"
	case files == 0:
		left = "nothing left to verify"
	}
	if s.job.options.noVerify {
		left += ", which it does not (noverify)"
	}
	return fmt.Sprintf("%s is ready: %s, %s; footage is read %s", s.job.point, plural(len(rolls), "roll"), left, modeText(mode))
}

// modeText says how footage is read.
func modeText(mode string) string {
	switch mode {
	case fs.ModePassthrough:
		return "by the kernel from the drive (passthrough)"
	case fs.ModeSplice:
		return "by way of this process (splice)"
	}
	return mode
}

// passOnNotes logs what the user should know while the mount lives, each sentence once.
func (s *serving) passOnNotes(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	said := map[string]bool{}
	for {
		for _, note := range append(s.cat.Notes(), accessTimes(s.cat.Drives())...) {
			if !said[note] {
				s.log.Warn(note)
			}
			said[note] = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *serving) fsOptions(ready func(mode string)) fs.Options {
	o := s.job.options
	return fs.Options{
		AllowOther: o.allowOther, AllowRoot: o.allowRoot, NoXattr: o.noXattr, VerifiedOnly: o.verifiedOnly,
		UID: o.uid, GID: o.gid, Umask: o.umask, VolName: o.volname, Log: s.log, Ready: ready,
		Live: func(live *fs.Live) { s.control.tree = live },
	}
}
