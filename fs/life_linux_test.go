package fs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// isMounted is true while something is mounted at a path.
func isMounted(t testing.TB, path string) bool {
	t.Helper()
	table, err := drive.Mounts()
	must(t, err)
	return slices.ContainsFunc(table, func(m drive.Mount) bool { return m.Point == path })
}

// A mount that is in use gives its mount point back within about two seconds all the
// same, and takes away the folder that it made.
func TestBusyMountEnds(t *testing.T) {
	m := mountFor(t, serveJob{Drives: []string{sample(t, "SHUTTLE01")}})
	file, err := os.Open(m.in(sampleClip))
	must(t, err)
	defer file.Close()
	start := time.Now()
	m.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, "the mount point is free", func() bool { return !isMounted(t, m.path) })
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("it took %v, want about 2s", took)
	}
	<-m.ended
	if m.err != nil {
		t.Errorf("the server ended with %v", m.err)
	}
	if _, err := os.Stat(m.path); !os.IsNotExist(err) {
		t.Errorf("the mount point that it made: got %v, want it gone", err)
	}
	if _, err := file.Read(make([]byte, 1)); err == nil {
		t.Log("what was read ahead is still there") // the kernel has it
	}
}

// A mount that somebody unmounts ends its server, without an error.
func TestUnmountedFromOutside(t *testing.T) {
	point := t.TempDir()
	m := mountFor(t, serveJob{Point: point, Drives: []string{sample(t, "SHUTTLE01")}})
	at, err := drive.Reach(point)
	must(t, err)
	at.Close()
	must(t, Unmount(at.Mount))
	select {
	case <-m.ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the server goes on")
	}
	if m.err != nil {
		t.Errorf("the server ended with %v", m.err)
	}
	if _, err := os.Stat(point); err != nil {
		t.Errorf("the mount point that was there before: got %v", err)
	}
}

// A dead mount that a killed server left is cleared away by the next one; a live one is
// refused, and stays.
func TestStaleMount(t *testing.T) {
	drive := sample(t, "SHUTTLE01")
	point := filepath.Join(t.TempDir(), "mnt")
	dead := mountFor(t, serveJob{Point: point, Drives: []string{drive}})
	dead.cmd.Process.Kill()
	<-dead.ended
	if _, err := os.ReadDir(point); !errors.Is(err, unix.ENOTCONN) {
		t.Fatalf("after a kill: got %v, want a dead mount", err)
	}
	m := mountFor(t, serveJob{Point: point, Drives: []string{drive}})
	if _, err := os.Stat(m.in(sampleClip)); err != nil {
		t.Errorf("after the next mount: %v", err)
	}
	if _, err := prepare(point, nil); err == nil || !strings.Contains(err.Error(), "footagefs unmount") {
		t.Errorf("a live mount: got %v, want it refused", err)
	}
	if _, err := os.Stat(m.in(sampleClip)); err != nil {
		t.Errorf("the live mount after that: %v", err)
	}
}

// A server that does not answer does not keep who waits for it from being killed, and goes
// on when it can.
func TestStoppedServer(t *testing.T) {
	m := mountFor(t, serveJob{Drives: []string{sample(t, "SHUTTLE01")}})
	must(t, m.cmd.Process.Signal(syscall.SIGSTOP))
	// A request that a thread took before it stopped is waited for, and the kernel lets nobody
	// kill who waits for such a one.
	eventually(t, "all threads have stopped", func() bool { return stopped(t, m.cmd.Process.Pid) })
	caller := exec.Command("cat", m.in(sampleClip))
	must(t, caller.Start())
	time.Sleep(200 * time.Millisecond)
	must(t, caller.Process.Kill())
	died := make(chan error, 1)
	go func() { died <- caller.Wait() }()
	select {
	case <-died:
	case <-time.After(5 * time.Second):
		t.Errorf("the caller cannot be killed")
	}
	must(t, m.cmd.Process.Signal(syscall.SIGCONT))
	if _, err := os.ReadFile(m.in(sampleClip)); err != nil {
		t.Errorf("after it went on: %v", err)
	}
}

// stopped is true when all threads of a process are.
func stopped(t *testing.T, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	must(t, err)
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		if _, state, _ := strings.Cut(string(stat), ") "); err != nil || !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return true
}

