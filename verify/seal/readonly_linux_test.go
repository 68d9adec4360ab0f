package seal

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSealReadOnly(t *testing.T) {
	dir := layOut(t, sealRollFiles)
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("no mount can be made: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	must(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	_, results, err := sealIt(t, dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "A001R1AB: its volume is mounted read-only, no manifest can be written") || len(results) > 0 {
		t.Errorf("R44 got %v with %v", err, results)
	}
}
