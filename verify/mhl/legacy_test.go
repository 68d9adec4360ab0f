package mhl

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
)

// legacy is an MHL 1.1 with these children of its root.
func legacy(children string) string {
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hashlist version=\"1.1\">\n" + children + "\n</hashlist>\n"
}

// legacyFile is an entry with these children beside its path and size.
func legacyFile(path, children string) string {
	return fmt.Sprintf("<hash><file>%s</file><size>5</size>%s</hash>", path, children)
}

func mustParse(t *testing.T, doc string) *Manifest {
	t.Helper()
	m, err := Parse(strings.NewReader(doc))
	if err != nil {
		t.Fatalf("got %v, want a manifest of\n%.300s", err, doc)
	}
	return m
}

// wantCode fails unless err is an *Error of the code.
func wantCode(t *testing.T, err error, code finding.Code) {
	t.Helper()
	var known *Error
	if !errors.As(err, &known) || known.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// hashes spells the hashes of an entry: algorithm, digest, action, ~ where swapped.
func hashes(e Entry) string {
	var all []string
	for _, h := range e.Hashes {
		s := h.String() + " " + string(h.Action)
		if h.Swapped {
			s += " ~"
		}
		all = append(all, s)
	}
	if e.Null {
		all = append(all, "null")
	}
	for _, name := range e.Unknown {
		all = append(all, "unknown "+name)
	}
	return strings.Join(all, ", ")
}

func TestLegacyHashElements(t *testing.T) {
	tests := []struct{ name, element, want string }{
		{"md5", "<md5>9a83a5d3846361c721515b94189e70a0</md5>", "md5:9a83a5d3846361c721515b94189e70a0 original"},
		{"sha1", "<sha1>1b210443622c8a3db64c1a1180a59ed6a001f2ce</sha1>", "sha1:1b210443622c8a3db64c1a1180a59ed6a001f2ce original"},
		{"xxhash with padding", "<xxhash>0046947589</xxhash>", "xxh32:02cc5d05 original"},
		{"xxhash without padding", "<xxhash>46947589</xxhash>", "xxh32:02cc5d05 original"},
		{"xxhash zero", "<xxhash>0</xxhash>", "xxh32:00000000 original"},
		{"xxhash largest", "<xxhash>4294967295</xxhash>", "xxh32:ffffffff original"},
		{"xxhash too large", "<xxhash>4294967296</xxhash>", "unknown xxhash"},
		{"xxhash in hex", "<xxhash>02cc5d05</xxhash>", "unknown xxhash"},
		{"xxhash of 11 digits", "<xxhash>00046947589</xxhash>", "unknown xxhash"},
		{"xxhash signed", "<xxhash>+46947589</xxhash>", "unknown xxhash"},
		{"xxhash64", "<xxhash64>99e9d85137db46ef</xxhash64>", "xxh64:ef46db3751d8e999 original ~"},
		{"xxhash64be", "<xxhash64be>ef46db3751d8e999</xxhash64be>", "xxh64:ef46db3751d8e999 original ~"},
		{"null", "<null></null>", "null"},
		{"null, self-closing", "<null/>", "null"},
		{"upper case", "<xxhash64be>EF46DB3751D8E999</xxhash64be>", "xxh64:ef46db3751d8e999 original ~"},
		{"white space around", "<xxhash64>\r\n\t 99e9d85137db46ef \n</xxhash64>", "xxh64:ef46db3751d8e999 original ~"},
		{"white space within", "<xxhash64>99e9d851 37db46ef</xxhash64>", "unknown xxhash64"},
		{"too short", "<md5>9a83a5d3846361c721515b94189e70a</md5>", "unknown md5"},
		{"no hex", "<md5>9a83a5d3846361c721515b94189e70ag</md5>", "unknown md5"},
		{"empty", "<md5/>", "unknown md5"},
		{"comment and CDATA in the text", "<xxhash64be>ef46<!-- x -->db37<![CDATA[51d8]]>e999</xxhash64be>", "xxh64:ef46db3751d8e999 original ~"},
		{"several, also of a kind", "<md5>9a83a5d3846361c721515b94189e70a0</md5><null/><xxhash>1</xxhash><xxhash>2</xxhash>",
			"md5:9a83a5d3846361c721515b94189e70a0 original, xxh32:00000001 original, xxh32:00000002 original, null"},
		{"not known", "<sha512>0123456789abcdef</sha512>", "unknown sha512"},
		{"not known beside known", "<sha256>0123456789abcdef</sha256><xxhash>1</xxhash>", "xxh32:00000001 original, unknown sha256"},
		{"foreign, no hash", "<note>see the report</note><a:md5 xmlns:a='u'>9a83a5d3846361c721515b94189e70a0</a:md5>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mustParse(t, legacy(legacyFile("a", tt.element)))
			if got := hashes(m.Entries[0]); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The digests of the tables that all implementations share.
func TestR61DigestText(t *testing.T) {
	asc := func(name, text string) Entry {
		return mustParse(t, ascList("<hash><path>a</path><"+name+" action=\"original\">"+text+"</"+name+"></hash>")).Entries[0]
	}
	t.Run("R61 one digest in both families", func(t *testing.T) {
		for _, v := range []struct{ xxhash64, xxhash64be string }{
			{"99e9d85137db46ef", "ef46db3751d8e999"}, {"990977adf52cbc44", "44bc2cf5ad770999"}, {"57dfe48ff114396f", "6f3914f18fe4df57"},
		} {
			m := mustParse(t, legacy(legacyFile("a", "<xxhash64>"+v.xxhash64+"</xxhash64><xxhash64be>"+v.xxhash64be+"</xxhash64be>")))
			want := checksum.Sum{Algorithm: checksum.XXH64, Digest: v.xxhash64be}
			for _, h := range append(m.Entries[0].Hashes, asc("xxh64", v.xxhash64be).Hashes...) {
				if h.Sum != want {
					t.Errorf("got %s, want %s", h.Sum, want)
				}
			}
		}
	})
	t.Run("R61 decimal", func(t *testing.T) {
		for text, want := range map[string]string{"0852579327": "32d153ff", "1483033946": "58654d5a", "2966415755": "b0cfe98b"} {
			m := mustParse(t, legacy(legacyFile("a", "<xxhash>"+text+"</xxhash>")))
			if got := m.Entries[0].Hashes[0].Digest; got != want {
				t.Errorf("%s: got %s, want %s", text, got, want)
			}
		}
	})
	t.Run("R61 every element of ASC MHL", func(t *testing.T) {
		for name, text := range map[string]string{
			"md5": "900150983cd24fb0d6963f7d28e17f72", "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d", "xxh64": "44bc2cf5ad770999",
			"xxh3": "78af5f94892f3950", "xxh128": "06b05ab6733a618578af5f94892f3950",
			"c4": "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp",
		} {
			if got, want := hashes(asc(name, text)), name+":"+text+" original"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
	t.Run("R61 C4 is case-sensitive, hex is not", func(t *testing.T) {
		c4 := "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"
		if got := hashes(asc("xxh3", "2D06800538D394C2")); got != "xxh3:2d06800538d394c2 original" {
			t.Errorf("got %q", got)
		}
		for _, text := range []string{strings.ToUpper(c4), c4[:89], c4 + "1", "c4" + strings.Repeat("z", 88)} {
			if got := hashes(asc("c4", text)); got != "unknown c4" {
				t.Errorf("%s: got %q, want unknown", text, got)
			}
		}
		if lower := strings.ToLower(c4); hashes(asc("c4", lower)) == hashes(asc("c4", c4)) {
			t.Error("got the same digest in another letter case")
		}
		for _, text := range []string{c4, "c4" + strings.Repeat("1", 88), c4Max} {
			if got := hashes(asc("c4", text)); got != "c4:"+text+" original" {
				t.Errorf("%s: got %q", text, got)
			}
		}
	})
}

func TestLegacyEntries(t *testing.T) {
	t.Run("everything of an entry, in any order", func(t *testing.T) {
		m := mustParse(t, legacy(`<hash referencehhashlist="no"><hashdate>2016-04-18T14:47:48Z</hashdate><md5 bit="128" encoding="hex">9a83a5d3846361c721515b94189e70a0</md5>
			<lastmodificationdate>2016-04-18T16:45:35.25+02:00</lastmodificationdate><size> 305 </size><creationdate>x</creationdate><file>dir/a b.mov</file></hash>`))
		want := []Entry{{
			Path: "dir/a b.mov", Size: 305,
			Hashes: []Hash{{Sum: checksum.Sum{Algorithm: checksum.MD5, Digest: "9a83a5d3846361c721515b94189e70a0"}, Action: Original}},
		}}
		if d := cmp.Diff(want, m.Entries); d != "" {
			t.Error(d)
		}
	})
	t.Run("sizes", func(t *testing.T) {
		for text, want := range map[string]int64{
			"<size>0</size>": 0, "<size>007</size>": 7, "<size>+7</size>": 7, "<size>9223372036854775807</size>": 1<<63 - 1,
			"": -1, "<size/>": -1, "<size>-5</size>": -1, "<size>5 GB</size>": -1, "<size>1,000</size>": -1, "<size>5.0</size>": -1,
			"<size>9223372036854775808</size>": -1, "<size>0x10</size>": -1, "<size>1_000</size>": -1,
		} {
			m := mustParse(t, legacy("<hash><file>a</file>"+text+"<md5/></hash>"))
			if got := m.Entries[0].Size; got != want {
				t.Errorf("%s: got %d, want %d", text, got, want)
			}
		}
	})
	t.Run("paths are kept as listed", func(t *testing.T) {
		for text, want := range map[string]string{
			" a ": " a ", "a&amp;b&#x2F;c": "a&b/c", `d\e`: `d\e`, "/abs": "/abs", "../up": "../up", "<![CDATA[<a>]]>": "<a>",
			"a<!-- b -->c": "ac", "e\u0301": "e\u0301", "\u00e9": "\u00e9", "a\r\nb": "a\nb", "&#10;": "\n",
		} {
			m := mustParse(t, legacy(legacyFile(text, "<null/>")))
			if got := m.Entries[0].Path; got != want {
				t.Errorf("%q: got %q, want %q", text, got, want)
			}
		}
	})
	t.Run("malformed", func(t *testing.T) {
		for _, entry := range []string{
			"<hash><size>5</size><null/></hash>", "<hash/>", legacyFile("", "<null/>"), legacyFile("a", "<file>b</file>"), legacyFile("a", "<size>6</size>"),
		} {
			_, err := Parse(strings.NewReader(legacy(legacyFile("ok", "<null/>") + entry)))
			wantCode(t, err, finding.ManifestMalformed)
		}
	})
}

func TestDates(t *testing.T) {
	utc := func(h, m, s, ns int) time.Time { return time.Date(2012, 12, 1, h, m, s, ns, time.UTC) }
	tests := []struct {
		in   string
		want time.Time
	}{
		{"2012-12-01T18:34:54Z", utc(18, 34, 54, 0)}, {"2012-12-01T18:34:54", utc(18, 34, 54, 0)}, {"2012-12-01 18-34-54", utc(18, 34, 54, 0)},
		{"2012-12-01T18:34:54+00:00", utc(18, 34, 54, 0)}, {"2012-12-01T18:34:54.169057-07:00", utc(25, 34, 54, 169_057_000)},
		{"2012-12-01T18:34:54.1234567899Z", utc(18, 34, 54, 123_456_789)}, {"2012-12-01T18:34:54+0530", utc(13, 4, 54, 0)},
		{"", time.Time{}}, {"yesterday", time.Time{}}, {"2012-12-01", time.Time{}}, {"2012-13-01T18:34:54Z", time.Time{}}, {"2012-12-01T18:34:54 CET", time.Time{}},
		{"2012-12-01T18:34:54+99:00", time.Time{}}, {"12/01/2012 18:34:54 PM", time.Time{}},
	}
	for _, tt := range tests {
		if got := parseDate([]byte(tt.in)); !got.Equal(tt.want) {
			t.Errorf("%q: got %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestLegacyHead(t *testing.T) {
	entry := legacyFile("a", "<null/>")
	t.Run("R64 versions", func(t *testing.T) {
		for _, root := range []string{
			`version="1.1"`, `version="1.0"`, `version="0.9"`, `version=" 1.1 "`, `version="1"`, ``, `version='1.1' xmlns=''`,
		} {
			m := mustParse(t, "<hashlist "+root+">"+entry+"</hashlist>")
			if m.Format != Legacy || len(m.Entries) != 1 {
				t.Errorf("%s: got %+v, want a legacy manifest", root, m)
			}
		}
	})
	t.Run("unknown versions", func(t *testing.T) {
		for _, root := range []string{`version="1.2"`, `version="2.0"`, `version="1.10"`, `version="3"`, `version="x"`, `xmlns="urn:other"`, `version="0.x"`} {
			_, err := Parse(strings.NewReader("<hashlist " + root + ">" + entry + "</hashlist>"))
			wantCode(t, err, finding.ManifestVersion)
		}
	})
	t.Run("when it was created", func(t *testing.T) {
		for info, want := range map[string]int{
			"<creationdate>2023-05-10T01:00:00Z</creationdate><creatorinfo><startdate>2023-05-10T02:00:00Z</startdate></creatorinfo>":               1,
			"<creatorinfo><startdate>2023-05-10T02:00:00Z</startdate><finishdate>2023-05-10T03:00:00Z</finishdate></creatorinfo>":                   3,
			"<creatorinfo><startdate>2023-05-10T02:00:00Z</startdate><finishdate>soon</finishdate></creatorinfo><creationdate>today</creationdate>": 2,
		} {
			m := mustParse(t, legacy(info+entry))
			if got := m.Created.Hour(); got != want {
				t.Errorf("%s: got %v, want hour %d", info, m.Created, want)
			}
		}
	})
	t.Run("tool", func(t *testing.T) {
		m := mustParse(t, legacy("<creatorinfo><tool> mhl ver. 0.2.0\n</tool></creatorinfo>"+entry))
		if m.Tool != "mhl ver. 0.2.0" {
			t.Errorf("got %q", m.Tool)
		}
	})
}

func TestLegacySamples(t *testing.T) {
	want := map[string][]string{
		"mhl_verify_generic": {"file0.txt 555 xxh64:f61411669ed938e3 original ~", "file1.txt 305 md5:9a83a5d3846361c721515b94189e70a0 original",
			"file2.txt 218 sha1:1b210443622c8a3db64c1a1180a59ed6a001f2ce original"},
		"mhl_verify_multiple": {"file0.txt 555 sha1:64b18391ceb254455bc3dfe1200cbfa134fa1a3f original, md5:91cae4eeb20d47ca70abbbf058a74e80 original",
			"file1.txt 305 md5:91cae4eeb20d47ca70abbbf058a74e80 original, xxh64:5f22194572ae31c5 original ~",
			"file2.txt 218 sha1:1b210443622c8a3db64c1a1180a59ed6a001f2ce original, md5:91cae4eeb20d47ca70abbbf058a74e80 original, xxh64:5a04ee7b661ee56d original ~"},
		"mhl_verify_null":       {"file0.txt 555 null", "file1.txt 305 null", "file2.txt 218 null"},
		"mhl_verify_xxhash":     {"file0.txt 555 xxh32:bf0797fc original", "file1.txt 305 xxh32:86501830 original", "file2.txt 218 xxh32:6e12214c original"},
		"mhl_verify_xxhash64":   {"file0.txt 555 xxh64:f61411669ed938e3 original ~", "file1.txt 305 xxh64:5f22194572ae31c5 original ~", "file2.txt 218 xxh64:5a04ee7b661ee56d original ~"},
		"mhl_verify_xxhash64be": {"file0.txt 555 xxh64:f61411669ed938e3 original ~", "file1.txt 305 xxh64:5f22194572ae31c5 original ~", "file2.txt 218 xxh64:5a04ee7b661ee56d original ~"},
	}
	found := 0
	for name, b := range samples(t) {
		lines, ok := want[filepath.Base(filepath.Dir(name))]
		if !ok {
			continue
		}
		found++
		m, err := Parse(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, e := range m.Entries {
			got = append(got, fmt.Sprintf("%s %d %s", e.Path, e.Size, hashes(e)))
		}
		if d := cmp.Diff(lines, got); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
		if m.Tool != "mhl ver. 0.2.32" || m.Format != Legacy || m.Created.Year() != 2016 {
			t.Errorf("%s: got %q %q %v", name, m.Tool, m.Format, m.Created)
		}
	}
	if found == 0 {
		t.Skip("no samples at hand")
	}
}
