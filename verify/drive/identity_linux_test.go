package drive

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestIdentity(t *testing.T) {
	needRoot(t)
	for _, kind := range []string{"ext4", "xfs", "btrfs", "exfat", "vfat"} {
		t.Run(kind, func(t *testing.T) {
			v := newVolume(t, kind, "SHUTTLE01")
			dir := v.mount()
			write(t, filepath.Join(dir, "show/day/f"), "x")
			d := open(t, dir)
			first := d.FileSystem()
			checkFacts(t, kind, first)
			if first.Device != filepath.Base(v.device) {
				t.Errorf("device got %q, want %q", first.Device, v.device)
			}
			if first.Label != "SHUTTLE01" || d.Name() != "SHUTTLE01" {
				t.Errorf("label got %q, name %q", first.Label, d.Name())
			}
			if uuid := blkid(t, v.device, "UUID"); canonicalUUID(uuid) == "" || !strings.HasPrefix(first.ID, "uuid:"+canonicalUUID(uuid)) {
				t.Errorf("ID got %q, blkid says %q", first.ID, uuid)
			}
			checkElsewhere(t, filepath.Join(dir, "show/day"), first, "show/day", "day")
			checkElsewhere(t, filepath.Join(bind(t, filepath.Join(dir, "show")), "day"), first, "show/day", "day")
			bound := bind(t, filepath.Join(dir, "show"))
			checkElsewhere(t, bound, first, "show", filepath.Base(bound))
			if kind != "exfat" { // whose driver wants a device for itself
				checkElsewhere(t, v.mount("noatime"), first, ".", "SHUTTLE01")
			}
		})
	}
}

// checkElsewhere sees that a folder is known as part of the file system that was seen first.
func checkElsewhere(t *testing.T, dir string, first FileSystem, prefix, name string) {
	t.Helper()
	d := open(t, dir)
	got := d.FileSystem()
	if got.ID != first.ID || got.Prefix != prefix || got.Plugged != first.Plugged || got.Clone {
		t.Errorf("%s: got %+v, want prefix %s of %+v", dir, got, prefix, first)
	}
	if d.Name() != name {
		t.Errorf("%s: name got %q, want %q", dir, d.Name(), name)
	}
}

// checkFacts compares what is said of a file system's worth with what its kind is known for.
func checkFacts(t *testing.T, kind string, got FileSystem) {
	t.Helper()
	fuse := kind == "exfat"
	want := got
	want.Kind, want.Prefix, want.Lasting = kind, ".", true
	want.Strong, want.Local, want.Rotating, want.Clone = !fuse && kind != "vfat", !fuse, false, false
	if fuse {
		want.Kind = "fuse." + kind
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func blkid(t *testing.T, device, tag string) string {
	t.Helper()
	return strings.TrimSpace(run(t, "blkid", "-p", "-o", "value", "-s", tag, device))
}

func TestPluggedAgain(t *testing.T) {
	v := newVolume(t, "ext4", "AGAIN")
	dir := v.mount()
	first := open(t, dir).FileSystem()
	unmounted(t, dir)
	run(t, "losetup", "-d", v.device)
	v.attach()
	again := open(t, v.mount()).FileSystem()
	if again.ID != first.ID || again.Plugged == first.Plugged {
		t.Errorf("got %+v, want the ID and another plug-in of %+v", again, first)
	}
}

func TestClones(t *testing.T) {
	v := newVolume(t, "ext4", "CLONE")
	twin := &volume{t: t, kind: v.kind, image: filepath.Join(t.TempDir(), "twin.img")}
	run(t, "cp", "--sparse=always", v.image, twin.image)
	alone := open(t, v.mount()).FileSystem()
	twin.attach()
	dir := twin.mount()
	second := open(t, dir).FileSystem()
	first := open(t, v.mount()).FileSystem()
	if alone.Clone || !alone.Lasting {
		t.Errorf("alone: got %+v", alone)
	}
	for _, f := range []FileSystem{first, second} {
		if !f.Clone || f.Lasting || f.ID == alone.ID {
			t.Errorf("beside its clone: got %+v", f)
		}
	}
	if first.ID == second.ID {
		t.Errorf("clones share the ID %s", first.ID)
	}
	unmounted(t, dir)
	if again := open(t, v.mount()).FileSystem(); again != alone {
		t.Errorf("alone again: got %+v, want %+v", again, alone)
	}
}

func TestFolderOfAnonymousFileSystem(t *testing.T) {
	needRoot(t)
	need(t, "bindfs")
	from, to := tree(t, map[string]string{"f": "x"}), t.TempDir()
	run(t, "bindfs", from, to)
	t.Cleanup(func() { unmounted(t, to) })
	got := open(t, to).FileSystem()
	if got.Lasting || got.Local || got.Strong || !strings.HasPrefix(got.Kind, "fuse") || !strings.HasPrefix(got.ID, "mount:") {
		t.Errorf("got %+v, want one that is known while it is mounted", got)
	}
}

// records makes a copy of what the system keeps of its devices: files, and links (-> in front).
func records(t *testing.T, files map[string]string) system {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		full := filepath.Join(root, path)
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(root, target), full); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, full, content)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		t.Fatal(err)
	}
	return system(real)
}

