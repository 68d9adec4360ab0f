package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// logger takes what the floors below have to say: a mount's log, else stderr.
func (p *program) logger() *slog.Logger {
	if p.log != nil {
		return p.log
	}
	return slog.New(&logHandler{out: &logWriter{w: p.stderr, journal: isJournal(p.stderr)}})
}

// mountLog is the log of a mount: stderr or, with times, a file that lies on no drive.
func (p *program) mountLog(path string, drives []string) (*slog.Logger, *os.File, error) {
	if path == "" {
		return p.logger(), nil, nil
	}
	f, err := openLog(path, drives)
	if err != nil {
		return nil, nil, err
	}
	return slog.New(&logHandler{out: &logWriter{w: f, times: true}}), f, nil
}

// toSystemLog has a logger go on in the system's log: where a process in the background
// has no other. On a machine where nobody keeps one, it falls silent.
func toSystemLog(log *slog.Logger) {
	h, ok := log.Handler().(*logHandler)
	if !ok {
		return
	}
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.w, h.out.journal = io.Discard, false
	if w, err := syslog.New(syslog.LOG_DAEMON|syslog.LOG_INFO, "footagefs"); err == nil {
		h.out.system = w
	}
}

// logHandler writes a record as a line: the message, then what belongs to it. Names come
// from drives: every part is escaped.
type logHandler struct {
	out   *logWriter
	attrs string
	group string
}

// Enabled keeps debugging out of users' logs.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

// Handle writes one line.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	line := escape(r.Message) + h.attrs
	r.Attrs(func(a slog.Attr) bool {
		line += h.attr(a)
		return true
	})
	return h.out.write(r.Time, r.Level, line)
}

// WithAttrs returns a handler whose every line ends with attrs.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	for _, a := range attrs {
		more.attrs += h.attr(a)
	}
	return &more
}

// WithGroup returns a handler that puts name before the keys.
func (h *logHandler) WithGroup(name string) slog.Handler {
	more := *h
	more.group += name + "."
	return &more
}

func (h *logHandler) attr(a slog.Attr) string {
	return fmt.Sprintf(", %s%s: %s", h.group, a.Key, escape(a.Value.Resolve().String()))
}

// logWriter is where lines of a log go.
type logWriter struct {
	mu      sync.Mutex
	w       io.Writer
	journal bool // stderr of a service: lines carry their priority
	times   bool
	system  *syslog.Writer // instead of w
}

func (l *logWriter) write(at time.Time, level slog.Level, line string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.system != nil {
		switch {
		case level >= slog.LevelError:
			return l.system.Err(line)
		case level >= slog.LevelWarn:
			return l.system.Warning(line)
		}
		return l.system.Info(line)
	}
	lead := "footagefs: "
	switch {
	case l.times:
		lead = at.UTC().Format(time.RFC3339) + " " + strings.ToLower(level.String()) + " "
	case l.journal:
		lead = priority(level)
	}
	_, err := fmt.Fprintf(l.w, "%s%s\n", lead, line)
	return err
}

// priority is how sd-daemon(3) spells a level at the beginning of a line.
func priority(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "<3>"
	case level >= slog.LevelWarn:
		return "<4>"
	}
	return "<6>"
}

// isJournal reports whether w is the journal's end of a service's stderr.
func isJournal(w io.Writer) bool {
	f, ok := w.(*os.File)
	stream := os.Getenv("JOURNAL_STREAM")
	if !ok || stream == "" {
		return false
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return false
	}
	return stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
