package drive

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"unicode/utf16"
)

// UDF's volume descriptors are found from an anchor at sector 256.
const (
	udfAnchor     = 256
	udfDescriptor = 512
	udfMaxVolume  = 64 // descriptors looked at
)

func readUDF(r io.ReaderAt) superblock {
	if !bytes.Contains(block(r, 32<<10, 32<<10), []byte("NSR0")) {
		return superblock{}
	}
	for _, sector := range []int64{2048, 512, 4096, 1024} {
		b := block(r, udfAnchor*sector, udfDescriptor)
		if b != nil && binary.LittleEndian.Uint16(b) == 2 && binary.LittleEndian.Uint32(b[12:]) == udfAnchor {
			length := int64(binary.LittleEndian.Uint32(b[16:]))
			start := int64(binary.LittleEndian.Uint32(b[20:]))
			return udfVolume(r, start*sector, sector, min(length/sector, udfMaxVolume))
		}
	}
	return superblock{format: "udf"}
}

// udfVolume reads the primary (1) and logical (6) volume descriptors of a sequence.
func udfVolume(r io.ReaderAt, start, sector, count int64) superblock {
	sb := superblock{format: "udf"}
	for i := range count {
		b := block(r, start+i*sector, udfDescriptor)
		if b == nil {
			break
		}
		switch binary.LittleEndian.Uint16(b) {
		case 1:
			sb.uuid = udfUUID(b[72:200])
		case 6:
			sb.label = udfString(b[84:212])
		case 8: // terminator
			return sb
		}
	}
	return sb
}

// udfString decodes a dstring: its last byte is its length, its first the width of its characters.
func udfString(b []byte) string {
	length := int(b[len(b)-1])
	if length < 1 || length >= len(b) {
		return ""
	}
	switch b[0] {
	case 8:
		runes := make([]rune, 0, length)
		for _, c := range b[1:length] {
			runes = append(runes, rune(c))
		}
		return string(runes)
	case 16:
		var units []uint16
		for i := 1; i+1 < length; i += 2 {
			units = append(units, binary.BigEndian.Uint16(b[i:]))
		}
		return string(utf16.Decode(units))
	}
	return ""
}

// udfUUID is the beginning of the volume set's identifier: sixteen hexadecimal digits
// where a formatter wrote such, else its first eight bytes as digits.
func udfUUID(b []byte) string {
	id := udfString(b)
	if len(id) >= 16 {
		if _, err := hex.DecodeString(id[:16]); err == nil {
			return canonicalUUID(id[:16])
		}
	}
	if len(id) < 8 {
		return ""
	}
	return canonicalUUID(hex.EncodeToString([]byte(id[:8])))
}
