package control

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
	"footagefs/catalog/table"
	"footagefs/fs"
)

// Client talks to a live mount.
type Client struct {
	Mount Mount
	Hello Hello // who answers; of another user's mount it says nothing
}

// ErrNoAnswer says that nobody answers for a mount.
var ErrNoAnswer = errors.New("no footagefs answers for it")

// helloTime is how long a mount may take to say who it is.
const helloTime = 10 * time.Second

// Connect finds the process of a live mount and asks who it is: a socket may have been
// left behind by another mount at this place.
func Connect(ctx context.Context, m Mount) (*Client, error) {
	c := &Client{Mount: m}
	soon, cancel := context.WithTimeoutCause(ctx, helloTime, ErrNoAnswer)
	defer cancel()
	_, err := c.call(soon, Request{Op: OpHello}, func(r reply) {
		if r.Hello != nil {
			c.Hello = *r.Hello
		}
	})
	if err != nil {
		return nil, err
	}
	if c.Hello.Device != m.Device {
		return nil, fmt.Errorf("the mount %s: %w: another mount has its socket", m.Point, ErrNoAnswer)
	}
	if m.IsForeign() {
		c.Hello = Hello{} // nothing of it is for use with another user's rights
	}
	return c, nil
}

// socketTime is how long a mount may be live before it answers: the socket comes right
// after the mount.
const socketTime = 2 * time.Second

