package structure

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"footagefs/verify/finding"
)

// scannedAsNobody scans without what lets root read everything.
func scannedAsNobody(t *testing.T, s *Scanner) *Structure {
	t.Helper()
	if os.Geteuid() != 0 {
		return scanned(t, s)
	}
	runtime.LockOSThread()
	if _, err := unix.SetfsuidRetUid(65534); err != nil {
		t.Fatal(err) // the thread stays locked and ends with the test
	}
	st := scanned(t, s)
	if _, err := unix.SetfsuidRetUid(0); err == nil {
		runtime.UnlockOSThread()
	}
	return st
}

// publicFolder is a temporary folder that everybody can get to.
func publicFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A folder that cannot be read is a finding, and the rest goes on. A roll is a roll all the same.
func TestUnreadableFolders(t *testing.T) {
	dir := publicFolder(t) + "/SHUTTLE01"
	lay(t, dir,
		"20230510/Camera_Media/A001/x.mxf", "20230510/Camera_Media/A002/x.mxf", "20230510/Sound_Media/S001/x.wav", "20230510/Extras/a/a.mhl",
		"20230511/Camera_Media/A003/x.mxf", "Show/20230512/Camera_Media/A004/x.mxf", "20230513/Camera_Media/ALEXA35/A005/x.mxf",
	)
	s := scannerOf(t, dir)
	for _, path := range []string{"20230510/Camera_Media/A002", "20230510/Sound_Media", "20230510/Extras", "20230511", "Show"} {
		shut(t, dir+"/"+path)
	}
	want := []string{
		"day 20230510", "day 20230511", "day 20230513",
		"camera 20230510 20230510/Camera_Media/A001", "camera 20230510 20230510/Camera_Media/A002", "camera 20230513 20230513/Camera_Media/ALEXA35/A005",
		"unreadable 20230510/Camera_Media/A002", "unreadable 20230510/Extras", "unreadable 20230510/Sound_Media", "unreadable 20230511", "unreadable Show",
	}
	st := scannedAsNobody(t, s)
	if diff := cmp.Diff(want, lines(st)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, f := range st.Findings {
		if f.Severity != finding.Error || (f.Roll == "A002") != (f.Path == "20230510/Camera_Media/A002") {
			t.Errorf("got %+v", f)
		}
	}
	// What was known of a folder before the drive refused it stands.
	shut(t, dir+"/20230513/Camera_Media/ALEXA35")
	want = slices.Insert(want, len(want)-1, "unreadable 20230513/Camera_Media/ALEXA35")
	if diff := cmp.Diff(want, lines(scannedAsNobody(t, s))); diff != "" {
		t.Errorf("known before: -want +got:\n%s", diff)
	}
}

// shut makes a folder unreadable until the test ends.
func shut(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o111); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
}

// A folder in which nothing may be looked at is the finding, not what lies in it; so is one
// that was only asked about. What lies below one that cannot be read says it no more.
func TestUnreadableOnce(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only another user than the owner can be refused a look, which takes root")
	}
	dir := publicFolder(t) + "/SHUTTLE01"
	lay(t, dir,
		"20230510/Camera_Media/A001/x.mxf", "20230510/Camera_Media/A002/x.mxf", "20230510/Extras/a/b/x.txt",
		"20230511/Camera_Media/A003/x.mxf", "20230511/Sound_Media/S001/x.wav",
	)
	s := scannerOf(t, dir)
	scannedAsNobody(t, s) // from now on it knows what is in them
	for path, mode := range map[string]os.FileMode{"20230510/Camera_Media": 0o744, "20230510/Extras/a": 0o711, "20230511": 0o700} {
		if err := os.Chmod(dir+"/"+path, mode); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"day 20230510", "day 20230511", "camera 20230510 20230510/Camera_Media/A001", "camera 20230510 20230510/Camera_Media/A002",
		"camera 20230511 20230511/Camera_Media/A003", "sound 20230511 20230511/Sound_Media/S001",
		"unreadable 20230510/Camera_Media", "unreadable 20230510/Extras/a", "unreadable 20230511",
	}
	if diff := cmp.Diff(want, lines(scannedAsNobody(t, s))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUnreadableDrive(t *testing.T) {
	dir := publicFolder(t) + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf")
	s := scannerOf(t, dir)
	shut(t, dir)
	if diff := cmp.Diff([]string{"unreadable ."}, lines(scannedAsNobody(t, s))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A folder of another file system is a finding, no roll, and nothing in it is looked at.
func TestOtherFileSystems(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf", "20230510/Camera_Media/A002/", "20230511/", "Show/")
	for _, path := range []string{"20230510/Camera_Media/A002", "20230511", "Show"} {
		at := dir + "/" + path
		if err := unix.Mount("tmpfs", at, "tmpfs", 0, "size=64k"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Unmount(at, unix.MNT_DETACH) })
		lay(t, at, "Camera_Media/A003/x.mxf")
	}
	s := scannerOf(t, dir)
	want := []string{
		"day 20230510", "camera 20230510 20230510/Camera_Media/A001",
		"other-file-system 20230510/Camera_Media/A002", "other-file-system 20230511", "other-file-system Show",
	}
	if diff := cmp.Diff(want, lines(scanned(t, s))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// One that is mounted, or unmounted, later shows although no folder's times moved.
	s.strong = true
	s.now = func() time.Time { return time.Now().Add(time.Hour) }
	scanned(t, s)
	if err := unix.Unmount(dir+"/20230511", 0); err != nil {
		t.Fatal(err)
	}
	at := dir + "/20230510/Camera_Media/A001"
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(at, unix.MNT_DETACH) })
	time.Sleep(1500 * time.Millisecond) // the drive looks at the table of mounts
	s.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	want = []string{
		"day 20230510", "day 20230511", "no-rolls .", "other-file-system 20230510/Camera_Media/A001",
		"other-file-system 20230510/Camera_Media/A002", "other-file-system Show",
	}
	if diff := cmp.Diff(want, lines(scanned(t, s))); diff != "" {
		t.Errorf("later: -want +got:\n%s", diff)
	}
}
