package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/catalog"
)

// client talks to a live mount.
type client struct {
	mount liveMount
	hello hello
}

// errNoAnswer says that nobody answers for a mount.
var errNoAnswer = errors.New("no footagefs answers for it")

// helloTime is how long a mount may take to say who it is.
const helloTime = 10 * time.Second

// connect finds the process of a live mount and asks who it is: a socket may have been
// left behind by another mount at this place.
func connect(ctx context.Context, m liveMount) (*client, error) {
	c := &client{mount: m}
	soon, cancel := context.WithTimeoutCause(ctx, helloTime, errNoAnswer)
	defer cancel()
	err := c.call(soon, request{Op: opHello}, func(r reply) {
		if r.Hello != nil {
			c.hello = *r.Hello
		}
	})
	if err != nil {
		return nil, err
	}
	if c.hello.Device != m.device {
		return nil, fmt.Errorf("the mount %s: %w: another mount has its socket", m.point, errNoAnswer)
	}
	if m.isForeign() {
		c.hello = hello{} // nothing of it is for use with another user's rights
	}
	return c, nil
}

// socketTime is how long a mount may be live before it answers: the socket comes right
// after the mount.
const socketTime = 2 * time.Second

// dial connects to a mount's socket. Where there is none, the mount may have become live
// this moment, or its process has died: then its root cannot be looked at.
func dial(ctx context.Context, m liveMount) (net.Conn, error) {
	for end := time.Now().Add(socketTime); ; {
		conn, err := dialOnce(ctx, m)
		if err == nil || errors.Is(err, os.ErrPermission) || ctx.Err() != nil {
			return conn, err
		}
		if _, dead := os.Lstat(m.point); dead != nil || time.Now().After(end) {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// dialOnce tries the runtime folders of the mount's owner, one after the other.
func dialOnce(ctx context.Context, m liveMount) (net.Conn, error) {
	refused := false
	for _, dir := range runtimeFolders(m.owner) {
		folder, err := openFolder(dir, m.owner)
		if err == nil {
			var conn net.Conn
			conn, err = dialOwner(ctx, folder, socketName(m.device), m.owner)
			folder.Close()
			if err == nil {
				return conn, nil
			}
		}
		refused = refused || errors.Is(err, os.ErrPermission)
	}
	if refused {
		return nil, fmt.Errorf("the mount %s belongs to another user; ask as that user, or as root: %w", m.point, os.ErrPermission)
	}
	return nil, fmt.Errorf("the mount %s: %w; if its process has died, footagefs unmount clears it away", m.point, errNoAnswer)
}

// dialOwner connects to a socket in an open folder and makes sure that it is owner's. A link
// in its place could lead to the socket of any service, which would take the request for
// one of its own; so nothing is sent before the kernel has said who answers.
func dialOwner(ctx context.Context, folder *os.File, name string, owner int) (net.Conn, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(int(folder.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return nil, fmt.Errorf("looking at the socket %s: %w", name, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK || int(st.Uid) != owner {
		return nil, fmt.Errorf("%s in %s is no socket of the mount's owner", name, folder.Name())
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(ctx, "unix", inFolder(folder, name))
	if err != nil {
		return nil, err
	}
	if peer, err := peerOf(conn.(*net.UnixConn)); err != nil || peer != owner {
		conn.Close()
		return nil, fmt.Errorf("%s in %s is answered by somebody else than the mount's owner", name, folder.Name())
	}
	return conn, nil
}

// remoteError is what a live mount says when it could not do what it was asked.
type remoteError struct {
	done
	from string // whose words these are, where it is another user
}

func (e *remoteError) Error() string { return e.from + string(e.done.Error) }

// call sends one request, hands its replies to each, and returns how it ended.
func (c *client) call(ctx context.Context, r request, each func(reply)) error {
	conn, err := dial(ctx, c.mount)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return c.exchange(ctx, conn, r, each)
}

// callToEnd sends a request and stays until the other side is done with everything.
func (c *client) callToEnd(ctx context.Context, r request) error {
	conn, err := dial(ctx, c.mount)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := c.exchange(ctx, conn, r, func(reply) {}); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && ctx.Err() != nil {
		return fmt.Errorf("waiting for the end of the mount %s: %w", c.mount.point, context.Cause(ctx))
	}
	return nil // a connection that breaks off is the end, too
}

func (c *client) exchange(ctx context.Context, conn net.Conn, r request, each func(reply)) error {
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return fmt.Errorf("asking the mount %s: %w", c.mount.point, cause(ctx, err))
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, longestReply)
	for lines.Scan() {
		var reply reply
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			return fmt.Errorf("understanding the mount %s: %w", c.mount.point, err)
		}
		switch {
		case reply.Done == nil:
			each(reply)
		case reply.Done.Error != "":
			return &remoteError{*reply.Done, c.mount.quote()}
		case !r.Op.mayEndWith(reply.Done.Exit):
			return fmt.Errorf("the mount %s ended %s with status %d, which it never does", c.mount.point, r.Op, reply.Done.Exit)
		default:
			return ended(reply.Done.Exit)
		}
	}
	err := lines.Err()
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the mount %s went away before it was done: %w", c.mount.point, cause(ctx, err))
}

// longestReply bounds, in bytes, what one line of a mount may cost of memory: some hundred
// thousand rolls.
const longestReply = 64 << 20

// mayEndWith is true for the exit statuses that work of this kind can end with.
func (op operation) mayEndWith(status int) bool {
	return status == exitDone || status == exitFailed || status == exitFindings && (op == opReview || op == opWait)
}

// cause prefers the reason why ctx ended over the errors that follow from it.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// print has a query answered by the live mount.
func (c *client) print(ctx context.Context, op operation, q query, out io.Writer, progress func(catalog.Progress)) error {
	if c.mount.isForeign() {
		harmless := &harmlessWriter{w: out}
		err := c.passOn(ctx, op, q, harmless, progress)
		return firstError(err, harmless.Close())
	}
	return c.passOn(ctx, op, q, out, progress)
}

// passOn writes an answer as it comes.
func (c *client) passOn(ctx context.Context, op operation, q query, out io.Writer, progress func(catalog.Progress)) error {
	var failed error
	err := c.call(ctx, request{Op: op, Query: q}, func(r reply) {
		if r.Progress != nil && progress != nil {
			progress(*r.Progress)
		}
		if len(r.Out) > 0 && failed == nil {
			_, failed = out.Write(r.Out)
		}
	})
	return firstError(failed, err)
}

// resolve asks which rolls the query's paths mean. The answer is paths on drives, which are
// for use: of another user's mount there is none.
func (c *client) resolve(ctx context.Context, q query) (selection, error) {
	var s selection
	if c.mount.isForeign() {
		return s, c.mount.refusal()
	}
	err := c.call(ctx, request{Op: opResolve, Query: q}, func(r reply) {
		if r.Selected != nil {
			s = *r.Selected
		}
	})
	return s, err
}

// liveAt finds the live mount of a path and where in its tree the path lies. Of the mount
// point itself the list is nil: everything.
func liveAt(ctx context.Context, path string) (*client, []exact, error) {
	m, rel, err := findMount(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := connect(ctx, m)
	if err != nil || rel == "." {
		return c, nil, err
	}
	return c, []exact{exact(rel)}, nil
}

// mountAt finds the live mount whose mount point is given.
func mountAt(ctx context.Context, point string) (*client, error) {
	c, rels, err := liveAt(ctx, point)
	if err == nil && rels != nil {
		err = fmt.Errorf("%s lies inside the mount %s; give the mount point", point, c.mount.point)
	}
	return c, err
}
