package drive

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// image is the beginning of a device with some bytes written at offsets.
func image(size int, at map[int]string) []byte {
	b := make([]byte, size)
	for offset, content := range at {
		copy(b[offset:], content)
	}
	return b
}

func le32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
func le16(n uint16) string { return string(binary.LittleEndian.AppendUint16(nil, n)) }

func superblocks() map[string][]byte {
	return map[string][]byte{
		"hfsplus": image(4096, map[int]string{1024: "H+\x00\x04", 1064: "\x00\x00\x10\x00", 1128: "\x01\x02\x03\x04\x05\x06\x07\x08"}),
		"apfs":    image(4096, map[int]string{32: "NXSB", 72: "0123456789abcdef"}),
		"ext4":    image(4096, map[int]string{1024 + 56: "\x53\xef", 1024 + 104: "0123456789abcdef", 1024 + 120: "sixteen letters."}),
		"exfat": image(64<<10, map[int]string{3: "EXFAT   ", 88: le32(8), 96: le32(3), 100: "\x91\xa5\x3d\xeb", 108: "\x09\x03",
			4096 + 4096: "\x81junk", 4096 + 4096 + 32: "\x83\x02A\x00b\x00"}),
		"vfat": image(64<<10, map[int]string{11: le16(512), 13: "\x01", 14: le16(1), 16: "\x02", 17: le16(16), 22: le16(1),
			39: "\x91\xa5\x3d\xeb", 43: "NO NAME    ", 54: "FAT16   ", 510: "\x55\xaa",
			3 * 512: "A LONG NAME\x0f", 3*512 + 32: "ROOT LABEL \x08"}),
	}
}

func TestSuperblock(t *testing.T) {
	want := map[string]superblock{
		"hfsplus": {format: "hfsplus", uuid: "6095e00951323fc587c2d5a01745283e", label: ""}, // as blkid says
		"apfs":    {format: "apfs", uuid: "30313233343536373839616263646566", label: ""},
		"ext4":    {format: "ext4", uuid: "30313233343536373839616263646566", label: "sixteen letters."},
		"exfat":   {format: "exfat", uuid: "eb3da591", label: "Ab"},
		"vfat":    {format: "vfat", uuid: "eb3da591", label: "ROOT LABEL"},
	}
	for kind, content := range superblocks() {
		got := readSuperblock(bytes.NewReader(content))
		if got != want[kind] {
			t.Errorf("%s: got %+v, want %+v", kind, got, want[kind])
		}
	}
	if got := readSuperblock(bytes.NewReader(make([]byte, 1<<17))); got != (superblock{}) {
		t.Errorf("zeros: got %+v", got)
	}
	if got := readSuperblock(bytes.NewReader(nil)); got != (superblock{}) {
		t.Errorf("nothing: got %+v", got)
	}
}

func FuzzSuperblock(f *testing.F) {
	for _, content := range superblocks() {
		f.Add(content)
	}
	f.Add(image(70<<10, map[int]string{3: "NTFS    ", 11: le16(512), 13: "\x08", 48: "\x04", 64: "\xf6", 4*4096 + 3*1024: "FILE"}))
	f.Add(image(600<<10, map[int]string{34 << 10: "\x00NSR03", 256 * 2048: le16(2), 256*2048 + 12: le32(256), 256*2048 + 16: le32(4096) + le32(257)}))
	f.Fuzz(func(t *testing.T, content []byte) {
		sb := readSuperblock(bytes.NewReader(content))
		if sb.format == "" && (sb.uuid != "" || sb.label != "") {
			t.Errorf("an unknown file system has %+v", sb)
		}
		if len(sb.label) > 1024 || len(sb.uuid) > 64 {
			t.Errorf("unbounded: %+v", sb)
		}
	})
}
