package drive

import (
	"encoding/binary"
	"io"
	"strings"
)

// dirEntry is the size of a folder entry of exFAT and FAT.
const dirEntry = 32

// rootBytes is how much of the root folder is searched for the label, which is among its
// first entries wherever a formatter wrote it.
const rootBytes = 64 << 10

func readExFAT(r io.ReaderAt) superblock {
	b := block(r, 0, 512)
	if b == nil || string(b[3:11]) != "EXFAT   " {
		return superblock{}
	}
	sb := superblock{format: "exfat", uuid: binaryUUID(b[100:104])}
	if b[108] < 9 || b[108] > 12 || b[109] > 25-b[108] {
		return sb
	}
	sector := int64(1) << b[108]
	cluster := sector << b[109]
	heap := int64(binary.LittleEndian.Uint32(b[88:])) * sector
	first := int64(binary.LittleEndian.Uint32(b[96:]))
	sb.label = exFATLabel(block(r, heap+(first-2)*cluster, int(min(cluster, rootBytes))))
	return sb
}

// exFATLabel is the volume label entry (0x83) of a root folder.
func exFATLabel(root []byte) string {
	for ; len(root) >= dirEntry && root[0] != 0; root = root[dirEntry:] {
		if length := int(root[1]); root[0] == 0x83 && length <= 11 {
			return utf16LE(root[2 : 2+2*length])
		}
	}
	return ""
}

func readFAT(r io.ReaderAt) superblock {
	b := block(r, 0, 512)
	if b == nil || b[510] != 0x55 || b[511] != 0xAA {
		return superblock{}
	}
	sector := int64(binary.LittleEndian.Uint16(b[11:]))
	reserved := int64(binary.LittleEndian.Uint16(b[14:])) * sector
	tables := int64(b[16])
	switch {
	case string(b[82:90]) == "FAT32   ":
		data := reserved + tables*int64(binary.LittleEndian.Uint32(b[36:]))*sector
		cluster := int64(b[13]) * sector
		root := data + (int64(binary.LittleEndian.Uint32(b[44:]))-2)*cluster
		return fat(r, b[67:71], b[71:82], root, cluster)
	case string(b[54:57]) == "FAT":
		root := reserved + tables*int64(binary.LittleEndian.Uint16(b[22:]))*sector
		return fat(r, b[39:43], b[43:54], root, int64(binary.LittleEndian.Uint16(b[17:]))*dirEntry)
	}
	return superblock{}
}

// fat prefers the label in the root folder to the one in the boot sector, which many
// systems leave alone when a volume is renamed.
func fat(r io.ReaderAt, id, label []byte, root, size int64) superblock {
	sb := superblock{format: "vfat", uuid: binaryUUID(id), label: fatName(label)}
	if name := fatLabel(block(r, root, int(min(max(size, 0), rootBytes)))); name != "" {
		sb.label = name
	}
	return sb
}

// fatLabel is the entry with the volume label attribute alone (a long name has more).
func fatLabel(root []byte) string {
	for ; len(root) >= dirEntry && root[0] != 0; root = root[dirEntry:] {
		if root[0] != 0xE5 && root[11]&0x3F == 0x08 {
			return fatName(root[:11])
		}
	}
	return ""
}

func fatName(b []byte) string {
	name := strings.TrimRight(cString(b), " ")
	if name == "NO NAME" {
		return ""
	}
	return name
}
