package drive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFacts(t *testing.T) {
	tests := []struct {
		name  string
		facts facts
		want  FileSystem
	}{
		{
			"a stick with a serial number",
			facts{mount: mount{Root: "/", Type: "exfat"}, below: ".", boot: "B", unique: "9", uuid: "eb3da591", label: "SHUTTLE01", serial: "S1", disk: "7", device: "sdb1"},
			FileSystem{ID: "uuid:eb3da591 serial:S1", Lasting: true, Kind: "exfat", Prefix: ".", Label: "SHUTTLE01", Plugged: "B:disk:7", Serial: true, Local: true, Device: "sdb1"},
		},
		{
			"a folder of a subvolume has no label",
			facts{mount: mount{Root: "/@home", Type: "btrfs"}, below: "shows/one", boot: "B", unique: "9", uuid: "ab", label: "HOME"},
			FileSystem{ID: "uuid:ab", Lasting: true, Kind: "btrfs", Prefix: "@home/shows/one", Plugged: "B:9", Strong: true, Local: true},
		},
		{
			"clones share nothing",
			facts{mount: mount{Root: "/", Type: "ext4"}, below: ".", boot: "B", unique: "9", uuid: "ab", disk: "7", cloned: true},
			FileSystem{ID: "uuid:ab mount:B:9", Kind: "ext4", Prefix: ".", Plugged: "B:disk:7", Strong: true, Local: true, Clone: true},
		},
		{
			"a server",
			facts{mount: mount{Root: "/", Type: "nfs4", Source: "nas:/export/shows"}, below: "one", boot: "B", unique: "9"},
			FileSystem{ID: "nfs4:nas:/export/shows", Lasting: true, Kind: "nfs4", Prefix: "one", Plugged: "B:9"},
		},
		{
			"a FUSE driver of a device",
			facts{mount: mount{Root: "/", Type: "fuseblk"}, below: ".", boot: "B", unique: "9", format: "ntfs", uuid: "ab", disk: "3"},
			FileSystem{ID: "uuid:ab", Lasting: true, Kind: "fuse.ntfs", Prefix: ".", Plugged: "B:disk:3"},
		},
		{
			"no identity",
			facts{mount: mount{Root: "/", Type: "tmpfs"}, below: ".", boot: "B", unique: "9"},
			FileSystem{ID: "mount:B:9", Kind: "tmpfs", Prefix: ".", Plugged: "B:9", Local: true},
		},
		{
			"nothing known",
			facts{boot: "B", unique: "9"},
			FileSystem{ID: "mount:B:9", Kind: "unknown", Prefix: ".", Plugged: "B:9"},
		},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.facts.fileSystem()); diff != "" {
			t.Errorf("%s -want +got:\n%s", test.name, diff)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"EB3D-A591": "eb3da591", "7F4E7DFA-3825-4251-8253-405FF291B4DF\n": "7f4e7dfa382542518253405ff291b4df",
		"00000000-0000-0000-0000-000000000000": "", "": "",
	} {
		if got := canonicalUUID(in); got != want {
			t.Errorf("canonicalUUID(%q) got %q, want %q", in, got, want)
		}
	}
	if got := binaryUUID([]byte{0x91, 0xa5, 0x3d, 0xeb}); got != "eb3da591" {
		t.Errorf("a volume number got %q", got)
	}
	for in, want := range map[string]string{
		" WD  1\x0023 ": "WD_1_23", "WD_1_23": "WD_1_23", "0000": "", "": "", "0123": "0123",
	} {
		if got := canonicalSerial(in); got != want {
			t.Errorf("canonicalSerial(%q) got %q, want %q", in, got, want)
		}
	}
}

func TestUdev(t *testing.T) {
	got := parseUdev("S:disk/by-label/x\nI:12\nE:ID_FS_LABEL_ENC=A\\x20b\\x5cx\nE:ID_EMPTY=\nE:NONE\nG:systemd\n")
	want := map[string]string{"ID_FS_LABEL_ENC": `A\x20b\x5cx`, "ID_EMPTY": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if label := decodeUdev(got["ID_FS_LABEL_ENC"]); label != `A b\x` {
		t.Errorf("label got %q", label)
	}
}

func TestDriveName(t *testing.T) {
	tests := []struct{ label, dir, want string }{
		{"SHUTTLE01", "/media/x", "SHUTTLE01"}, {"", "/media/x", "x"}, {"A/B", "/x", "A_B"},
		{"..", "/media/x", "x"}, {"", "/", "root"}, {"\xff", "/x", "\xff"},
	}
	for _, test := range tests {
		if got := driveName(test.label, test.dir); got != test.want {
			t.Errorf("driveName(%q, %s) got %q, want %q", test.label, test.dir, got, test.want)
		}
	}
}
