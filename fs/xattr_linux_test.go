package fs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"footagefs/fs/tree"
)

// xattr is an attribute, or what there is instead.
func xattr(path, name string) string {
	buf := make([]byte, 1024)
	n, err := unix.Lgetxattr(path, name, buf)
	if err != nil {
		return "- " + unix.ErrnoName(err.(syscall.Errno))
	}
	return string(buf[:n])
}

// xattrNames are the names that are listed.
func xattrNames(t *testing.T, path string) []string {
	t.Helper()
	size, err := unix.Listxattr(path, nil)
	must(t, err)
	buf := make([]byte, size)
	n, err := unix.Listxattr(path, buf)
	must(t, err)
	if n == 0 {
		return nil
	}
	names := strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00")
	slices.Sort(names)
	return names
}

// What the drive's own files carry is shown beside ours, and never passes for ours.
func TestAttributesOnTheDrive(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	stray := "20230510_EP103_Day05_MU/Reports/20230510_Camera_Report.csv"
	for _, path := range []string{clipOn, stray} {
		for name, value := range map[string]string{
			"user.comment": "best take", "user.footagefs.status": "verified", "user.footagefs.new": "verified",
			"user.xdg.tags": "verified", "user.DOSATTRIB": "x", "user.DosStream.a": "x",
		} {
			if err := unix.Setxattr(filepath.Join(dir, path), name, []byte(value), 0); err == unix.EOPNOTSUPP {
				t.Skip("no attributes on this file system")
			} else {
				must(t, err)
			}
		}
	}
	m := mountFor(t, serveJob{Drives: []string{dir}})
	clip := m.in(sampleClip)
	stray = m.in(tree.DrivesName, "SHUTTLE01", stray)
	for _, c := range []struct{ path, name, want string }{
		{clip, "user.comment", "best take"},
		{clip, "user.footagefs.status", "pending"},
		{clip, "user.xdg.tags", "pending"},
		{clip, "user.footagefs.new", "- ENODATA"},
		{clip, "user.DOSATTRIB", "- ENODATA"},
		{clip, "user.absent", "- ENODATA"},
		{clip, "user.", "- ENODATA"},
		{clip, "user." + strings.Repeat("x", 250), "- ENODATA"},
		{stray, "user.", "- ENODATA"},
		{clip, "security.selinux", "- ENOTSUP"},
		{clip, "system.posix_acl_access", "- ENOTSUP"},
		{clip, "trusted.overlay.opaque", "- ENOTSUP"},
		{stray, "user.comment", "best take"},
		{stray, "user.footagefs.status", "- ENODATA"},
		{stray, "user.xdg.tags", "- ENODATA"},
		{m.in(tree.LibraryName, tree.ReportName), "user.footagefs.status", "- ENODATA"},
		{m.in(tree.DrivesName), "user.footagefs.status", "- ENODATA"},
	} {
		if got := xattr(c.path, c.name); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.name, c.path, got, c.want)
		}
	}
	if diff := cmp.Diff([]string{"user.comment"}, xattrNames(t, stray)); diff != "" {
		t.Errorf("names of a file in no roll (-want +got):\n%s", diff)
	}
	for _, name := range xattrNames(t, clip) {
		if strings.HasPrefix(name, "user.Dos") || name == "user.DOSATTRIB" || name == "user.footagefs.new" {
			t.Errorf("%s is listed", name)
		}
	}
	if n, err := unix.Getxattr(clip, "user.footagefs.roll", make([]byte, 3)); err != unix.ERANGE {
		t.Errorf("too little room: got %d, %v, want ERANGE", n, err)
	}
}

// A folder with a finding says so, also where it is no roll's.
func TestMessageOfStray(t *testing.T) {
	dir := sample(t, "SHUTTLE01")
	must(t, os.MkdirAll(filepath.Join(dir, "230510_Day05/Camera_Media/A001R1AB"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "230510_Day05/Camera_Media/A001R1AB/A001C001_230510_R1AB.mxf"), []byte("x"), 0o644))
	m := mountFor(t, serveJob{Drives: []string{dir}})
	if got := xattr(m.in(tree.DrivesName, "SHUTTLE01/230510_Day05"), "user.footagefs.message"); !strings.Contains(got, "yyyyMMdd") {
		t.Errorf("message of a bad date folder: got %q", got)
	}
	if got := xattr(m.in(tree.DrivesName, "SHUTTLE01/20230510_EP103_Day05_MU"), "user.footagefs.message"); got != "- ENODATA" {
		t.Errorf("message of a day folder: got %q, want none", got)
	}
	if _, err := os.Lstat(m.in(tree.WorkspacesName, tree.SourceName, "230510_Day05")); err != nil {
		t.Errorf("the bad date folder is not in SOURCE: %v", err)
	}
}
