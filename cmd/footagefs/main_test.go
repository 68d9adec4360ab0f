package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"footagefs/verify/drive"
)

// TestMain lets the test binary be footagefs, and the small tools of the scripts, when it
// is called by their names: what the scripts mount is another process, with the race
// detector where the tests have it.
func TestMain(m *testing.M) {
	commands := map[string]func(){"footagefs": main, "mount.footagefs": main}
	for name, tool := range tools {
		commands[name] = func() { os.Exit(runScriptTool(tool)) }
	}
	testscript.Main(m, commands)
}

// TestScripts runs testdata/script: what users see, a script a subject. Scripts find
//
//	footagefs, mount.footagefs   the program, as "exec footagefs …"
//	the tools of tools_test.go   getx, waitmount, retry, exits, asuser, makedrive, flip
//	$BIN                         the folder of all these
//	$TESTDATA, $SHARED           the folders of sample drives and of manifests, the latter
//	                             where it is there: [shared]
//	[fuse] [root] [loop]         what the machine can do
//
// With CI=true what is missing fails the script instead of skipping it.
func TestScripts(t *testing.T) { runScripts(t, "script") }

// apart is set in the environment of the process that TestScriptsApart starts.
const apart = "FOOTAGEFS_TEST_APART"

// TestScriptsApart runs the scripts that unmount drives and look what their devices hold
// then, in a mount namespace of their own. Other tests make namespaces, too, which begin
// with copies of all mounts there are: a drive that has one is not let go of by umount.
func TestScriptsApart(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may mount drives")
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("unshare is not installed")
	}
	cmd := exec.Command(unshare, "--mount", "--propagation", "private", os.Args[0],
		"-test.run=^TestInNamespaceScripts$", "-test.v", "-test.timeout=8m")
	cmd.Env = append(os.Environ(), apart+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

func TestInNamespaceScripts(t *testing.T) {
	if os.Getenv(apart) == "" {
		t.Skip("TestScriptsApart runs it")
	}
	runScripts(t, "apart")
}

func runScripts(t *testing.T, folder string) {
	var left leftovers
	t.Cleanup(func() { left.report(t) })
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", folder),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			env.Defer(func() { left.clear(env.WorkDir) })
			return setUp(env)
		},
	})
}

// setUp gives a script a home and lets another user see its folder.
func setUp(env *testscript.Env) error {
	testdata, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	env.Setenv("TESTDATA", testdata)
	env.Setenv("SHARED", sharedFolder())
	// The race detector sleeps for a second at the end of each process unless told not to.
	env.Setenv("GORACE", "atexit_sleep_ms=0 log_path="+filepath.Join(env.WorkDir, raceLog))
	for _, name := range []string{"XDG_DATA_HOME", "XDG_RUNTIME_DIR", "FOOTAGEFS_CATALOG", "NOTIFY_SOCKET", "JOURNAL_STREAM", "NO_COLOR"} {
		env.Setenv(name, "")
	}
	tools, err := exec.LookPath("footagefs")
	if err != nil {
		return err
	}
	env.Setenv("BIN", filepath.Dir(tools))
	return openUp(env.WorkDir, filepath.Dir(tools))
}

// raceLog is where the race detector of a script's processes writes.
const raceLog = "race"

// openUp lets all users pass through the temporary folders down to dirs.
func openUp(dirs ...string) error {
	for _, dir := range dirs {
		for ; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// sharedFolder holds manifests that other tools wrote; "" where it is not there.
func sharedFolder() string {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "shared"))
	if err != nil || !isFolder(dir) {
		return ""
	}
	return dir
}

// condition tells what the machine can do.
func condition(name string) (bool, error) {
	can, known := map[string]func() bool{
		"fuse":   canMount,
		"root":   func() bool { return os.Geteuid() == 0 },
		"loop":   canLoop,
		"shared": func() bool { return sharedFolder() != "" },
	}[name]
	if !known {
		return false, fmt.Errorf("there is no condition [%s]", name)
	}
	if can() {
		return true, nil
	}
	if os.Getenv("CI") == "true" && name != "shared" {
		return false, fmt.Errorf("[%s] must hold where CI is true: a test that cannot run proves nothing", name)
	}
	return false, nil
}

// canMount reports whether a file system in user space can be mounted here.
var canMount = sync.OnceValue(func() bool {
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	f.Close()
	_, err = exec.LookPath("fusermount3")
	return err == nil || os.Geteuid() == 0
})

// canLoop reports whether loop devices can be had here.
var canLoop = sync.OnceValue(func() bool {
	return os.Geteuid() == 0 && exec.Command("losetup", "--find").Run() == nil
})

// leftovers is what scripts left behind, which fails the suite.
type leftovers struct {
	mu   sync.Mutex
	list []string
}

func (l *leftovers) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, fmt.Sprintf(format, args...))
}

func (l *leftovers) report(t *testing.T) {
	for _, what := range l.list {
		t.Errorf("left behind: %s", what)
	}
}

// clear unmounts whatever a script has mounted, those above others first, and detaches its
// loop devices; it notes what does not go away, and what the race detector saw.
func (l *leftovers) clear(dir string) {
	for _, point := range mountsBelow(dir) {
		if err := detach(point); err != nil {
			l.add("mount %s: %v", point, err)
		}
	}
	for _, device := range loopsOf(dir) {
		if out, err := exec.Command("losetup", "-d", device).CombinedOutput(); err != nil {
			l.add("loop device %s: %v: %s", device, err, out)
		}
	}
	if !within(15*time.Second, func() bool { return len(processesOf(dir)) == 0 }) {
		l.add("processes %v of %s", processesOf(dir), dir)
	}
	races, err := filepath.Glob(filepath.Join(dir, raceLog+".*"))
	if err != nil {
		l.add("race logs: %v", err)
	}
	for _, path := range races {
		text, err := os.ReadFile(path)
		l.add("data race: %s %v", text, err)
	}
}

// mountsBelow lists the mount points below a folder, the newest first.
func mountsBelow(dir string) []string {
	mounts, err := drive.Mounts()
	if err != nil {
		return nil
	}
	var points []string
	for _, m := range mounts {
		if isBelow(m.Point, dir) {
			points = append(points, m.Point)
		}
	}
	slices.Reverse(points)
	return points
}

// loopsOf lists the loop devices of a script's files, as one that failed leaves them.
func loopsOf(dir string) []string {
	out, err := exec.Command("losetup", "--noheadings", "--output", "NAME,BACK-FILE").Output()
	if err != nil {
		return nil // there are none here, for us
	}
	var devices []string
	for line := range strings.Lines(string(out)) {
		if device, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok && isBelow(strings.TrimSpace(file), dir) {
			devices = append(devices, device)
		}
	}
	return devices
}

func detach(point string) error {
	tool := []string{"umount", "-l", point}
	if os.Geteuid() != 0 {
		tool = []string{"fusermount3", "-uz", point}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, tool[0], tool[1:]...).CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(strings.TrimSpace(string(out))))
	}
	return nil
}

// processesOf lists the footagefs processes that work in a script's folder.
func processesOf(dir string) []string {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil
	}
	var list []string
	for _, line := range lines {
		text, err := os.ReadFile(line)
		name, args, _ := strings.Cut(string(text), "\x00")
		if err == nil && filepath.Base(name) == "footagefs" && strings.Contains(args, dir) {
			list = append(list, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return list
}

// within tries until ok or the time is over.
func within(d time.Duration, ok func() bool) bool {
	for end := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) {
		if ok() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
