package fs

import (
	"bytes"
	"encoding/hex"
	"testing"

	"footagefs/catalog"
	"footagefs/verify"
)

// The list of one red tag, byte for byte as Finder writes it: "Red", a line feed, its colour.
func TestTagListAsFinderWritesIt(t *testing.T) {
	want := "62706c6973743030" + // bplist00
		"a101" + // an array of one object, the object 1
		"555265640a36" + // a string of 5: Red\n6
		"080a" + // the objects begin at 8 and 10
		"000000000000" + "01" + "01" + // offsets and references of a byte
		"0000000000000002" + "0000000000000000" + "0000000000000010"
	if got := hex.EncodeToString(appendTagList(nil, "Red\n6")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A string of 15 characters or more has its length behind it.
func TestTagListWithLongName(t *testing.T) {
	got := appendTagList([]byte("before"), "invalid-manifest\n0")
	want := append([]byte("beforebplist00\xa1\x01\x5f\x10\x12invalid-manifest\n0\x08\x0a"),
		0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1f)
	if !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFinder(t *testing.T) {
	for _, c := range []struct {
		s     subject
		tag   string
		flags byte // 0: no attribute
	}{
		{subject{kind: aFile, file: catalog.File{Status: verify.Verified}}, "verified\n2", 0x04},
		{subject{kind: aFile, file: catalog.File{Status: verify.Mismatch}}, "mismatch\n6", 0x0c},
		{subject{kind: aFile, file: catalog.File{Status: verify.Missing}}, "missing\n6", 0x0c},
		{subject{kind: aFile, file: catalog.File{Status: verify.Rejected}}, "rejected\n6", 0x0c},
		{subject{kind: aFile, file: catalog.File{Status: verify.Pending}}, "pending\n1", 0x02},
		{subject{kind: aFile, file: catalog.File{Status: verify.Unverifiable}}, "unverifiable\n7", 0x0e},
		{subject{kind: aFile, file: catalog.File{Status: verify.Ignored}}, "ignored\n0", 0},
		{subject{kind: aRoll, roll: catalog.Roll{Status: catalog.RollFailed}}, "failed\n6", 0x0c},
		{subject{kind: aRoll, roll: catalog.Roll{Status: catalog.RollWarning}}, "warning\n7", 0x0e},
		{subject{kind: aFolder}, "", 0},
	} {
		var want []byte
		if c.tag != "" {
			want = appendTagList(nil, c.tag)
		}
		tags, color := finderAttributes[0], finderAttributes[1]
		if got := tags.of(nil, &c.s); !bytes.Equal(got, want) {
			t.Errorf("tags of %s: got %q, want %q", c.s.status(), got, want)
		}
		info := color.of(nil, &c.s)
		switch {
		case c.flags == 0:
			if len(info) != 0 {
				t.Errorf("FinderInfo of %s: got %x, want none", c.s.status(), info)
			}
		case len(info) != 32 || info[9] != c.flags || bytes.Count(info, []byte{0}) != 31:
			t.Errorf("FinderInfo of %s: got %x, want 32 bytes with %02x at 9", c.s.status(), info, c.flags)
		}
	}
}
