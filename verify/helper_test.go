package verify

import (
	"strings"
	"testing"

	"footagefs/verify/drive"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openDrive(t *testing.T, dir string) *drive.Drive {
	t.Helper()
	d, err := drive.Open(dir)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func isLitter(name string) bool { return name == ".DS_Store" || strings.HasPrefix(name, "._") }
