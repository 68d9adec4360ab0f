package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"footagefs/catalog"
	"footagefs/fs"
)

// mountOfTest is a mount for a server to answer for.
type mountOfTest struct {
	device  string
	inUse   bool
	unmount chan struct{} // closed by Unmount
}

func (m *mountOfTest) Point() string  { return "/mnt" }
func (m *mountOfTest) Device() string { return m.device }

func (m *mountOfTest) Resolve(path string) (catalog.Filter, error) {
	if path != "here" {
		return catalog.Filter{}, fmt.Errorf("%q is not in the mount", path)
	}
	return catalog.Filter{Date: "20230510"}, nil
}

func (m *mountOfTest) Open(catalog.DriveID) []string { return nil }
func (m *mountOfTest) Unmount() error {
	if m.inUse {
		return fmt.Errorf("unmounting: %w", fs.ErrInUse)
	}
	close(m.unmount)
	return nil
}

// served has a server answer for a mount until stop is called or the test ends, and connects
// to it.
func served(t *testing.T, m *mountOfTest, print Print) (s *Server, c *Client, stop func()) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	cat, err := catalog.Open(t.Context(), catalog.Options{Path: filepath.Join(t.TempDir(), "catalog.db")})
	if err != nil {
		t.Fatal(err)
	}
	m.device, m.unmount = "test "+t.TempDir(), make(chan struct{})
	socket, err := Listen(m.device)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	s = NewServer(About{Catalog: cat, Log: slog.New(slog.DiscardHandler), Version: "v1", Print: print})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Serve(ctx, socket, m, end)
	}()
	stop = func() {
		end()
		<-ended
	}
	t.Cleanup(func() {
		stop()
		if err := cat.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err = Connect(t.Context(), Mount{Point: t.TempDir(), Device: m.device, Owner: os.Geteuid()})
	if err != nil {
		t.Fatal(err)
	}
	return s, c, stop
}

// A question reaches the mount's process as it was asked, and the answer comes back as it was
// written, with how it ended.
func TestAskAndAnswer(t *testing.T) {
	_, c, _ := served(t, &mountOfTest{}, func(_ context.Context, op Operation, q Query, base catalog.Filter, out io.Writer, show func(catalog.Progress)) (int, error) {
		show(catalog.Progress{BytesDone: 7})
		if op == OpReport {
			return Failed, errors.New("no report today")
		}
		_, err := fmt.Fprintf(out, "%s of %s\n\xff", op, q.Narrow(base).Date)
		return Findings, err
	})
	if c.Hello.Version != "v1" || c.Hello.Point != "/mnt" {
		t.Errorf("it says that it is %+v", c.Hello)
	}
	var out bytes.Buffer
	var far int64
	status, err := c.Print(t.Context(), OpReview, Query{Paths: []Exact{"here"}}, &out, func(p catalog.Progress) { far = p.BytesDone })
	if status != Findings || err != nil || out.String() != "review of 20230510\n\xff" || far != 7 {
		t.Errorf("review: got %q, progress %d, status %d, error %v", &out, far, status, err)
	}
	for op, q := range map[Operation]Query{OpReport: {}, OpStatus: {Paths: []Exact{"elsewhere"}}} {
		if status, err := c.Print(t.Context(), op, q, io.Discard, nil); status != Failed || err == nil {
			t.Errorf("%s of %q: got status %d, error %v, want an error", op, q.Paths, status, err)
		}
	}
	if status, err := c.Call(t.Context(), Request{Op: OpResume}); status != Failed || err == nil {
		t.Errorf("resume without verification: got status %d, error %v, want an error", status, err)
	}
}

// A mount that is in use stays, and who asked for its end hears why. Else he hears that it has
// ended when its work is kept, not before.
func TestUnmountIsHeardAtTheEnd(t *testing.T) {
	_, c, _ := served(t, &mountOfTest{inUse: true}, nil)
	if _, err := c.CallToEnd(t.Context(), Request{Op: OpUnmount}); !errors.Is(err, fs.ErrInUse) {
		t.Errorf("in use: got %v, want %v", err, fs.ErrInUse)
	}
	m := &mountOfTest{}
	s, c, stop := served(t, m, nil)
	heard := make(chan error, 1)
	go func() {
		_, err := c.CallToEnd(t.Context(), Request{Op: OpUnmount})
		heard <- err
	}()
	<-m.unmount
	stop()
	select {
	case err := <-heard:
		t.Errorf("it was heard before the work was kept: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	s.Finish()
	if err := <-heard; err != nil {
		t.Errorf("the end: %v", err)
	}
}
