package mhl

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
)

const ascHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\">\n" +
	"<creatorinfo><creationdate>2020-01-16T09:15:00+00:00</creationdate><hostname>h</hostname><tool version=\"0.3\">ascmhl</tool></creatorinfo>\n" +
	"<processinfo><process>in-place</process></processinfo>\n"

// ascList is an ASC MHL with these entries.
func ascList(entries string) string {
	return ascHead + "<hashes>" + entries + "</hashes>\n</hashlist>\n"
}

// ascFile is a file's entry with one hash.
func ascFile(path, digest string) string {
	return "<hash><path size=\"5\">" + path + "</path><xxh64 action=\"original\">" + digest + "</xxh64></hash>"
}

func TestASCReading(t *testing.T) {
	file := ascFile("a", "0ea03b369a463d9d")
	t.Run("R3 paths keep case and white space", func(t *testing.T) {
		m := mustParse(t, ascList(ascFile(" Clips/A  b.MOV ", "0ea03b369a463d9d")+ascFile("../x", "0ea03b369a463d9d")))
		if m.Entries[0].Path != " Clips/A  b.MOV " || m.Entries[1].Path != "../x" {
			t.Errorf("got %q and %q", m.Entries[0].Path, m.Entries[1].Path)
		}
	})
	t.Run("R4 any namespace prefix", func(t *testing.T) {
		doc := `<m:hashlist xmlns:m="urn:ASC:MHL:v2.0" version="2.0"><m:hashes><m:hash><m:path size="5">a</m:path><m:xxh64 action="verified">0ea03b369a463d9d</m:xxh64></m:hash></m:hashes></m:hashlist>`
		m := mustParse(t, doc)
		if got := hashes(m.Entries[0]); m.Format != ASC || got != "xxh64:0ea03b369a463d9d verified" || m.Entries[0].Size != 5 {
			t.Errorf("got %s %q", m.Format, got)
		}
		changing := strings.NewReplacer("<m:hashes>", `<n:hashes xmlns:n="urn:ASC:MHL:v2.0">`, "</m:hashes>", "</n:hashes>").Replace(doc)
		if d := cmp.Diff(m.Entries, mustParse(t, changing).Entries); d != "" {
			t.Error(d)
		}
	})
	t.Run("R5 not only UTF-8, as the reader's policy has it", func(t *testing.T) {
		want := mustParse(t, ascList(ascFile("é", "0ea03b369a463d9d")))
		got := mustParse(t, utf16Text(strings.Replace(ascList(ascFile("é", "0ea03b369a463d9d")), "UTF-8", "UTF-16", 1), true))
		if d := cmp.Diff(want.Entries, got.Entries); d != "" {
			t.Error(d)
		}
	})
	t.Run("R6 only version 2.0", func(t *testing.T) {
		for _, root := range []string{
			`version="2.1" xmlns="urn:ASC:MHL:v2.0"`, `version="3.0" xmlns="urn:ASC:MHL:v2.0"`, `version="1.1" xmlns="urn:ASC:MHL:v2.0"`,
			`version="2.0"`, `version="2.0" xmlns="urn:ASC:MHL:v2.1"`, `version="1.0" xmlns="urn:ASC:MHL:v1.0"`, `version="2.0" xmlns="urn:asc:mhl:v2.0"`,
		} {
			_, err := Parse(strings.NewReader("<hashlist " + root + "><hashes>" + file + "</hashes></hashlist>"))
			wantCode(t, err, finding.ManifestVersion)
		}
	})
	t.Run("R65 a 1.x list is not read as 2.0, nor the other way", func(t *testing.T) {
		_, err := Parse(strings.NewReader(legacy("<hashes>" + file + "</hashes>")))
		wantCode(t, err, finding.ManifestEmpty)
		_, err = Parse(strings.NewReader(ascHead + legacyFile("a", "<null/>") + "</hashlist>"))
		wantCode(t, err, finding.ManifestEmpty)
	})
	t.Run("R9 previousPath", func(t *testing.T) {
		m := mustParse(t, ascList(`<hash><path>new</path><md5 action="verified">900150983cd24fb0d6963f7d28e17f72</md5><previousPath>old name</previousPath></hash>
			<directoryhash><path>New</path><previousPath>Old</previousPath></directoryhash>`))
		if m.Entries[0].Previous != "old name" || m.Entries[1].Previous != "Old" {
			t.Errorf("got %+v", m.Entries)
		}
		_, err := Parse(strings.NewReader(ascList(`<hash><path>a</path><previousPath>b</previousPath><previousPath>c</previousPath></hash>`)))
		wantCode(t, err, finding.ManifestMalformed)
	})
	t.Run("R17 the same path twice is kept twice", func(t *testing.T) {
		if m := mustParse(t, ascList(file+file)); len(m.Entries) != 2 {
			t.Errorf("got %d entries, want 2", len(m.Entries))
		}
		_, err := Parse(strings.NewReader(ascList(`<hash><path>a</path><path>b</path></hash>`)))
		wantCode(t, err, finding.ManifestMalformed)
	})
	t.Run("R18 an entry without a hash has none", func(t *testing.T) {
		m := mustParse(t, ascList(`<hash><path>a</path></hash>`))
		if got := hashes(m.Entries[0]); got != "" || m.Entries[0].Null {
			t.Errorf("got %q", got)
		}
	})
	t.Run("R19 content and structure", func(t *testing.T) {
		m := mustParse(t, ascList(`<directoryhash><path>Clips</path><content><xxh64>4c226b42e27d7af3</xxh64><md5 hashdate="x">202A2D71B56B080D9B089C1F4F29A4BA</md5></content>
			<structure><xxh64>906faa843d591a9f</xxh64></structure></directoryhash>`))
		want := []Entry{{Path: "Clips", Folder: true, Size: -1,
			Content:   []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "4c226b42e27d7af3"}, {Algorithm: checksum.MD5, Digest: "202a2d71b56b080d9b089c1f4f29a4ba"}},
			Structure: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "906faa843d591a9f"}}}}
		if d := cmp.Diff(want, m.Entries); d != "" {
			t.Error(d)
		}
	})
	t.Run("R20 size and dates are optional, dates are not read", func(t *testing.T) {
		m := mustParse(t, ascList(`<hash><path>a</path><xxh64 action="original">0ea03b369a463d9d</xxh64></hash>`))
		if e := m.Entries[0]; e.Size != -1 {
			t.Errorf("got %+v", e)
		}
		m = mustParse(t, ascList(`<hash><path size="0" creationdate="2020-01-01T00:00:00Z" lastmodificationdate="2020-01-15T13:00:00+01:00">a</path></hash>`))
		if e := m.Entries[0]; e.Size != 0 {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("R23 R24 actions", func(t *testing.T) {
		for action, want := range map[string]string{
			` action="original"`: "xxh64:0ea03b369a463d9d original", ` action="verified"`: "xxh64:0ea03b369a463d9d verified",
			` action=" failed "`: "xxh64:0ea03b369a463d9d failed", ``: "xxh64:0ea03b369a463d9d original",
			` action="new"`: "unknown xxh64", ` action="FAILED"`: "unknown xxh64",
		} {
			m := mustParse(t, ascList("<hash><path>a</path><xxh64"+action+">0ea03b369a463d9d</xxh64></hash>"))
			if got := hashes(m.Entries[0]); got != want {
				t.Errorf("%s: got %q, want %q", action, got, want)
			}
		}
	})
	t.Run("R34 labels stay what each generation says", func(t *testing.T) {
		m := mustParse(t, ascList(`<hash><path>a</path><md5 action="verified">900150983cd24fb0d6963f7d28e17f72</md5><xxh64 action="failed">0ea03b369a463d9d</xxh64></hash>`))
		if got := hashes(m.Entries[0]); got != "md5:900150983cd24fb0d6963f7d28e17f72 verified, xxh64:0ea03b369a463d9d failed" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("R40 ignore patterns are kept as written", func(t *testing.T) {
		doc := strings.Replace(ascList(file), "</process>", "</process><ignore><pattern>.DS_Store</pattern><pattern>!a\\ </pattern><pattern>\n  /b/\n</pattern><pattern/></ignore>", 1)
		if d := cmp.Diff([]string{".DS_Store", `!a\ `, "/b/"}, mustParse(t, doc).Ignore); d != "" {
			t.Error(d)
		}
	})
	t.Run("R48 references", func(t *testing.T) {
		refs := "<references><hashlistreference><path>A/ascmhl/0001.mhl</path><c4>87210d6e0589c31c</c4></hashlistreference><hashlistreference><path>B</path></hashlistreference></references></hashlist>"
		m := mustParse(t, ascHead+refs)
		if d := cmp.Diff([]Reference{{"A/ascmhl/0001.mhl", "87210d6e0589c31c"}, {"B", ""}}, m.References); d != "" || len(m.Entries) != 0 {
			t.Error(d)
		}
		_, err := Parse(strings.NewReader(ascHead + "<references><hashlistreference><c4>x</c4></hashlistreference></references></hashlist>"))
		wantCode(t, err, finding.ManifestMalformed)
	})
	t.Run("R62 the root's directory hash", func(t *testing.T) {
		doc := strings.Replace(ascList(file), "</process>", "</process><roothash><content><xxh64>8d02114c32e28cbe</xxh64></content><structure><xxh64>f557f8ca8e5a88ef</xxh64></structure></roothash>", 1)
		m := mustParse(t, doc)
		if len(m.Content) != 1 || m.Content[0].Digest != "8d02114c32e28cbe" || len(m.Structure) != 1 || m.Structure[0].Digest != "f557f8ca8e5a88ef" {
			t.Errorf("got %v and %v", m.Content, m.Structure)
		}
	})
}

func TestASCHead(t *testing.T) {
	m := mustParse(t, ascList(ascFile("a", "0ea03b369a463d9d")))
	if m.Format != ASC || m.Tool != "ascmhl 0.3" || m.Created.Hour() != 9 {
		t.Errorf("got %+v", m)
	}
	if m.Digest != c4Of(ascList(ascFile("a", "0ea03b369a463d9d"))) {
		t.Errorf("got digest %s", m.Digest)
	}
}

func TestASCSamples(t *testing.T) {
	found := 0
	for name, b := range samples(t) {
		switch {
		case strings.HasSuffix(name, "silverstack-lab-9-asc.mhl"):
			m := mustParse(t, string(b))
			e := m.Entries[0]
			if len(m.Entries) != 4 || len(m.Ignore) != 16 || e.Path != "SONY/SONYCARD.IND" || e.Size != -1 ||
				hashes(e) != "xxh64:ef46db3751d8e999 original" {
				t.Errorf("got %+v", m)
			}
		case strings.HasSuffix(name, "scenario_03/file_server/A002R2EC/ascmhl/0002_A002R2EC_2020-01-17_143000Z.mhl"):
			m := mustParse(t, string(b))
			if got := hashes(m.Entries[0]); got != "md5:f5ac8127b3b6b85cdc13f237c6005d80 verified, xxh64:0ea03b369a463d9d verified" {
				t.Errorf("got %q", got)
			}
			if m.Digest != "c422u4PnnuStBK5Q9Wv4uFHagkFaK9AfZNcM4nbXuCKWTUikSWWfeeszSUnM2omfCoKnsZHJZNptSBZsumZMJy6Woy" {
				t.Errorf("got digest %s", m.Digest)
			}
		case strings.HasSuffix(name, "0001_TEST01_2019-10-11_155603.mhl"):
			m, err := Parse(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if got := hashes(m.Entries[2]); len(m.Entries) != 4 || got != "xxh64:3ab5a4166b9bde44 failed" || len(m.References) != 2 ||
				m.Entries[3].Path != "Clips/" || !m.Entries[3].Folder || m.Content[0].Algorithm != checksum.C4 {
				t.Errorf("got %+v", m)
			}
		default:
			continue
		}
		found++
	}
	if found == 0 {
		t.Skip("no samples at hand")
	}
}
