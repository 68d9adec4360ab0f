package drive

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"io"
	"time"
	"unicode/utf16"
)

// superblock is what a file system says of itself at the beginning of its device.
type superblock struct {
	format string // ext4, xfs, btrfs, exfat, vfat, ntfs, hfsplus, apfs, udf
	uuid   string // canonical
	label  string
	// mounted is when it was last mounted for writing, to the second; only ext4 says.
	mounted time.Time
}

// readSuperblock recognises the file system on a device. Nothing of it is trusted: a
// damaged or hostile one gives an empty answer, or one that is nobody's.
func readSuperblock(r io.ReaderAt) superblock {
	for _, read := range []func(io.ReaderAt) superblock{
		readXFS, readExFAT, readNTFS, readExt, readBtrfs, readHFSPlus, readAPFS, readUDF, readFAT,
	} {
		if sb := read(r); sb.format != "" {
			return sb
		}
	}
	return superblock{}
}

// block reads size bytes at an offset; nil where there are fewer.
func block(r io.ReaderAt, offset int64, size int) []byte {
	if offset < 0 {
		return nil
	}
	b := make([]byte, size)
	if n, _ := r.ReadAt(b, offset); n < size {
		return nil
	}
	return b
}

// cString is the text before the first NUL.
func cString(b []byte) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return string(b)
}

func utf16LE(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

func readExt(r io.ReaderAt) superblock {
	b := block(r, 1024, 1024)
	if b == nil || binary.LittleEndian.Uint16(b[56:]) != 0xEF53 {
		return superblock{}
	}
	sb := superblock{format: "ext4", uuid: binaryUUID(b[104:120]), label: cString(b[120:136])}
	if seconds := int64(binary.LittleEndian.Uint32(b[44:])) | int64(b[0x275])<<32; seconds > 0 {
		sb.mounted = time.Unix(seconds, 0)
	}
	return sb
}

func readXFS(r io.ReaderAt) superblock {
	b := block(r, 0, 512)
	if b == nil || string(b[:4]) != "XFSB" {
		return superblock{}
	}
	return superblock{format: "xfs", uuid: binaryUUID(b[32:48]), label: cString(b[108:120])}
}

func readBtrfs(r io.ReaderAt) superblock {
	b := block(r, 64<<10, 1024)
	if b == nil || string(b[64:72]) != "_BHRfS_M" {
		return superblock{}
	}
	return superblock{format: "btrfs", uuid: binaryUUID(b[32:48]), label: cString(b[299:555])}
}

func readAPFS(r io.ReaderAt) superblock {
	b := block(r, 0, 512)
	if b == nil || string(b[32:36]) != "NXSB" {
		return superblock{}
	}
	return superblock{format: "apfs", uuid: binaryUUID(b[72:88])}
}

// hfsNamespace is what Apple makes UUIDs of HFS+ volume identifiers with.
var hfsNamespace = []byte{0xb3, 0xe2, 0x0f, 0x39, 0xf2, 0x92, 0x11, 0xd6, 0x97, 0xa4, 0x00, 0x30, 0x65, 0x43, 0xec, 0xac}

// readHFSPlus makes the version 3 UUID of the volume's identifier, as other systems do.
func readHFSPlus(r io.ReaderAt) superblock {
	b := block(r, 1024, 512)
	if b == nil || string(b[:2]) != "H+" && string(b[:2]) != "HX" {
		return superblock{}
	}
	sb := superblock{format: "hfsplus"}
	id := b[104:112]
	if !bytes.Equal(id, make([]byte, 8)) {
		uuid := md5.Sum(append(bytes.Clone(hfsNamespace), id...))
		uuid[6] = uuid[6]&0x0f | 0x30
		uuid[8] = uuid[8]&0x3f | 0x80
		sb.uuid = binaryUUID(uuid[:])
	}
	return sb
}

// ntfsMaxRecord bounds the size of a master file table record, which is 1 KiB or 4 KiB.
const ntfsMaxRecord = 64 << 10

func readNTFS(r io.ReaderAt) superblock {
	b := block(r, 0, 512)
	if b == nil || string(b[3:11]) != "NTFS    " {
		return superblock{}
	}
	serial := b[72:80]
	reversed := make([]byte, 8)
	for i := range serial {
		reversed[7-i] = serial[i]
	}
	return superblock{format: "ntfs", uuid: canonicalUUID(hex.EncodeToString(reversed)), label: ntfsLabel(r, b)}
}

// ntfsLabel is the name attribute of record 3, $Volume.
func ntfsLabel(r io.ReaderAt, boot []byte) string {
	sector := int64(binary.LittleEndian.Uint16(boot[11:]))
	cluster := sector * int64(boot[13])
	table := int64(binary.LittleEndian.Uint64(boot[48:]))
	record := int64(int8(boot[64])) * cluster
	if int8(boot[64]) < 0 && int8(boot[64]) > -31 {
		record = 1 << -int8(boot[64])
	}
	if record < 512 || record > ntfsMaxRecord || cluster <= 0 || table <= 0 || table > 1<<40 {
		return ""
	}
	b := block(r, table*cluster+3*record, int(record))
	if b == nil || string(b[:4]) != "FILE" {
		return ""
	}
	for at := int(binary.LittleEndian.Uint16(b[20:])); at+24 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[at+4:]))
		if size < 24 || size > len(b)-at {
			return ""
		}
		if binary.LittleEndian.Uint32(b[at:]) == 0x60 {
			return ntfsValue(b[at : at+size])
		}
		at += size
	}
	return ""
}

// ntfsValue is the text of a resident attribute.
func ntfsValue(attribute []byte) string {
	length := int(binary.LittleEndian.Uint32(attribute[16:]))
	offset := int(binary.LittleEndian.Uint16(attribute[20:]))
	if attribute[8] != 0 || length < 0 || length > 256 || offset+length > len(attribute) {
		return ""
	}
	return utf16LE(attribute[offset : offset+length])
}
