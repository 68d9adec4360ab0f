package mhl

import (
	"strconv"
	"strings"
	"time"

	"footagefs/verify/checksum"
)

// hashElement is an element that holds a digest, and how its text spells it.
type hashElement struct {
	name      string
	algorithm checksum.Algorithm
	form      hashForm
	swapped   bool // tools disagree on the byte order: either is accepted
}

type hashForm uint8

const (
	hexForm     hashForm = iota // most significant byte first
	hexLSBForm                  // least significant byte first
	decimalForm                 // of 32 bits, with or without leading zeros
	c4Form
)

var legacyElements = map[string]hashElement{
	"md5":        {name: "md5", algorithm: checksum.MD5},
	"sha1":       {name: "sha1", algorithm: checksum.SHA1},
	"xxhash":     {name: "xxhash", algorithm: checksum.XXH32, form: decimalForm},
	"xxhash64":   {name: "xxhash64", algorithm: checksum.XXH64, form: hexLSBForm, swapped: true},
	"xxhash64be": {name: "xxhash64be", algorithm: checksum.XXH64, swapped: true},
}

var ascElements = map[string]hashElement{
	"c4":     {name: "c4", algorithm: checksum.C4, form: c4Form},
	"md5":    {name: "md5", algorithm: checksum.MD5},
	"sha1":   {name: "sha1", algorithm: checksum.SHA1},
	"xxh128": {name: "xxh128", algorithm: checksum.XXH128},
	"xxh3":   {name: "xxh3", algorithm: checksum.XXH3},
	"xxh64":  {name: "xxh64", algorithm: checksum.XXH64},
}

// sum is the checksum that text spells; ok is false where it is no digest of the
// element's algorithm.
func (e hashElement) sum(text string) (s checksum.Sum, ok bool) {
	var err error
	switch e.form {
	case c4Form:
		return checksum.Sum{Algorithm: checksum.C4, Digest: text}, isC4(text)
	case decimalForm:
		s, err = checksum.FromDecimal(text)
	default:
		s, err = checksum.Canonical(e.algorithm, text)
	}
	if err == nil && e.form == hexLSBForm {
		s.Digest = checksum.Swap(s.Digest)
	}
	return s, err == nil
}

// c4Max is the largest C4 ID; the digits are in ASCII order.
const c4Max = "c467rpwLCuS5DGA8KGZXKsVQ7dnPb9goRLoKfgGbLfQg9WoLUgNY77E2jT11fem3coV9nAkguBACzrU1iyZM4B8roQ"

// isC4 reports whether text is the C4 ID of 64 bytes. checksum.Canonical computes those,
// which takes far longer than all else that is done for an entry.
func isC4(text string) bool {
	if len(text) != len(c4Max) || text[:2] != c4Max[:2] || text > c4Max {
		return false
	}
	return strings.Trim(text[2:], "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") == ""
}

// parseSize reads a size in bytes, -1 where the text is none.
func parseSize(b []byte) int64 {
	if len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 40 || b[0] == '-' || b[0] == '+' {
		return -1
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// parseDate reads a date as tools write it: XML's dateTime, also without a time zone
// (then UTC), with a blank for the T or dashes in the time. It is zero where it is none.
func parseDate(b []byte) time.Time {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || (b[10] != 'T' && b[10] != ' ') {
		return time.Time{}
	}
	if (b[13] != ':' && b[13] != '-') || b[16] != b[13] {
		return time.Time{}
	}
	year, ok0 := number(b[0:4])
	month, ok1 := number(b[5:7])
	day, ok2 := number(b[8:10])
	hour, ok3 := number(b[11:13])
	minute, ok4 := number(b[14:16])
	second, ok5 := number(b[17:19])
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5) || month < 1 || month > 12 || day < 1 || day > 31 ||
		hour > 24 || minute > 59 || second > 60 {
		return time.Time{}
	}
	nanos, rest := parseFraction(b[19:])
	offset, ok := parseZone(rest)
	if !ok {
		return time.Time{}
	}
	return time.Date(year, time.Month(month), day, hour, minute, second-offset, nanos, time.UTC)
}

// number reads digits and nothing else.
func number(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, len(b) > 0
}

// parseFraction reads a fraction of a second, in nanoseconds.
func parseFraction(b []byte) (nanos int, rest []byte) {
	if len(b) == 0 || (b[0] != '.' && b[0] != ',') {
		return 0, b
	}
	b = b[1:]
	for scale := 100_000_000; len(b) > 0 && b[0] >= '0' && b[0] <= '9'; scale /= 10 {
		nanos += scale * int(b[0]-'0')
		b = b[1:]
	}
	return nanos, b
}

// parseZone reads a time zone, in seconds east of Greenwich.
func parseZone(b []byte) (offset int, ok bool) {
	if len(b) == 0 || len(b) == 1 && (b[0] == 'Z' || b[0] == 'z') {
		return 0, true
	}
	if len(b) == 6 && b[3] == ':' {
		b = []byte{b[0], b[1], b[2], b[4], b[5]}
	}
	if len(b) != 5 || (b[0] != '+' && b[0] != '-') {
		return 0, false
	}
	hours, ok1 := number(b[1:3])
	minutes, ok2 := number(b[3:5])
	offset = 3600*hours + 60*minutes
	if b[0] == '-' {
		offset = -offset
	}
	return offset, ok1 && ok2 && hours <= 14 && minutes <= 59
}
