package catalog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footagefs/verify/checksum"
)

// shoot is a drive in a folder, and the path of a catalog beside it.
type shoot struct {
	t    *testing.T
	dir  string
	path string // of the catalog
}

func newShoot(t *testing.T) *shoot {
	t.Helper()
	s := &shoot{t: t, dir: filepath.Join(t.TempDir(), "SHUTTLE01"), path: filepath.Join(t.TempDir(), "catalog.db")}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

const someDay = "20230510_EP103_Day05_MU/Camera_Media"

// roll offloads a roll with files of these contents, by name, and returns its path.
func (s *shoot) roll(name string, files map[string]string) string {
	s.t.Helper()
	var mhl strings.Builder
	mhl.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hashlist version=\"1.1\">\n")
	for file, content := range files {
		s.write(filepath.Join(someDay, name, file), content)
		sums, err := checksum.Read(s.t.Context(), strings.NewReader(content), checksum.XXH64)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&mhl, "<hash><file>%s</file><size>%d</size><xxhash64be>%s</xxhash64be></hash>\n", file, len(content), sums[0].Digest)
	}
	mhl.WriteString("</hashlist>\n")
	path := filepath.Join(someDay, name)
	s.write(filepath.Join(path, name+".mhl"), mhl.String())
	return path
}

// settle makes all times old enough for readings to be believed.
func (s *shoot) settle() { time.Sleep(30 * time.Millisecond) }

func (s *shoot) write(path, content string) {
	s.t.Helper()
	full := filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// rename moves a file or folder of the drive.
func (s *shoot) rename(from, to string) {
	s.t.Helper()
	if err := os.Rename(filepath.Join(s.dir, from), filepath.Join(s.dir, to)); err != nil {
		s.t.Fatal(err)
	}
}

// open opens the catalog and gives it the drive.
func (s *shoot) open() *Catalog {
	s.t.Helper()
	c, err := openAt(s.t, s.path, s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := c.AddDrive(s.t.Context(), s.dir); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// verified opens the catalog, verifies everything, and returns it.
func (s *shoot) verified() *Catalog {
	s.t.Helper()
	s.settle()
	c := s.open()
	if err := c.Verify(s.t.Context(), Filter{}, VerifyOptions{}); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range c.Rolls(Filter{}) {
		if r.Status != RollVerified {
			s.t.Fatalf("%s is %s (%s), want verified", r.Path, r.Status, r.Message)
		}
	}
	return c
}

// only returns the one roll's state.
func only(t *testing.T, c *Catalog) *rollState {
	t.Helper()
	list := c.states(Filter{})
	if len(list) != 1 {
		t.Fatalf("got %d rolls, want 1", len(list))
	}
	return list[0]
}

// statuses are the rolls' statuses by name, as they are shown without another look.
func statuses(c *Catalog) map[string]RollStatus {
	m := map[string]RollStatus{}
	for _, r := range c.Rolls(Filter{}) {
		m[r.Name] = r.Status
	}
	return m
}

// filesReport is the report of files.
func filesReport(t *testing.T, c *Catalog) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteReport(t.Context(), &b, FileReport, Filter{}, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