// dial connects to a mount's socket. Where there is none, the mount may have become live
// this moment, or its process has died: then its root cannot be looked at.
func dial(ctx context.Context, m Mount) (net.Conn, error) {
	for end := time.Now().Add(socketTime); ; {
		conn, err := dialOnce(ctx, m)
		if err == nil || errors.Is(err, os.ErrPermission) || ctx.Err() != nil {
			return conn, err
		}
		if _, dead := os.Lstat(m.Point); dead != nil || time.Now().After(end) {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// dialOnce tries the runtime folders of the mount's owner, one after the other.
func dialOnce(ctx context.Context, m Mount) (net.Conn, error) {
	refused := false
	for _, dir := range runtimeFolders(m.Owner) {
		folder, err := openFolder(dir, m.Owner)
		if err == nil {
			var conn net.Conn
			conn, err = dialOwner(ctx, folder, socketName(m.Device), m.Owner)
			folder.Close()
			if err == nil {
				return conn, nil
			}
		}
		refused = refused || errors.Is(err, os.ErrPermission)
	}
	if refused {
		return nil, fmt.Errorf("the mount %s belongs to another user; ask as that user, or as root: %w", m.Point, os.ErrPermission)
	}
	return nil, fmt.Errorf("the mount %s: %w; if its process has died, footagefs unmount clears it away", m.Point, ErrNoAnswer)
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

// Unwrap is fs.ErrInUse where that is why.
func (e *remoteError) Unwrap() error {
	if e.Busy {
		return fs.ErrInUse
	}
	return nil
}

// Call has something done that is not printed.
func (c *Client) Call(ctx context.Context, r Request) (status int, err error) {
	return c.call(ctx, r, func(reply) {})
}

// call sends one request, hands its replies to each, and returns how it ended.
func (c *Client) call(ctx context.Context, r Request, each func(reply)) (status int, err error) {
	conn, err := dial(ctx, c.Mount)
	if err != nil {
		return Failed, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return c.exchange(ctx, conn, r, each)
}

// CallToEnd sends a request and stays until the other side is done with everything.
func (c *Client) CallToEnd(ctx context.Context, r Request) (status int, err error) {
	conn, err := dial(ctx, c.Mount)
	if err != nil {
		return Failed, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if status, err = c.exchange(ctx, conn, r, func(reply) {}); err != nil || status != Done {
		return status, err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && ctx.Err() != nil {
		return Failed, fmt.Errorf("waiting for the end of the mount %s: %w", c.Mount.Point, context.Cause(ctx))
	}
	return Done, nil // a connection that breaks off is the end, too
}

func (c *Client) exchange(ctx context.Context, conn net.Conn, r Request, each func(reply)) (status int, err error) {
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Failed, fmt.Errorf("asking the mount %s: %w", c.Mount.Point, cause(ctx, err))
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, longestReply)
	for lines.Scan() {
		var reply reply
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			return Failed, fmt.Errorf("understanding the mount %s: %w", c.Mount.Point, err)
		}
		switch {
		case reply.Done == nil:
			each(reply)
		case reply.Done.Error != "":
			return Failed, &remoteError{*reply.Done, c.Mount.quote()}
		case !r.Op.mayEndWith(reply.Done.Exit):
			return Failed, fmt.Errorf("the mount %s ended %s with status %d, which it never does", c.Mount.Point, r.Op, reply.Done.Exit)
		default:
			return reply.Done.Exit, nil
		}
	}
	if err = lines.Err(); err == nil {
		err = io.ErrUnexpectedEOF
	}
	return Failed, fmt.Errorf("the mount %s went away before it was done: %w", c.Mount.Point, cause(ctx, err))
}

// longestReply bounds, in bytes, what one line of a mount may cost of memory: some hundred
// thousand rolls.
const longestReply = 64 << 20

// mayEndWith is true for the exit statuses that work of this kind can end with.
func (op Operation) mayEndWith(status int) bool {
	return status == Done || status == Failed || status == Findings && (op == OpReview || op == OpWait)
}

// cause prefers the reason why ctx ended over the errors that follow from it.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Print has a query answered by the live mount, on out, and returns how it ended. progress,
// where it is not nil, is called while that takes long.
func (c *Client) Print(ctx context.Context, op Operation, q Query, out io.Writer, progress func(catalog.Progress)) (status int, err error) {
	if !c.Mount.IsForeign() {
		return c.passOn(ctx, op, q, out, progress)
	}
	harmless := table.NewHarmless(out)
	status, err = c.passOn(ctx, op, q, harmless, progress)
	if closing := harmless.Close(); err == nil {
		err = closing
	}
	return status, err
}

// passOn writes an answer as it comes.
func (c *Client) passOn(ctx context.Context, op Operation, q Query, out io.Writer, progress func(catalog.Progress)) (status int, err error) {
	var failed error
	status, err = c.call(ctx, Request{Op: op, Query: q}, func(r reply) {
		if r.Progress != nil && progress != nil {
			progress(*r.Progress)
		}
		if len(r.Out) > 0 && failed == nil {
			_, failed = out.Write(r.Out)
		}
	})
	if failed != nil {
		return Failed, failed
	}
	return status, err
}

// Resolve asks which rolls the query's paths mean. The answer is paths on drives, which are
// for use: of another user's mount there is none.
func (c *Client) Resolve(ctx context.Context, q Query) (Selection, error) {
	var s Selection
	if c.Mount.IsForeign() {
		return s, c.Mount.refusal()
	}
	_, err := c.call(ctx, Request{Op: OpResolve, Query: q}, func(r reply) {
		if r.Selected != nil {
			s = *r.Selected
		}
	})
	return s, err
}

// At finds the live mount of a path and where in its tree the path lies. Of the mount
// point itself the list is nil: everything.
func At(ctx context.Context, path string) (*Client, []Exact, error) {
	m, rel, err := Find(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := Connect(ctx, m)
	if err != nil || rel == "." {
		return c, nil, err
	}
	return c, []Exact{Exact(rel)}, nil
}

// AtPoint finds the live mount whose mount point is given.
func AtPoint(ctx context.Context, point string) (*Client, error) {
	c, rels, err := At(ctx, point)
	if err == nil && rels != nil {
		err = fmt.Errorf("%s lies inside the mount %s; give the mount point", point, c.Mount.Point)
	}
	return c, err
}