func TestDevice(t *testing.T) {
	const (
		usb  = "sys/devices/pci0000:00/usb1/1-1"
		scsi = usb + "/1-1:1.0/host6/target6:0:0/6:0:0:0"
		disk = scsi + "/block/sdb"
	)
	// stick is a USB disk with one partition, more the files that make it another thing.
	stick := func(more map[string]string) map[string]string {
		files := map[string]string{
			"sys/dev/block/8:16": "-> " + disk, "sys/dev/block/8:17": "-> " + disk + "/sdb1",
			disk + "/dev": "8:16\n", disk + "/diskseq": "7\n", disk + "/queue/rotational": "0\n", disk + "/removable": "1\n",
			disk + "/device": "-> " + scsi, scsi + "/model": "Portable SSD T7\n", scsi + "/vendor": "Samsung\n",
			disk + "/sdb1/partition": "1\n", disk + "/sdb1/dev": "8:17\n",
		}
		for path, content := range more {
			files[path] = content
		}
		return files
	}
	tests := []struct {
		name     string
		files    map[string]string
		number   string
		device   string
		serial   string
		rotating bool
	}{
		{"nothing known", stick(nil), "8:17", "sdb1", "", false},
		{"of the USB device", stick(map[string]string{usb + "/idVendor": "04e8\n", usb + "/serial": "S4PBNJ0R\n"}), "8:17", "sdb1", "S4PBNJ0R", false},
		{"udev before it", stick(map[string]string{"run/udev/data/b8:16": "I:1\nE:ID_SERIAL=Samsung_T7\nE:ID_SERIAL_SHORT=SHORT\n", usb + "/idVendor": "04e8\n", usb + "/serial": "other\n"}), "8:17", "sdb1", "SHORT", false},
		{"page 80", stick(map[string]string{scsi + "/vpd_pg80": "\x00\x80\x00\x0a  WD-1 23  "}), "8:16", "sdb", "WD-1_23", false},
		{"one sign repeated", stick(map[string]string{usb + "/idVendor": "1\n", usb + "/serial": "000000000\n"}), "8:17", "sdb1", "", false},
		{"card reader by model", stick(map[string]string{scsi + "/model": "SD/MMC Reader\n", usb + "/idVendor": "1\n", usb + "/serial": "S\n"}), "8:17", "sdb1", "", false},
		{"card reader by slots", stick(map[string]string{usb + "/1-1:1.0/host6/target6:0:0/6:0:0:1/model": "x\n", usb + "/idVendor": "1\n", usb + "/serial": "S\n"}), "8:17", "sdb1", "", false},
		{"card reader by udev", stick(map[string]string{"run/udev/data/b8:17": "E:ID_DRIVE_FLASH_SD=1\nE:ID_SERIAL_SHORT=S\n"}), "8:17", "sdb1", "", false},
		{"rotating", stick(map[string]string{disk + "/queue/rotational": "1\n"}), "8:17", "sdb1", "", true},
		{"encrypted", stick(map[string]string{
			"sys/dev/block/253:0":                             "-> sys/devices/virtual/block/dm-0",
			"sys/devices/virtual/block/dm-0/slaves/sdb1":      "-> " + disk + "/sdb1",
			"sys/devices/virtual/block/dm-0/queue/rotational": "1\n",
			disk + "/queue/rotational":                        "1\n",
			"run/udev/data/b8:16":                             "E:ID_SERIAL_SHORT=LUKS1\n",
		}), "253:0", "dm-0", "LUKS1", true},
		{"virtual", map[string]string{
			"sys/dev/block/254:0": "-> sys/devices/pci0/virtio1/block/vda",
			"sys/devices/pci0/virtio1/block/vda/queue/rotational": "1\n",
			"sys/devices/pci0/virtio1/block/vda/serial":           "disk-1\n",
		}, "254:0", "vda", "disk-1", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dev, ok := records(t, test.files).device(test.number)
			if !ok || dev.name() != test.device || dev.serial() != test.serial || dev.rotating() != test.rotating {
				t.Errorf("got %v %q serial %q rotating %v, want %q %q %v",
					ok, dev.name(), dev.serial(), dev.rotating(), test.device, test.serial, test.rotating)
			}
		})
	}
}

