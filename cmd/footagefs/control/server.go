package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"footagefs/catalog"
	"footagefs/fs"
)

// Live is what a server asks of the mount that it answers for. *fs.Live is one.
type Live interface {
	Point() string                               // where it is mounted now
	Device() string                              // as the table of mounts has it
	Resolve(path string) (catalog.Filter, error) // which rolls a path in it means
	Unmount() error                              // the error wraps fs.ErrInUse where somebody uses it
	Open(catalog.DriveID) []string               // the paths in it that somebody has open of a drive
}

// About is what else a server knows of its mount.
type About struct {
	Catalog  *catalog.Catalog
	Log      *slog.Logger
	Version  string // of the program
	Profile  string // as given
	Verifies bool   // it verifies in the background
	Print    Print
}

// Print writes what review, status, report or wait print, and returns how it ended. base is
// what the query's paths mean. show is called with the progress of what takes long.
type Print func(ctx context.Context, op Operation, q Query, base catalog.Filter, out io.Writer, show func(catalog.Progress)) (status int, err error)

// Server answers for a live mount.
type Server struct {
	about About
	cat   *catalog.Catalog // about's
	live  Live
	end   func() // ends the mount

	leaving sync.WaitGroup // connections that asked to unmount
	left    chan struct{}  // closed when the work is done and kept
}

// NewServer is a server for a mount that is to come.
func NewServer(about About) *Server {
	return &Server{about: about, cat: about.Catalog, left: make(chan struct{})}
}

// Serve answers on a socket for a mount, which end ends, until ctx ends; then requests that
// still run are ended, too, and the socket is closed. Nothing that goes wrong here ends the
// mount.
func (s *Server) Serve(ctx context.Context, l *Socket, live Live, end func()) {
	defer l.Close()
	s.live, s.end = live, end
	defer context.AfterFunc(ctx, func() { l.Listener.Close() })()
	var requests sync.WaitGroup
	defer requests.Wait()
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return
		case err != nil: // out of descriptors, say: that passes
			s.about.Log.Warn("answering for the mount", "error", err)
			time.Sleep(acceptPause)
		default:
			requests.Go(func() { s.handle(ctx, conn) })
		}
	}
}

// acceptPause is how long to wait after a connection could not be accepted.
const acceptPause = time.Second

// Finish tells those who asked for the end that all is done. It is called when the mount's work
// is kept, and not before Serve has returned.
func (s *Server) Finish() {
	close(s.left)
	s.leaving.Wait()
}

// requestTime is how long a client may take to say what it wants.
const requestTime = 10 * time.Second

// handle reads a request, answers it, and says that it is done. A bug in an answer costs
// that answer, not the mount.
func (s *Server) handle(ctx context.Context, conn net.Conn) {
	keep := false
	defer func() {
		if bug := recover(); bug != nil {
			s.about.Log.Error("answering for the mount", "panic", bug, "stack", string(debug.Stack()))
		}
		if !keep {
			conn.Close()
		}
	}()
	conn.SetReadDeadline(time.Now().Add(requestTime))
	in := bufio.NewReader(io.LimitReader(conn, 1<<20))
	var r Request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		s.about.Log.Debug("reading a request", "error", err)
		return
	}
	conn.SetReadDeadline(time.Time{})
	out := &replies{json: json.NewEncoder(conn)}
	if r.Op == OpUnmount {
		keep = s.unmount(conn, out)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A client that does not read must not keep the mount from ending.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var hangup sync.WaitGroup
	defer hangup.Wait()
	hangup.Go(func() { // a client sends one request: what can be read is the end
		io.Copy(io.Discard, conn)
		cancel()
	})
	out.send(s.answer(ctx, r, out))
	conn.Close()
}

// answer does what a request asks for and returns the last reply.
func (s *Server) answer(ctx context.Context, r Request, out *replies) reply {
	status, err := s.perform(ctx, r, out)
	d := done{Exit: status}
	if err != nil {
		d = done{Exit: Failed, Error: Exact(err.Error())}
	}
	return reply{Done: &d}
}

// endTime is how long the kernel may take to end a mount that was taken away.
const endTime = time.Second

// unmount takes the mount away. The connection stays open until the work is kept: its end
// tells the client that all is done.
func (s *Server) unmount(conn net.Conn, out *replies) (keep bool) {
	if err := s.live.Unmount(); err != nil {
		out.send(reply{Done: &done{Exit: Failed, Error: Exact(err.Error()), Busy: errors.Is(err, fs.ErrInUse)}})
		return false
	}
	out.send(reply{Done: &done{Exit: Done}})
	// The kernel says that the mount has ended, unless it lives on in somebody's mount
	// namespace: who asked for the end gets it all the same.
	time.AfterFunc(endTime, s.end)
	s.leaving.Go(func() {
		<-s.left
		conn.Close()
	})
	return true
}

// replies writes reply lines. A client that has gone ends its request by hanging up, so
// that errors need not be looked at.
type replies struct {
	mu   sync.Mutex
	json *json.Encoder
}

func (r *replies) send(line reply) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.json.Encode(line)
}

// progress tells the client how far it is.
func (r *replies) progress(p catalog.Progress) { r.send(reply{Progress: &p}) }

// Write sends results for the client's stdout.
func (r *replies) Write(b []byte) (int, error) {
	if err := r.send(reply{Out: b}); err != nil {
		return 0, fmt.Errorf("answering: %w", err)
	}
	return len(b), nil
}
