package mhl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/finding"
)

// listing spells a manifest's entries, one a line.
func listing(m *Manifest) string {
	var b strings.Builder
	for _, e := range m.Entries {
		kind := ""
		if e.Folder {
			kind = " folder"
		}
		fmt.Fprintf(&b, "%s %d%s %s\n", e.Path, e.Size, kind, hashes(e))
	}
	return b.String()
}

// Deviations of MHL 1.x that tools in the field are known for, each in the tool's shape.
func TestLegacyDeviations(t *testing.T) {
	const xxh = "xxh64:2fd357f0b8e76658 original ~"
	tests := []struct{ name, doc, want string }{
		{"D1 a foreign element before creatorinfo", legacy(`<hedge><rootPath>/Volumes/Card</rootPath><hash><file>no</file></hash></hedge>
			<creatorinfo><name>n</name></creatorinfo>` + legacyFile("a", "<xxhash64be>2fd357f0b8e76658</xxhash64be>")), "a 5 " + xxh + "\n"},
		{"D2 only the swapped XXH64", legacy(legacyFile("a", "<xxhash64>5866e7b8f057d32f</xxhash64>")), "a 5 " + xxh + "\n"},
		{"D3 both byte orders", legacy(legacyFile("a", "<xxhash64be>2fd357f0b8e76658</xxhash64be><xxhash64>5866e7b8f057d32f</xxhash64>")), "a 5 " + xxh + ", " + xxh + "\n"},
		{"D4 creatorinfo without names", legacy("<creatorinfo><tool>OffShoot</tool></creatorinfo>" + legacyFile("a", "<null/>")), "a 5 null\n"},
		{"D5 dates without a zone, elements in another order", legacy(`<creationdate>2019-10-01T10:11:12</creationdate><creatorinfo><tool>ShotPut Pro</tool><username>u</username></creatorinfo>` +
			legacyFile("a", "<lastmodificationdate>2019-10-01T10:11:12</lastmodificationdate><xxhash64be>2fd357f0b8e76658</xxhash64be>")), "a 5 " + xxh + "\n"},
		{"D6 paths with the roll's folder", legacy(legacyFile("EOS_DIGITAL/DCIM/a.CR2", "<null/>")), "EOS_DIGITAL/DCIM/a.CR2 5 null\n"},
		{"D7 upper case beside lower case, no hashdate", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<hashlist version=\"1.1\">" +
			legacyFile("System Volume Information/x", "<md5>9A83A5D3846361C721515B94189E70A0</md5><xxhash64be>2fd357f0b8e76658</xxhash64be>") + "</hashlist>",
			"System Volume Information/x 5 md5:9a83a5d3846361c721515b94189e70a0 original, " + xxh + "\n"},
		{"D8 the hash before the date, single quotes", "<?xml version='1.0' encoding='UTF-8'?>\n<hashlist version='1.0'><hash><file>a</file><size>5</size>" +
			"<xxhash64be>2fd357f0b8e76658</xxhash64be><lastmodificationdate>2020-01-01T00:00:00Z</lastmodificationdate></hash></hashlist>", "a 5 " + xxh + "\n"},
		{"D9 leading slash, decimal without padding, no creatorinfo, no dates", "<hashlist version=\"1.1\">" + legacyFile("/DCIM/a.MP4", "<xxhash>46947589</xxhash>") + "</hashlist>",
			"/DCIM/a.MP4 5 xxh32:02cc5d05 original\n"},
		{"D10 a tool by another's name", legacy("<creatorinfo><tool>mhl ver. 0.2.0</tool></creatorinfo>" + legacyFile("a", "<null/>")), "a 5 null\n"},
		{"D11 written for the destination, several rolls in one", legacy(legacyFile("Day/A001/a", "<null/>") + legacyFile("Day/A002/a", "<null/>")), "Day/A001/a 5 null\nDay/A002/a 5 null\n"},
		{"D12 D13 names and byte orders mixed up: both may be swapped", legacy(legacyFile("a", "<xxhash64>2fd357f0b8e76658</xxhash64>") + legacyFile("b", "<xxhash64be>5866e7b8f057d32f</xxhash64be>")),
			"a 5 xxh64:5866e7b8f057d32f original ~\nb 5 xxh64:5866e7b8f057d32f original ~\n"},
		{"D14 attributes, dashes in the time, UTF-16 that is declared as UTF-8", utf16Text(`<?xml version="1.0" encoding="UTF-8"?><hashlist version="1.0"><creatorinfo>
			<startdate>2012-12-01 18-34-54</startdate></creatorinfo>`+legacyFile("a", `<md5 bit="128" encoding="hex">9a83a5d3846361c721515b94189e70a0</md5>`)+"</hashlist>", true),
			"a 5 md5:9a83a5d3846361c721515b94189e70a0 original\n"},
		{"D15 an older MHL and hidden files are listed", legacy(legacyFile("old.mhl", "<null/>") + legacyFile(".DS_Store", "<null/>")), "old.mhl 5 null\n.DS_Store 5 null\n"},
		{"D17 a namespace", `<hashlist version="1.1" xmlns="http://www.mediahashlist.org/v1.1">` + legacyFile("a", "<xxhash64be>2fd357f0b8e76658</xxhash64be>") + "</hashlist>", "a 5 " + xxh + "\n"},
		{"D18 comments inside entries", legacy("<hash><!-- edited --><file>a<!-- b --></file><size>5<!-- 6 --></size><!-- <md5> --><null><!-- --></null></hash>"), "a 5 null\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mustParse(t, tt.doc)
			if d := cmp.Diff(tt.want, listing(m)); d != "" || m.Format != Legacy {
				t.Errorf("%s %s", m.Format, d)
			}
		})
	}
	t.Run("D5 D14 dates", func(t *testing.T) {
		if m := mustParse(t, tests[4].doc); m.Created.Format("2006-01-02 15:04:05") != "2019-10-01 10:11:12" {
			t.Errorf("got %v", m.Created)
		}
		if m := mustParse(t, tests[12].doc); m.Created.Format("2006-01-02 15:04:05") != "2012-12-01 18:34:54" {
			t.Errorf("got %v", m.Created)
		}
	})
}

