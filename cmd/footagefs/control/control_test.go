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
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog"
)

// Names on a drive are bytes: they arrive as they were sent.
func TestExactSurvivesJSON(t *testing.T) {
	for _, s := range []string{"", "A001", "a\nb", "\xff\xfe", "ä😀\u2028", `"\`, string([]byte{0, 1, 2, 0x80})} {
		text, err := json.Marshal(Request{Drives: []Exact{Exact(s)}})
		if err != nil {
			t.Fatal(err)
		}
		var got Request
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if len(got.Drives) != 1 || string(got.Drives[0]) != s {
			t.Errorf("%q came back as %q", s, got.Drives)
		}
	}
	var e Exact
	if err := e.UnmarshalText([]byte("no literal")); err == nil {
		t.Error("a text that is no literal was taken")
	}
}

func FuzzExact(f *testing.F) {
	f.Add("A001\xff")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := Exact(s).MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got Exact
		if err := got.UnmarshalText(text); err != nil || string(got) != s {
			t.Errorf("%q came back as %q, %v", s, got, err)
		}
	})
}

// A runtime folder in a place where anybody may write is believed only where it is ours
// alone, and no link.
func TestOpenFolderIsCareful(t *testing.T) {
	dir := t.TempDir()
	ours, open, file := filepath.Join(dir, "ours"), filepath.Join(dir, "open"), filepath.Join(dir, "file")
	for path, mode := range map[string]os.FileMode{ours: 0o700, open: 0o755} {
		if err := errors.Join(os.Mkdir(path, mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink(ours, link)); err != nil {
		t.Fatal(err)
	}
	f, err := openFolder(ours, os.Geteuid())
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, path := range []string{open, file, link, filepath.Join(dir, "absent")} {
		if f, err := openFolder(path, os.Geteuid()); err == nil {
			f.Close()
			t.Errorf("%s was believed", filepath.Base(path))
		}
	}
	if f, err := openFolder(ours, os.Geteuid()+1); err == nil {
		f.Close()
		t.Error("a folder of another user was believed")
	}
}

func TestSelectionNamesPlaces(t *testing.T) {
	s := Selection{Type: catalog.Camera, Date: "20230510", Paths: []Place{{1, "a"}, {3, "b\xff"}}}
	got := s.Filter(map[catalog.DriveID]catalog.DriveID{1: 1, 3: 2})
	want := catalog.Filter{Type: catalog.Camera, Date: "20230510", Paths: []catalog.Place{{Drive: 1, Path: "a"}, {Drive: 2, Path: "b\xff"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	// A place on a drive that is away must not widen the selection to everything.
	if got := s.Filter(nil); !got.Nothing {
		t.Errorf("got %+v, want nothing selected", got)
	}
	if got := (Selection{Nothing: true}).Filter(nil); !got.Nothing {
		t.Errorf("got %+v, want nothing selected", got)
	}
	offline := Selection{Offline: []Roll{{catalog.Sound, "20230510", "S005", "d/S005", "SHUTTLE01"}}}.OfflineRolls()
	if len(offline) != 1 || offline[0].Status != catalog.RollOffline || offline[0].Path != "d/S005" {
		t.Errorf("got %+v", offline)
	}
}

func TestNarrow(t *testing.T) {
	for _, tt := range []struct {
		q          Query
		base, want catalog.Filter
	}{
		{Query{}, catalog.Filter{Date: "20230510"}, catalog.Filter{Date: "20230510"}},
		{Query{Date: "20230510", Roll: "A"}, catalog.Filter{}, catalog.Filter{Date: "20230510", Roll: "A"}},
		{Query{Date: "20230510"}, catalog.Filter{Date: "20230510", Type: catalog.Sound}, catalog.Filter{Date: "20230510", Type: catalog.Sound}},
		{Query{Date: "20230511"}, catalog.Filter{Date: "20230510"}, catalog.Filter{Date: "20230511", Nothing: true}},
	} {
		if d := cmp.Diff(tt.want, tt.q.Narrow(tt.base)); d != "" {
			t.Errorf("%+v of %+v: (-want +got)\n%s", tt.q, tt.base, d)
		}
	}
}

func TestConnectWithoutMount(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	_, err := Connect(context.Background(), Mount{Point: filepath.Join(t.TempDir(), "m"), Device: "0:1", Owner: os.Geteuid()})
	if !errors.Is(err, ErrNoAnswer) {
		t.Errorf("got %v, want %v", err, ErrNoAnswer)
	}
}

// What a killed process left is tidied up; who listens is left alone.
func TestListenSweeps(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Setenv("XDG_RUNTIME_DIR", "") // root has a folder of its own
	} else {
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	}
	live, err := Listen("/some/where/live " + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	dead, err := Listen("/some/where/dead " + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deadPath := filepath.Join(dead.folder.Name(), dead.name)
	dead.Listener.Close() // as a kill would: the name stays
	third, err := Listen("/some/where/else " + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if _, err := os.Lstat(deadPath); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the dead socket is still there: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(live.folder.Name(), live.name)); err != nil {
		t.Errorf("the live socket: %v", err)
	}
	if err := live.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(live.folder.Name(), live.name)); err == nil {
		t.Error("a closed socket is still there")
	}
}

// What answers in the place of a mount is its owner's, or nothing is sent.
func TestDialOwner(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	listen := func(path string) {
		t.Helper()
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
	}
	listen(filepath.Join(dir, "own.sock"))
	listen(filepath.Join(elsewhere, "service.sock"))
	for name, target := range map[string]string{"link.sock": filepath.Join(elsewhere, "service.sock"), "near.sock": "own.sock"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	me := os.Geteuid()
	for _, tt := range []struct {
		name  string
		owner int
		ok    bool
	}{
		{"own.sock", me, true}, {"own.sock", me + 1, false}, {"own.sock", NoOwner, false},
		{"link.sock", me, false}, {"near.sock", me, false}, {"file.sock", me, false}, {"none.sock", me, false},
	} {
		conn, err := dialOwner(t.Context(), folder, tt.name, tt.owner)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s of user %d: got error %v, want answer %v", tt.name, tt.owner, err, tt.ok)
		}
	}
}

// A runtime folder that is passed on from another user, or that all can write to, is none.
func TestRuntimeFolderOfOthers(t *testing.T) {
	for mode, ok := range map[os.FileMode]bool{0o700: true, 0o755: true, 0o777: false, 0o770: false} {
		dir := t.TempDir()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		t.Setenv("XDG_RUNTIME_DIR", dir)
		if got := slices.Contains(runtimeFolders(os.Geteuid()), filepath.Join(dir, "footagefs")); got != ok {
			t.Errorf("mode %o: got %v, want %v", mode, got, ok)
		}
		if slices.Contains(runtimeFolders(os.Geteuid()+1), filepath.Join(dir, "footagefs")) {
			t.Error("it is looked for the mounts of another user")
		}
	}
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	dir := t.TempDir()
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if slices.Contains(runtimeFolders(0), filepath.Join(dir, "footagefs")) {
		t.Error("another user's is used")
	}
}

// A line without an end, an answer that is none and an exit status that there is not are
// errors, and cost no memory.
func TestLyingAnswers(t *testing.T) {
	for answer, want := range map[string]string{
		"": "went away", "{}\n": "went away", "[]\n": "understanding", "{\"done\":{\"exit\":-1}}\n": "status -1",
		"{\"done\":{\"exit\":3}}\n": "status 3", "{\"done\":{\"exit\":77}}\n": "status 77", "{\"done\":{\"exit\":1}}\n": "exit status 1",
		strings.Repeat("x", 1+longestReply): "too long",
	} {
		ours, theirs := net.Pipe()
		go func() {
			bufio.NewReader(theirs).ReadString('\n')
			io.WriteString(theirs, answer)
			theirs.Close()
		}()
		c := &Client{Mount: Mount{Point: "/mnt", Owner: os.Geteuid() + 1}}
		status, err := c.exchange(t.Context(), ours, Request{Op: OpStatus}, func(reply) {})
		if err == nil && status != Done {
			err = fmt.Errorf("exit status %d", status)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got error %v, want one with %q", answer, err, want)
		}
		ours.Close()
	}
}
