package drive

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// One name that cannot be looked at does not hide the others of a folder that is listed
// without kinds.
func TestANameThatCannotBeLookedAt(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{os.WriteFile(dir+"/file", nil, 0o644), os.Mkdir(dir+"/folder", 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer closeFD(fd)
	bad := strings.Repeat("x", 300) // which statx refuses
	list := &listing{}
	for _, name := range []string{"file", "folder", "went", bad} {
		list.add([]byte(name), Unknown, 0)
	}
	if err := d.completeKinds(fd, ".", list); err != nil {
		t.Fatalf("got %v, want a listing", err)
	}
	want := map[string]Kind{"file": Regular, "folder": Folder, bad: Unknown}
	got := list.entries()
	for _, e := range got {
		if kind, listed := want[e.Name]; !listed || kind != e.Kind {
			t.Errorf("got %.20q of kind %d", e.Name, e.Kind)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d names, want %d", len(got), len(want))
	}
}