func TestD16HomemadeLists(t *testing.T) {
	for doc, want := range map[string]finding.Code{
		`<hashlist version="1.0"><file name="a"><hash type="xxh64">0ea03b369a463d9d</hash></file></hashlist>`:                       finding.ManifestMalformed,
		`<hashlist version="1.0" xmlns="urn:ASC:MHL:v1.0"><hash><file>a</file><size>5</size></hash></hashlist>`:                     finding.ManifestVersion,
		`<hashlist version="2.0"><hash><path>a</path></hash></hashlist>`:                                                            finding.ManifestVersion,
		`<mhl version="1.0"><hashlist><hash><file>a</file><sha256>` + strings.Repeat("0", 64) + `</sha256></hash></hashlist></mhl>`: finding.ManifestMalformed,
		`<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>a</path></hashlist></ascmhldirectory>`:  finding.ManifestMalformed,
		"# comment\n0ea03b369a463d9d  a\n": finding.ManifestMalformed,
	} {
		t.Run("D16", func(t *testing.T) {
			_, err := Parse(strings.NewReader(doc))
			wantCode(t, err, want)
		})
	}
}

// Deviations of ASC MHL likewise.
func TestASCDeviations(t *testing.T) {
	const xxh = "xxh64:0ea03b369a463d9d original"
	hash := `<xxh64 action="original">0ea03b369a463d9d</xxh64>`
	tests := []struct{ name, doc, want string }{
		{"D20 backslashes are kept for the resolver", ascList(ascFile(`Clips\a.mov`, "0ea03b369a463d9d")), `Clips\a.mov 5 ` + xxh + "\n"},
		{"D22 sha256", ascList(`<hash><path size="5">a</path><sha256 action="original">` + strings.Repeat("0", 64) + `</sha256></hash><hash><path size="5">b</path>` + hash + `<sha256>` + strings.Repeat("0", 64) + `</sha256></hash>`),
			"a 5 unknown sha256\nb 5 " + xxh + ", unknown sha256\n"},
		{"D23 an empty file without a size", ascList(`<hash><path lastmodificationdate="2026-06-07T02:18:26-07:00">a</path><xxh64 action="original">ef46db3751d8e999</xxh64></hash>`),
			"a -1 xxh64:ef46db3751d8e999 original\n"},
		{"D24 many patterns, absolute paths in a comment, hashdate with a fraction", strings.Replace(ascList(`<hash><path size="5">a</path><xxh64 action="original" hashdate="2026-06-07T02:32:02.169057-07:00">0ea03b369a463d9d</xxh64></hash>`),
			"<process>in-place</process>", "<process>transfer</process><ignore><pattern>*.app</pattern><pattern>.Trashes</pattern></ignore>", 1), "a 5 " + xxh + "\n"},
		{"D25 a directoryhash without structure", ascList(`<directoryhash><path>Clips</path><content><xxh64>4c226b42e27d7af3</xxh64></content></directoryhash>` + ascFile("a", "0ea03b369a463d9d")),
			"Clips -1 folder \na 5 " + xxh + "\n"},
		{"D26 empty content and structure, attributes over several lines", ascList("<directoryhash><path>Clips</path><content/><structure/></directoryhash><hash><path\n\tsize=\"5\"\r\n  lastmodificationdate='2020-01-01T00:00:00Z'\n>a</path>" + hash + "</hash>"),
			"Clips -1 folder \na 5 " + xxh + "\n"},
		{"D27 author data as elements", strings.Replace(ascList(ascFile("a", "0ea03b369a463d9d")), "</creatorinfo>", "<author><name>n</name><email>e</email><phone>1</phone></author></creatorinfo>", 1), "a 5 " + xxh + "\n"},
		{"D29 no roothash", ascList(ascFile("a", "0ea03b369a463d9d")), "a 5 " + xxh + "\n"},
		{"D30 a folder with a trailing slash", ascList("<directoryhash><path>Clips/</path></directoryhash>"), "Clips/ -1 folder \n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := mustParse(t, tt.doc)
			if d := cmp.Diff(tt.want, listing(m)); d != "" || m.Format != ASC {
				t.Errorf("%s %s", m.Format, d)
			}
		})
	}
	t.Run("D25 D26 what is not recorded is not there", func(t *testing.T) {
		if e := mustParse(t, tests[4].doc).Entries[0]; len(e.Content) != 1 || e.Structure != nil {
			t.Errorf("got %+v", e)
		}
		if e := mustParse(t, tests[5].doc).Entries[0]; e.Content != nil || e.Structure != nil {
			t.Errorf("got %+v", e)
		}
	})
}
