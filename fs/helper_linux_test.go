package fs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
	"footagefs/verify/drive"
)

// Mounts are served by another process than the one that looks at them: a program that
// uses its own mount can wait for itself forever. The test program is both.

// serveVar holds the job of a process that serves, as JSON.
const serveVar = "FOOTAGEFS_TEST_SERVE"

type serveJob struct {
	Point, Catalog string
	Drives         []string
	Read           bool // verify in the background
	Altered        bool // serve by way of altered
	Splice         bool // altered: the kernel does not read drives itself
	Nodes          int  // altered: how many nodes may be known, where not 0

	AllowOther, AllowRoot, NoXattr, VerifiedOnly bool
	UID, GID, Umask                              *uint32
}

func (j serveJob) options() Options {
	return Options{
		AllowOther: j.AllowOther, AllowRoot: j.AllowRoot, NoXattr: j.NoXattr, VerifiedOnly: j.VerifiedOnly,
		UID: j.UID, GID: j.GID, Umask: j.Umask,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
}

func TestMain(m *testing.M) {
	if job := os.Getenv(serveVar); job != "" {
		if err := serveFor(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv(ioctlVar); path != "" {
		tryIoctls(path)
		return
	}
	os.Exit(m.Run())
}

func serveFor(text string) error {
	var job serveJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cat, err := catalog.Open(ctx, catalog.Options{Path: job.Catalog, Drives: job.Drives})
	if err != nil {
		return err
	}
	defer cat.Close()
	for _, dir := range job.Drives {
		if _, err := cat.AddDrive(ctx, dir); err != nil {
			return err
		}
	}
	if err := cat.Inventory(ctx, catalog.Filter{}); err != nil {
		return err
	}
	work := cat.Start(ctx)
	defer work.Stop()
	if job.Read {
		work.Verify(catalog.VerifyOptions{})
	}
	mount := Mount
	if job.Altered {
		mount = job.mountAltered
	}
	live, err := mount(job.Point, cat, job.options())
	if err != nil {
		return err
	}
	fmt.Println("ready", live.Mode())
	select {
	case <-ctx.Done():
	case <-live.Done():
	}
	return live.End()
}

// altered is a file system with a fault, or without something that this kernel has.
type altered struct {
	*fileSystem
	splice bool
}

func (a altered) Init(server *fuse.Server) {
	a.fileSystem.Init(server)
	if a.splice {
		a.kernel.backer = nil
	}
}

// GetXAttr panics when it is asked to, and counts nodes.
func (a altered) GetXAttr(cancel <-chan struct{}, in *fuse.InHeader, name string, dest []byte) (uint32, fuse.Status) {
	switch name {
	case "user.panic":
		panic("as asked")
	case "user.nodes":
		a.table.mu.RLock()
		defer a.table.mu.RUnlock()
		return give(strconv.AppendInt(nil, int64(len(a.table.nodes)), 10), dest)
	}
	return a.fileSystem.GetXAttr(cancel, in, name, dest)
}

// mountAltered is Mount with an altered file system.
func (j serveJob) mountAltered(point string, cat *catalog.Catalog, o Options) (*Live, error) {
	place, err := prepare(point, j.Drives)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	system := newFileSystem(ctx, cat, o)
	if j.Nodes > 0 {
		system.table.limit = j.Nodes
	}
	l := &Live{system: system, place: place, end: end, done: make(chan struct{})}
	return l, l.start(ctx, altered{system, j.Splice}, o.mountOptions(j.Drives))
}

// mount is a mount for a test.
type mount struct {
	path   string
	mode   string
	cmd    *exec.Cmd
	stderr strings.Builder
	ended  chan struct{} // closed when the server has
	err    error         // how
}

// mountFor serves a job until the test ends. It skips where nothing can be mounted, which
// CI does not let pass.
func mountFor(t testing.TB, job serveJob) *mount {
	t.Helper()
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("no /dev/fuse")
	}
	if job.Point == "" {
		job.Point = filepath.Join(t.TempDir(), "mnt")
	}
	if job.Catalog == "" {
		job.Catalog = filepath.Join(t.TempDir(), "catalog.db")
	}
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	m := &mount{path: job.Point, ended: make(chan struct{}), cmd: exec.Command(os.Args[0])}
	m.cmd.Env = append(os.Environ(), serveVar+"="+string(text))
	m.cmd.Stderr = &m.stderr
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		m.err = m.cmd.Wait()
		close(m.ended)
	}()
	t.Cleanup(func() { m.end(t) })
	if err != nil {
		<-m.ended
		t.Fatalf("mounting: %v, %s", m.err, m.stderr.String())
	}
	m.mode = strings.TrimSpace(strings.TrimPrefix(line, "ready"))
	return m
}

// end stops the server and checks that nothing is left.
func (m *mount) end(t testing.TB) {
	t.Helper()
	m.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-m.ended:
	case <-time.After(10 * time.Second):
		m.cmd.Process.Kill()
		t.Errorf("the server did not end: %s", m.stderr.String())
	}
	if at, err := drive.Reach(m.path); err == nil {
		at.Close()
		if at.Point && isOurKind(at.Mount) {
			t.Errorf("still mounted at %s", m.path)
			takeAway(at.Mount, true)
		}
	}
	if t.Failed() && m.stderr.Len() > 0 {
		t.Logf("the server said: %s", m.stderr.String())
	}
}

// in is a path in the mount.
func (m *mount) in(path ...string) string {
	return filepath.Join(append([]string{m.path}, path...)...)
}

// run runs a program and returns what it prints.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// need skips where a program is not installed.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
}

// eventually waits until is answers true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not within 10 seconds", what)
}