func TestDeviceOf(t *testing.T) {
	needRoot(t)
	v := newVolume(t, "ext4", "")
	const sys = system("/")
	tests := []struct {
		name string
		m    mount
		want bool
	}{
		{"source of a file system with a number of its own", mount{Device: "0:50", Type: "btrfs", Source: v.device}, true},
		{"FUSE driver that root mounted", mount{Device: "0:50", Type: "fuse.exfat", Source: v.device, Super: "rw,user_id=0"}, true},
		{"FUSE driver that says so", mount{Device: "0:50", Type: "fuse.sshfs", Source: v.device, Super: "rw,user_id=1000"}, false},
		{"no device", mount{Device: "0:50", Type: "tmpfs", Source: "tmpfs"}, false},
		{"a file", mount{Device: "0:50", Type: "btrfs", Source: v.image}, false},
	}
	for _, test := range tests {
		if dev, ok := sys.deviceOf(test.m); ok != test.want {
			t.Errorf("%s: got %v, %v, want %v", test.name, dev.number, ok, test.want)
		}
	}
}

// TestSuperblockAgainstBlkid compares with another program what formatters wrote.
func TestSuperblockAgainstBlkid(t *testing.T) {
	for _, kind := range []string{"ext4", "xfs", "btrfs", "exfat", "vfat", "ntfs", "hfsplus", "udf"} {
		t.Run(kind, func(t *testing.T) {
			need(t, "blkid")
			image := format(t, kind)
			f, err := os.Open(image)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			got := readSuperblock(f)
			label := strings.TrimSpace(run(t, "blkid", "-p", "-o", "value", "-s", "LABEL", image))
			if kind == "hfsplus" {
				label = "" // is in the catalog file, and not read
			}
			want := superblock{format: kind, uuid: canonicalUUID(blkid(t, image, "UUID")), label: label}
			if got != want {
				t.Errorf("got %+v, blkid says %+v", got, want)
			}
		})
	}
}

// format makes a file system in a file.
func format(t *testing.T, kind string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	write(t, image, "")
	if err := os.Truncate(image, 320<<20); err != nil {
		t.Fatal(err)
	}
	commands := map[string][]string{
		"ext4": {"mkfs.ext4", "-q", "-L", "Label ä"}, "xfs": {"mkfs.xfs", "-q", "-L", "LABELXFS"},
		"btrfs": {"mkfs.btrfs", "-q", "-L", "Label ä"}, "exfat": {"mkfs.exfat", "-L", "Label ä"},
		"vfat": {"mkfs.vfat", "-F", "32", "-n", "LABEL"}, "ntfs": {"mkfs.ntfs", "-F", "-q", "-Q", "-L", "Label ä"},
		"hfsplus": {"mkfs.hfsplus", "-v", "LABEL"}, "udf": {"mkfs.udf", "-l", "Label"},
	}
	command := commands[kind]
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skip("needs " + command[0])
	}
	run(t, command[0], append(command[1:], image)...)
	return image
}
