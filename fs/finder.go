package fs

import "encoding/binary"

// What Finder shows of a status: a tag with its name and a coloured dot. The functions are
// used on macOS and tested everywhere.

// finderAttributes are the attributes that Finder asks for.
var finderAttributes = []*attribute{
	{"com.apple.metadata:_kMDItemUserTags", rankable, needFile, finderTags, binaryValue},
	{"com.apple.FinderInfo", rankable, needFile, finderInfo, binaryValue},
}

// Finder's numbers of its colours.
const (
	grey   = 1
	green  = 2
	red    = 6
	orange = 7
)

// finderColors are the colours of file and roll statuses. Those not named have none.
var finderColors = map[string]byte{
	"verified":     green,
	"failed":       red,
	"mismatch":     red,
	"missing":      red,
	"rejected":     red,
	"warning":      orange,
	"unverifiable": orange,
	"pending":      grey,
}

// finderTags is a binary property list: an array of one string, the status, a line feed
// and the number of its colour.
func finderTags(b []byte, s *subject) []byte {
	word := s.status()
	if word == "" {
		return b
	}
	return appendTagList(b, word+"\n"+string('0'+rune(finderColors[word])))
}

// appendTagList writes the list with one ASCII string, in its shortest form: header, the
// array, the string, where the two begin, and the trailer that says so.
func appendTagList(b []byte, tag string) []byte {
	start := len(b)
	b = append(b, "bplist00"...)
	array := byte(len(b) - start)
	b = append(b, 0xa1, 1) // an array of one: object 1
	text := byte(len(b) - start)
	if len(tag) < 15 {
		b = append(b, 0x50|byte(len(tag)))
	} else {
		b = append(b, 0x5f, 0x10, byte(len(tag)))
	}
	b = append(b, tag...)
	offsets := len(b) - start
	b = append(b, array, text)
	b = append(b, 0, 0, 0, 0, 0, 0, 1, 1)   // offsets and references are a byte each
	b = binary.BigEndian.AppendUint64(b, 2) // objects
	b = binary.BigEndian.AppendUint64(b, 0) // the first is the top one
	return binary.BigEndian.AppendUint64(b, uint64(offsets))
}

// finderInfo is 32 bytes of which one says the colour; without it Finder draws no dot.
func finderInfo(b []byte, s *subject) []byte {
	color := finderColors[s.status()]
	if color == 0 {
		return b
	}
	info := [32]byte{9: color << 1} // the flags' low byte
	return append(b, info[:]...)
}
