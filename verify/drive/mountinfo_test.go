package drive

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sampleMounts = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
31 22 8:17 / /media/SHUTTLE\04001 rw,nosuid,nodev,noatime shared:5 master:2 - exfat /dev/sdb1 rw,uid=1000
32 31 0:50 / /media/SHUTTLE\04001/day/other rw - tmpfs none rw
33 31 0:51 / /media/SHUTTLE\040012 rw - tmpfs none rw
34 22 0:52 / /media/SHUTTLE\04001/hidden rw - tmpfs none rw
35 22 0:60 /export/show /mnt/nas rw - nfs4 server:/export rw,vers=4.2
garbage
36 x 0:1 / / rw - t s r
`

func TestParseMounts(t *testing.T) {
	mounts := parseMounts(sampleMounts)
	want := mount{ID: 31, Parent: 22, Device: "8:17", Root: "/", Point: "/media/SHUTTLE 01",
		Options: "rw,nosuid,nodev,noatime", Type: "exfat", Source: "/dev/sdb1", Super: "rw,uid=1000"}
	got, ok := findMount(mounts, 31)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("mount 31: %v\n%s", ok, diff)
	}
	if len(mounts) != 6 {
		t.Errorf("got %d mounts, want 6", len(mounts))
	}
	if !got.has("noatime") || !got.has("uid=1000") || got.has("atime") || got.has("ro") {
		t.Error("options are not told apart")
	}
	if m, _ := findMount(mounts, 35); m.Root != "/export/show" || m.Source != "server:/export" {
		t.Errorf("got %+v", m)
	}
}

func TestSubmounts(t *testing.T) {
	mounts := parseMounts(sampleMounts)
	drive, _ := findMount(mounts, 31)
	tests := []struct {
		below string
		want  []string
	}{
		{".", []string{"day/other"}}, // not the neighbour's, nor one below another mount
		{"day", []string{"other"}},
		{"day/other", nil},
		{"da", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, submounts(mounts, drive, test.below)); diff != "" {
			t.Errorf("below %s -want +got:\n%s", test.below, diff)
		}
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add(sampleMounts)
	f.Add(`1 2 0:1 / /\ - a b c`)
	if table, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
		f.Add(string(table))
	}
	f.Fuzz(func(t *testing.T, text string) {
		mounts := parseMounts(text)
		if len(mounts) > strings.Count(text, "\n")+1 {
			t.Errorf("%d mounts of %d lines", len(mounts), strings.Count(text, "\n")+1)
		}
		for _, m := range mounts {
			submounts(mounts, m, ".")
		}
	})
}
