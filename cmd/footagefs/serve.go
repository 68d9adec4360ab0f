package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
	"footagefs/fs"
)

// serving is what a process that serves a mount talks to, beside the kernel.
type serving struct {
	*program
	job     mountJob
	log     *slog.Logger
	logFile *os.File // nil without log=
	parent  *parent  // nil in the foreground
	left    bool     // the terminal was left: what is said there nobody hears
}

// serve mounts in this process and returns when the mount has ended and its work is kept.
// Whatever is begun here is ended in the opposite order; once ctx has ended, all of it begins
// to end at once.
func (p *program) serve(ctx context.Context, job mountJob) (err error) {
	s, err := p.prepare(job)
	if err != nil {
		return err
	}
	defer s.closeLog()
	cat, err := p.openDrives(ctx, job.drives, job.options.catalog, job.options.profile)
	if err != nil {
		return err
	}
	answers := control.NewServer(control.About{
		Catalog: cat, Log: s.log, Version: version(), Profile: job.options.profile, Verifies: !job.options.noVerify,
		Print: s.printFrom(cat),
	})
	defer answers.Finish() // who asked for the end hears of it when the work is kept
	point := job.point
	defer func() { s.logEnd(point, err) }()
	defer func() { err = firstError(err, cat.Close()) }()

	var beside sync.WaitGroup
	defer beside.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	work := cat.Start(ctx)
	defer work.Stop()
	if !work.AwaitFirstLooks() { // so that what the mount shows first is true
		return nil
	}

	m, err := fs.Mount(job.point, cat, s.fsOptions())
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, m.End()); point = m.Point() }()
	// At once, also while a stopped terminal keeps what follows: else the mount point would stay
	// taken, and a second signal would leave a dead mount there.
	context.AfterFunc(ctx, func() { _ = m.End() })
	if socket, err := control.Listen(m.Device()); err != nil {
		// The library is worth having without status, pause and release.
		s.log.Warn("the mount cannot be asked or told anything", "error", err)
	} else {
		beside.Go(func() { answers.Serve(ctx, socket, m, end) })
	}
	if err := s.announce(cat, m.Mode()); err != nil {
		return err
	}
	saveMemory()
	beside.Go(func() { s.passOnNotes(ctx, cat) })
	if o := job.options; !o.noVerify {
		work.Verify(catalog.VerifyOptions{Recheck: o.recheck, Readers: o.readers, Limit: o.limit, Polite: true})
	}

	select {
	case <-ctx.Done(): // a signal, or a request
	case <-m.Done(): // it was unmounted
		end()
	}
	beside.Go(func() { s.notify("STOPPING=1") }) // beside, as who does not listen must not keep the end
	return nil
}

// printFrom has the questions of others answered as if they had been asked of this catalog in
// their own process.
func (s *serving) printFrom(cat *catalog.Catalog) control.Print {
	return func(ctx context.Context, op control.Operation, asked control.Query, base catalog.Filter, out io.Writer, show func(catalog.Progress)) (int, error) {
		q := query{asked}
		if op == control.OpWait {
			return q.answerWait(ctx, cat, q.Narrow(base), !s.job.options.noVerify, out, show)
		}
		status, err := q.answer(ctx, cat, base, op, out)
		if err == nil && op == control.OpStatus {
			err = writeActivity(out, cat.Activity())
		}
		return status, err
	}
}

// prepare makes this process one that can serve a mount for weeks, whatever becomes of where
// it was started.
func (p *program) prepare(job mountJob) (*serving, error) {
	p.serves.Store(true)
	// Started in a folder of the drive, it would keep the drive from being unmounted.
	if err := os.Chdir("/"); err != nil {
		return nil, fmt.Errorf("leaving the folder that it was started in: %w", err)
	}
	signal.Ignore(unix.SIGPIPE) // a closed stderr is no reason to leave a dead mount
	s := &serving{program: p, job: job, parent: findParent()}
	if s.parent != nil {
		signal.Ignore(unix.SIGHUP) // there is no terminal whose end it could tell
	}
	var err error
	if s.log, s.logFile, err = p.mountLog(job.options.log, job.drives); err != nil {
		return nil, err
	}
	p.log = s.log
	return s, nil
}

func (s *serving) closeLog() {
	if s.logFile != nil {
		s.logFile.Close()
	}
}

// saveMemory has memory collected more often than usual, unless the user says how often: a
// mount lives for weeks beside an editor's programs, where memory counts more than the little
// time that collecting takes (a million files: 204 MB at most, not 260).
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// logEnd tells a log that is no terminal how it ended; on a terminal the command says it.
func (s *serving) logEnd(point string, err error) {
	switch {
	case s.logFile == nil && !s.left:
	case err != nil:
		s.log.Error(err.Error())
	default:
		s.log.Info(point + " is unmounted")
	}
}

// announce says that the mount is live: to the user, to the parent, which returns then, to
// the service manager, and in a log that is not the user's terminal.
func (s *serving) announce(cat *catalog.Catalog, mode string) error {
	s.sayNotes(cat)
	line := s.readyLine(cat, mode)
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
func (s *serving) readyLine(cat *catalog.Catalog, mode string) string {
	rolls := cat.Rolls(catalog.Filter{})
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
func (s *serving) passOnNotes(ctx context.Context, cat *catalog.Catalog) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	said := map[string]bool{}
	for {
		for _, note := range append(cat.Notes(), accessTimes(cat.Drives())...) {
			if !said[note] {
				s.log.Warn(note)
			}
			said[note] = true
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *serving) fsOptions() fs.Options {
	o := s.job.options
	return fs.Options{
		AllowOther: o.allowOther, AllowRoot: o.allowRoot, NoXattr: o.noXattr, VerifiedOnly: o.verifiedOnly,
		UID: o.uid, GID: o.gid, Umask: o.umask, VolName: o.volname, Log: s.log,
	}
}
