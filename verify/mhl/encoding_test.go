package mhl

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/htmlindex"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
)

func c4Of(s string) string { return checksum.Of([]byte(s), checksum.C4).Digest }

func utf16Text(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = binary.BigEndian.AppendUint16(b, u)
		} else {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
	}
	return string(b)
}

func utf32Text(s string, big bool) string {
	var b []byte
	for _, r := range s {
		if big {
			b = binary.BigEndian.AppendUint32(b, uint32(r))
		} else {
			b = binary.LittleEndian.AppendUint32(b, uint32(r))
		}
	}
	return string(b)
}

// declared is a manifest of one file with an XML declaration of this encoding.
func declared(encoding, path string) string {
	return strings.Replace(legacy(legacyFile(path, "<xxhash64be>ef46db3751d8e999</xxhash64be>")), "UTF-8", encoding, 1)
}

func TestUnicodeEncodings(t *testing.T) {
	const path = "Größe/日本/\U0001F3A5.mov"
	encode := map[string]func(string) string{
		"UTF-8":    func(s string) string { return s },
		"UTF-16LE": func(s string) string { return utf16Text(s, false) },
		"UTF-16BE": func(s string) string { return utf16Text(s, true) },
		"UTF-32LE": func(s string) string { return utf32Text(s, false) },
		"UTF-32BE": func(s string) string { return utf32Text(s, true) },
	}
	for name, to := range encode {
		for _, label := range []string{"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UCS-4", "windows-1252"} {
			for _, mark := range []string{"", "\uFEFF"} {
				for _, end := range []string{"\n", "\r\n", "\r"} {
					if name == "UTF-8" && mark == "" && label == "windows-1252" {
						continue // then it is windows-1252
					}
					doc := to(mark + strings.ReplaceAll(declared(label, path), "\n", end))
					m, err := Parse(strings.NewReader(doc))
					if err != nil || m.Entries[0].Path != path || len(m.Entries[0].Hashes) != 1 {
						t.Errorf("%s declared as %s, mark %q, line end %q: got %+v, %v", name, label, mark, end, m, err)
					}
					if again, err := Parse(iotest.OneByteReader(strings.NewReader(doc))); err != nil || again.Digest != c4Of(doc) {
						t.Errorf("%s declared as %s byte by byte: got %v", name, label, err)
					}
				}
			}
		}
	}
}

func TestNoDeclaration(t *testing.T) {
	doc := "<hashlist version='1.0'>" + legacyFile("é", "<null/>") + "</hashlist>"
	for _, text := range []string{doc, "\uFEFF" + doc, utf16Text(doc, true), utf16Text(doc, false), utf32Text("\uFEFF"+doc, false), utf32Text(doc, true), "\r\n " + doc} {
		if m := mustParse(t, text); m.Entries[0].Path != "é" {
			t.Errorf("got %q", m.Entries[0].Path)
		}
	}
}

func TestNamedEncodings(t *testing.T) {
	paths := map[string]string{
		"EUC-JP": "日本語/クリップ.mov", "euc-kr": "한국어.mov", "Shift_JIS": "日本語.mov", "ISO-2022-JP": "日本語.mov", "GB2312": "中文.mov", "gb18030": "中文.mov", "Big5": "中文.mov",
		"ISO-8859-1": "Größe.mov", "iso-8859-2": "Łódź.mov", "ISO-8859-5": "Москва.mov", "iso-8859-6": "عربي.mov", "ISO-8859-7": "Ελλάδα.mov", "ISO-8859-15": "café €.mov",
		"windows-1250": "Łódź.mov", "windows-1251": "Москва.mov", "windows-1252": "Größe – €.mov", "windows-1253": "Ελλάδα.mov", "windows-1254": "Iğdır.mov",
		"windows-1255": "עברית.mov", "windows-1256": "عربي.mov", "windows-1257": "Rīga.mov", "KOI8-R": "Москва.mov", "macintosh": "Größe.mov", "US-ASCII": "plain.mov",
	}
	for label, path := range paths {
		t.Run(label, func(t *testing.T) {
			enc, err := htmlindex.Get(label)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := enc.NewEncoder().String(declared(label, path))
			if err != nil {
				t.Fatal(err)
			}
			if m := mustParse(t, doc); m.Entries[0].Path != path {
				t.Errorf("got %q, want %q", m.Entries[0].Path, path)
			}
		})
	}
}

func TestEncodingsRefused(t *testing.T) {
	pair := utf16Text("<a>", true) + "\xd8\x00\x00x" + utf16Text("</a>", true)
	for name, doc := range map[string]string{
		"not known":                declared("EBCDIC-CP-US", "a"),
		"not read":                 declared("hz-gb-2312", "a"),
		"invalid UTF-8":            declared("UTF-8", "Gr\xf6\xdfe"),
		"invalid EUC-JP":           declared("EUC-JP", "\xa4"),
		"undefined in ISO-8859-6":  declared("ISO-8859-6", "\xa1"),
		"half a surrogate pair":    pair,
		"half a UTF-16 character":  utf16Text(declared("UTF-16", "a"), true)[:201],
		"beyond Unicode in UTF-32": utf32Text("<a>", true) + "\x00\x11\x00\x00",
		"surrogate in UTF-32":      utf32Text("<a>", false) + "\x00\xd8\x00\x00",
		"odd end":                  utf16Text(declared("UTF-16", "a"), false) + "\n",
		"NUL":                      "\x00",
		"binary":                   "\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(doc))
			wantCode(t, err, finding.ManifestMalformed)
		})
	}
}

func TestReadErrorsAreNoVerdict(t *testing.T) {
	bad := errors.New("bad sector")
	whole := declared("UTF-8", "a")
	for _, doc := range []string{whole, utf16Text(whole, true), declared("EUC-JP", "a"), ""} {
		for _, n := range []int{0, 2, 100, len(doc)} {
			r := &brokenReader{strings.NewReader(doc[:min(n, len(doc))]), bad}
			_, err := Parse(r)
			var known *Error
			if !errors.Is(err, bad) || errors.As(err, &known) {
				t.Errorf("after %d bytes: got %v, want the reader's error", n, err)
			}
		}
	}
}

// brokenReader fails where its input ends.
type brokenReader struct {
	r   *strings.Reader
	err error
}

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.r.Len() == 0 {
		return 0, b.err
	}
	return b.r.Read(p)
}
