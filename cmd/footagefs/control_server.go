package main

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

// controlServer answers for a live mount.
type controlServer struct {
	cat     *catalog.Catalog
	tree    *fs.Live // says what the paths in the mount mean
	log     *slog.Logger
	profile string // as given
	reads   bool   // it verifies in the background
	stop    func() // ends the mount

	leaving sync.WaitGroup // connections that asked to unmount
	left    chan struct{}  // closed when the work is done and kept
}

// serve answers until ctx ends; then requests that still run are ended, too. Nothing that
// goes wrong here ends the mount.
func (s *controlServer) serve(ctx context.Context, l net.Listener) {
	defer context.AfterFunc(ctx, func() { l.Close() })()
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
			s.log.Warn("answering for the mount", "error", err)
			time.Sleep(acceptPause)
		default:
			requests.Go(func() { s.handle(ctx, conn) })
		}
	}
}

// acceptPause is how long to wait after a connection could not be accepted.
const acceptPause = time.Second

// finish lets go of those who asked to unmount, after the work is kept.
func (s *controlServer) finish() {
	close(s.left)
	s.leaving.Wait()
}

// requestTime is how long a client may take to say what it wants.
const requestTime = 10 * time.Second

// handle reads a request, answers it, and says that it is done. A bug in an answer costs
// that answer, not the mount.
func (s *controlServer) handle(ctx context.Context, conn net.Conn) {
	keep := false
	defer func() {
		if bug := recover(); bug != nil {
			s.log.Error("answering for the mount", "panic", bug, "stack", string(debug.Stack()))
		}
		if !keep {
			conn.Close()
		}
	}()
	conn.SetReadDeadline(time.Now().Add(requestTime))
	in := bufio.NewReader(io.LimitReader(conn, 1<<20))
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		s.log.Debug("reading a request", "error", err)
		return
	}
	conn.SetReadDeadline(time.Time{})
	out := &replies{json: json.NewEncoder(conn)}
	if r.Op == opUnmount {
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
func (s *controlServer) answer(ctx context.Context, r request, out *replies) reply {
	status, err := s.perform(ctx, r, out)
	d := done{Exit: status}
	if err != nil {
		d = done{Exit: exitFailed, Error: exact(err.Error())}
	}
	return reply{Done: &d}
}

// endTime is how long the kernel may take to end a mount that was taken away.
const endTime = time.Second

// unmount takes the mount away. The connection stays open until the work is kept: its end
// tells the client that all is done.
func (s *controlServer) unmount(conn net.Conn, out *replies) (keep bool) {
	if err := s.tree.Unmount(); err != nil {
		out.send(reply{Done: &done{Exit: exitFailed, Error: exact(err.Error()), Busy: errors.Is(err, fs.ErrInUse)}})
		return false
	}
	out.send(reply{Done: &done{Exit: exitDone}})
	// The kernel says that the mount has ended, unless it lives on in somebody's mount
	// namespace: who asked for the end gets it all the same.
	time.AfterFunc(endTime, s.stop)
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

// Write sends results for the client's stdout.
func (r *replies) Write(b []byte) (int, error) {
	if err := r.send(reply{Out: b}); err != nil {
		return 0, fmt.Errorf("answering: %w", err)
	}
	return len(b), nil
}
