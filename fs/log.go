package fs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// What clients of the mount can bring about as often as they like must not fill a disk with
// lines of the log: of each minute the first ones are kept, and the rest is counted.
const (
	mostLines = 60
	logMinute = time.Minute
)

// bounded is a log's handler that drops what is too much.
type bounded struct {
	slog.Handler
	lines *lines
}

// lines counts what was logged in this minute.
type lines struct {
	mu             sync.Mutex
	now            func() time.Time
	since          time.Time
	count, dropped int
}

func newBounded(h slog.Handler, now func() time.Time) slog.Handler {
	return &bounded{h, &lines{now: now}}
}

// Handle passes a line on, and before the first of a minute how many were left out.
func (b *bounded) Handle(ctx context.Context, r slog.Record) error {
	ok, dropped := b.lines.take()
	if dropped > 0 {
		left := slog.NewRecord(r.Time, slog.LevelWarn, fmt.Sprintf("%d more lines of this kind were left out", dropped), 0)
		if err := b.Handler.Handle(ctx, left); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	return b.Handler.Handle(ctx, r)
}

// WithAttrs counts with the handler that it comes from.
func (b *bounded) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &bounded{b.Handler.WithAttrs(attrs), b.lines}
}

// WithGroup counts with the handler that it comes from.
func (b *bounded) WithGroup(name string) slog.Handler {
	return &bounded{b.Handler.WithGroup(name), b.lines}
}

// take reports whether one more line is not too much, and how many were since the last.
func (l *lines) take() (ok bool, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.since) >= logMinute || now.Before(l.since) {
		l.since, l.count = now, 0
		dropped, l.dropped = l.dropped, 0
	}
	l.count++
	if ok = l.count <= mostLines; !ok {
		l.dropped++
	}
	return ok, dropped
}
