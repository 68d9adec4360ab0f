package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"footagefs/verify/drive"
)

func TestRollsThatMovedKeepTheirResults(t *testing.T) {
	for name, moves := range map[string][][2]string{
		"renamed":            {{someDay + "/A001R1AB", someDay + "/A007R1AB"}},
		"swapped":            {{someDay + "/A001R1AB", "tmp"}, {someDay + "/A002R1AB", someDay + "/A001R1AB"}, {"tmp", someDay + "/A002R1AB"}},
		"in turn":            {{someDay + "/A002R1AB", someDay + "/A003R1AB"}, {someDay + "/A001R1AB", someDay + "/A002R1AB"}},
		"day folder renamed": {{"20230510_EP103_Day05_MU", "20230511_EP103_Day05_MU"}},
	} {
		for _, live := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				s := newShoot(t)
				s.roll("A001R1AB", map[string]string{"clip.mov": "footage", "sub/a.mov": "aaa"})
				s.roll("A002R1AB", map[string]string{"clip.mov": "other footage", "sub/b.mov": "bbb"})
				c := s.verified()
				for _, m := range moves {
					s.rename(m[0], m[1])
				}
				if live {
					c.rescan(t.Context(), c.drives[0])
				} else {
					c.Close()
					c = s.open()
				}
				for name, got := range statuses(c) {
					if got == RollVerified && name != "A002R1AB" {
						t.Errorf("%s: shown as verified before it was looked at", name)
					}
				}
				if err := c.Inventory(t.Context(), Filter{}); err != nil {
					t.Fatal(err)
				}
				for name, got := range statuses(c) {
					if got != RollVerified {
						t.Errorf("%s: got %s, want verified without reading again\n%s", name, got, filesReport(t, c))
					}
				}
				// What is found from now on is stored with the right rolls.
				if err := c.Verify(t.Context(), Filter{}, VerifyOptions{Force: true}); err != nil {
					t.Fatal(err)
				}
				for _, r := range c.states(Filter{}) {
					if rev := c.store.Revision(t.Context(), r.row()); rev != r.revision {
						t.Errorf("%s: got stored revision %d, want %d", r.found.Path, rev, r.revision)
					}
				}
				for _, f := range c.Findings(Filter{}) {
					t.Errorf("unexpected finding: %s %s", f.Code, f.Message())
				}
			})
		}
	}
}

func TestAFolderNumberThatIsUsedAgainIsNoMove(t *testing.T) {
	s := newShoot(t)
	gone := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	if err := os.RemoveAll(filepath.Join(s.dir, gone)); err != nil {
		t.Fatal(err)
	}
	came := s.roll("A002R1AB", map[string]string{"clip.mov": "other footage"})
	info, err := c.drives[0].handle().Stat(came)
	if err != nil {
		t.Fatal(err)
	}
	// As file systems do.
	execute(t, s.path, fmt.Sprintf("UPDATE roll SET inode = %d", int64(info.Inode)))
	c.Close()
	c = s.open()
	findings := c.Findings(Filter{})
	if len(findings) != 1 || findings[0].Code != "roll-gone" || findings[0].Path != gone {
		t.Errorf("got %v, want that %s is gone", findings, gone)
	}
}

func TestARollThatIsNoFolderAnyMoreIsGone(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"nothing":       func(string) error { return nil },
		"a file":        func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"a broken link": func(path string) error { return os.Symlink("nowhere", path) },
		"a link":        func(path string) error { return os.Symlink("..", path) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShoot(t)
			path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
			s.roll("A002R1AB", map[string]string{"clip.mov": "footage"})
			s.verified().Close()
			if err := os.RemoveAll(filepath.Join(s.dir, path)); err != nil {
				t.Fatal(err)
			}
			if err := replace(filepath.Join(s.dir, path)); err != nil {
				t.Fatal(err)
			}
			c := s.open()
			for _, f := range c.Findings(Filter{}) {
				if f.Code == "roll-gone" && f.Path == path && f.Severity == Error {
					return
				}
			}
			t.Errorf("nobody says that %s is gone", path)
		})
	}
}

func TestMountsOfOneFileSystemShareBytes(t *testing.T) {
	c, err := openAt(t, filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	c.drives = []*driveState{{dir: "/mnt/a", fs: drive.FileSystem{ID: "uuid:1", Prefix: "shoot/day"}}}
	for _, test := range []struct {
		id, prefix string
		want       bool
	}{
		{"uuid:1", ".", true}, {"uuid:1", "shoot", true}, {"uuid:1", "shoot/day", true}, {"uuid:1", "shoot/day/x", true},
		{"uuid:1", "shoot/day2", false}, {"uuid:2", "shoot/day", false},
	} {
		if got := c.sharing(drive.FileSystem{ID: test.id, Prefix: test.prefix}) != nil; got != test.want {
			t.Errorf("%s %s: got %v, want %v", test.id, test.prefix, got, test.want)
		}
	}
	c.drives = nil
}