func TestOptions(t *testing.T) {
	drive := sample(t, "SHUTTLE01")
	uid, gid, umask := uint32(1234), uint32(5678), uint32(0o027)
	m := mountFor(t, serveJob{Drives: []string{drive}, UID: &uid, GID: &gid, Umask: &umask, NoXattr: true})
	for path, mode := range map[string]uint32{sampleClip: 0o640, filepath.Dir(sampleClip): 0o750, tree.LibraryName: 0o550, tree.LibraryName + "/report.csv": 0o440} {
		var st unix.Stat_t
		must(t, unix.Lstat(m.in(path), &st))
		if st.Uid != uid || st.Gid != gid || st.Mode&0o7777 != mode {
			t.Errorf("%s: got %d:%d %o, want %d:%d %o", path, st.Uid, st.Gid, st.Mode&0o7777, uid, gid, mode)
		}
	}
	if _, err := unix.Getxattr(m.in(sampleClip), "user.footagefs.status", make([]byte, 100)); err != unix.EOPNOTSUPP {
		t.Errorf("an attribute with noxattr: got %v, want EOPNOTSUPP", err)
	}
	m.end(t)
	m = mountFor(t, serveJob{Drives: []string{drive}, VerifiedOnly: true, Read: true})
	eventually(t, "verified rolls appear", func() bool {
		names, err := os.ReadDir(m.in(tree.LibraryName, tree.CameraName, "20230510"))
		return err == nil && len(names) == 3 // two rolls and a report
	})
}

// An open report stays what it was; who looks it up gets the next version, with its own
// size and a later time, while the old one is open.
func TestReportVersions(t *testing.T) {
	drive := sample(t, "SHUTTLE01")
	m := mountFor(t, serveJob{Drives: []string{drive}})
	at := m.in(tree.LibraryName, tree.ReportName)
	first, err := os.ReadFile(at)
	must(t, err)
	before, err := os.Stat(at)
	must(t, err)
	old, err := os.Open(at)
	must(t, err)
	defer old.Close()
	roll := filepath.Join(drive, "20230510_EP103_Day05_MU/Camera_Media/A009R1AB")
	must(t, os.Mkdir(roll, 0o755))
	must(t, os.WriteFile(filepath.Join(roll, "A009C001_230510_R1AB.mxf"), []byte("x"), 0o644))
	var second []byte
	var after os.FileInfo
	var counted, last string
	eventually(t, "the new roll has a row, in a report that stays for a moment", func() bool {
		if second, err = os.ReadFile(at); err != nil || !strings.Contains(string(second), "A009R1AB") {
			return false
		}
		after, err = os.Stat(at)
		must(t, err)
		counted, last = run(t, "wc", "-c", at), run(t, "tail", "-n", "1", at)
		again, err := os.Stat(at)
		return err == nil && again.ModTime().Equal(after.ModTime()) && int64(len(second)) == again.Size()
	})
	if !after.ModTime().After(before.ModTime()) {
		t.Errorf("the new version is of %v, the old one of %v", after.ModTime(), before.ModTime())
	}
	if strings.Fields(counted)[0] != strconv.Itoa(len(second)) {
		t.Errorf("wc -c: got %s, want %d", counted, len(second))
	}
	if !strings.HasPrefix(string(second), "roll,") || !strings.HasSuffix(string(second), last) || !strings.HasSuffix(last, "\n") {
		t.Errorf("the report is not whole: %q, %q", second, last)
	}
	got := make([]byte, len(second)+100)
	if n, _ := old.ReadAt(got, 0); string(got[:n]) != string(first) {
		t.Errorf("the old handle reads %d bytes, want the %d of the first version", n, len(first))
	}
	if info, err := old.Stat(); err != nil || info.Size() != int64(len(first)) {
		t.Errorf("the old handle's size: got %v (%v), want %d", info, err, len(first))
	}
}

// A drive that does not answer any more does not keep the library from being listed, the
// other drive from being read, nor the mount point from being given back.
func TestHungDrive(t *testing.T) {
	need(t, "bindfs")
	if os.Geteuid() != 0 {
		t.Skip("bindfs needs root to be seen by all")
	}
	point := filepath.Join(t.TempDir(), "HUNG")
	must(t, os.Mkdir(point, 0o755))
	server := exec.Command("bindfs", "-f", "-r", sample(t, "BELOW"), point)
	must(t, server.Start())
	t.Cleanup(func() { server.Process.Kill(); server.Wait(); unix.Unmount(point, unix.MNT_DETACH) })
	eventually(t, "bindfs is there", func() bool { return isMounted(t, point) })
	m := mountFor(t, serveJob{Drives: []string{sample(t, "SHUTTLE01"), point}})
	date := m.in(tree.LibraryName, tree.CameraName, "20230510")
	names, err := os.ReadDir(date)
	must(t, err)
	must(t, server.Process.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { server.Process.Signal(syscall.SIGCONT) })
	time.Sleep(1100 * time.Millisecond) // the kernel remembers nothing
	start := time.Now()
	out := run(t, "timeout", "8", "ls", "-l", date)
	if took := time.Since(start); took > 5*time.Second || strings.Count(out, "\n") != len(names)+1 {
		t.Errorf("listing the date took %v:\n%s", took, out)
	}
	if _, err := os.ReadFile(m.in(sampleClip)); err != nil {
		t.Errorf("a clip of the other drive: %v", err)
	}
	run(t, "timeout", "8", "df", m.path)
	start = time.Now()
	m.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, "the mount point is free", func() bool { return !isMounted(t, m.path) })
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("giving the mount point back took %v", took)
	}
	must(t, server.Process.Signal(syscall.SIGCONT))
}
