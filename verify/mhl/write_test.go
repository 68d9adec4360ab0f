package mhl

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/checksum"
)

var writtenAt = time.Date(2023, 5, 10, 18, 30, 0, 0, time.UTC)

var writer = Creator{
	Started: writtenAt, Finished: writtenAt.Add(time.Minute), Host: "cart-2", User: "dit", Tool: "footagefs", Version: "1.0",
	Author: "A & B <ab>", Location: "Stage 4", Comment: "two\nlines",
}

func sumsOf(content string, algorithms ...checksum.Algorithm) []checksum.Sum {
	var all []checksum.Sum
	for _, a := range algorithms {
		all = append(all, checksum.Of([]byte(content), a))
	}
	return all
}

// written is a manifest, and entries, with everything that WriteASC can write.
func written() (*Manifest, []Dated) {
	m := &Manifest{
		Format: ASC, Created: writtenAt, Tool: "footagefs 1.0",
		Ignore:  []string{".DS_Store", "ascmhl", "ascmhl/", "*.t&p", " lead"},
		Content: sumsOf("c", checksum.C4, checksum.MD5), Structure: sumsOf("s", checksum.C4, checksum.MD5),
		References: []Reference{{"n/ascmhl/0001_n_2023-05-10_183000Z.mhl", checksum.Of([]byte("n"), checksum.C4).Digest}},
	}
	var entries []Dated
	for i, p := range []string{"Clips/a b.mov", "é<&>\".mov", "e\u0301", " lead", "trail ", "line\nbreak", "cr\rlf\r\n", "tab\there", "back\\slash", "\u2028", "🎬"} {
		e := Dated{Entry: Entry{Path: p, Size: int64(i)}, ModTime: writtenAt.Add(time.Duration(i) * time.Hour), HashAt: writtenAt.Add(time.Second)}
		for _, s := range sumsOf(p, checksum.C4, checksum.MD5, checksum.SHA1, checksum.XXH128, checksum.XXH3, checksum.XXH64) {
			e.Hashes = append(e.Hashes, Hash{Sum: s, Action: []Action{Original, Verified, Failed}[i%3]})
		}
		entries = append(entries, e)
	}
	entries[0].Previous = "Clips/old & gone.mov"
	return m, append(entries,
		Dated{Entry: Entry{Path: "Clips", Size: -1, Folder: true, Content: sumsOf("c", checksum.MD5), Structure: sumsOf("s", checksum.MD5)}, ModTime: writtenAt},
		Dated{Entry: Entry{Path: "Empty", Size: -1, Folder: true}})
}

// undated are the entries as they are read back.
func undated(list []Dated) (entries []Entry) {
	for _, e := range list {
		entries = append(entries, e.Entry)
	}
	return entries
}

func TestWriteASC(t *testing.T) {
	t.Run("R5 R20 R53 R61 what is written is read back", func(t *testing.T) {
		var b bytes.Buffer
		want, entries := written()
		mustDo(t, WriteASC(&b, want, entries, writer))
		got, err := Parse(bytes.NewReader(b.Bytes()))
		mustDo(t, err)
		want.Digest, want.Entries = c4Of(b.String()), undated(entries)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-written +read)\n%s", diff)
		}
	})
	t.Run("R21 dates", func(t *testing.T) {
		var b bytes.Buffer
		m, entries := written()
		mustDo(t, WriteASC(&b, m, entries, writer))
		for _, want := range []string{
			`<path size="1" lastmodificationdate="2023-05-10T19:30:00Z">`, `<c4 action="original" hashdate="2023-05-10T18:30:01Z">`,
			`<path lastmodificationdate="2023-05-10T18:30:00Z">Clips</path>`, `<path>Empty</path>`,
		} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s is not in %s", want, b.String())
			}
		}
	})
	t.Run("hash elements in the schema's order", func(t *testing.T) {
		m := Dated{Entry: Entry{Path: "a", Size: 1}, HashAt: writtenAt}
		for _, s := range sumsOf("a", checksum.XXH64, checksum.MD5, checksum.C4) {
			m.Hashes = append(m.Hashes, Hash{Sum: s, Action: Original})
		}
		var b bytes.Buffer
		mustDo(t, WriteASC(&b, &Manifest{Created: writtenAt}, []Dated{m}, writer))
		if text := b.String(); !(strings.Index(text, "<c4") < strings.Index(text, "<md5") && strings.Index(text, "<md5") < strings.Index(text, "<xxh64")) {
			t.Errorf("got %s", text)
		}
		if m.Hashes[0].Algorithm != checksum.XXH64 {
			t.Error("the entry was changed")
		}
	})
}

func TestWriteRefuses(t *testing.T) {
	asc := func(b *bytes.Buffer, e []Dated) error { return WriteASC(b, &Manifest{Created: writtenAt}, e, writer) }
	entry := func(p string, hashes ...Hash) []Dated {
		return []Dated{{Entry: Entry{Path: p, Size: 1, Hashes: hashes}}}
	}
	md5 := Hash{Sum: checksum.Of(nil, checksum.MD5), Action: Original}
	xxh128 := Hash{Sum: checksum.Of(nil, checksum.XXH128), Action: Original}
	tests := map[string]struct {
		write func(*bytes.Buffer) error
		want  string
	}{
		"R53 no action":            {func(b *bytes.Buffer) error { return asc(b, entry("a", Hash{Sum: md5.Sum})) }, "without an action"},
		"R17 two of one kind":      {func(b *bytes.Buffer) error { return asc(b, entry("a", md5, md5)) }, "two checksums of one kind"},
		"a control character":      {func(b *bytes.Buffer) error { return asc(b, entry("a\x01", md5)) }, `cannot spell "a\x01"`},
		"bytes that are not UTF-8": {func(b *bytes.Buffer) error { return WriteLegacy(b, entry("a\xff", md5), writer) }, `cannot spell "a\xff"`},
		"no xxh32 in ASC": {func(b *bytes.Buffer) error {
			return asc(b, entry("a", Hash{Sum: checksum.Of(nil, checksum.XXH32), Action: Original}))
		}, "has no xxh32"},
		"no xxh128 in legacy": {func(b *bytes.Buffer) error { return WriteLegacy(b, entry("a", xxh128), writer) }, "has no xxh128"},
		"no failed in legacy": {func(b *bytes.Buffer) error {
			return WriteLegacy(b, entry("a", Hash{Sum: md5.Sum, Action: Failed}), writer)
		}, "cannot record that a failed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := tt.write(new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestWriteLegacy(t *testing.T) {
	m := &Manifest{Format: Legacy, Created: writer.Finished, Tool: "footagefs 1.0"}
	var entries []Dated
	for _, p := range []string{"Clips/a b.mov", "é<&>\".mov", " lead\r"} {
		e := Dated{Entry: Entry{Path: p, Size: 7}, ModTime: writtenAt, HashAt: writtenAt}
		for _, s := range sumsOf(p, checksum.MD5, checksum.SHA1, checksum.XXH32, checksum.XXH64) {
			e.Hashes = append(e.Hashes, Hash{Sum: s, Action: Original, Swapped: s.Algorithm == checksum.XXH64})
		}
		entries = append(entries, e)
	}
	var b bytes.Buffer
	mustDo(t, WriteLegacy(&b, entries, writer))
	got, err := Parse(bytes.NewReader(b.Bytes()))
	mustDo(t, err)
	m.Digest, m.Entries = c4Of(b.String()), undated(entries)
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
	if !strings.Contains(b.String(), "<lastmodificationdate>2023-05-10T18:30:00Z</lastmodificationdate>") || !strings.Contains(b.String(), "<hashdate>2023-05-10T18:30:00Z</hashdate>") {
		t.Errorf("got no dates in %s", b.String())
	}
	if !strings.Contains(b.String(), "<xxhash64be>"+checksum.Of([]byte("Clips/a b.mov"), checksum.XXH64).Digest+"</xxhash64be>") {
		t.Errorf("got %s", b.String())
	}
}

func TestWriteChain(t *testing.T) {
	t.Run("R13 R14", func(t *testing.T) {
		var b bytes.Buffer
		mustDo(t, WriteChain(&b, []ChainEntry{{"0001_R.mhl", c4Of("1")}, {"0002_R.mhl", c4Of("2")}}))
		got, err := parseChain(&b)
		mustDo(t, err)
		for i, e := range got {
			want := chainEntry{i + 1, []string{"0001_R.mhl", "0002_R.mhl"}[i], []checksum.Sum{{Algorithm: checksum.C4, Digest: c4Of([]string{"1", "2"}[i])}}}
			if diff := cmp.Diff(want, e, cmp.AllowUnexported(chainEntry{})); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// validator is a Python that can validate XML; the test is skipped where there is none.
func validator(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import lxml").Run() == nil {
			return python
		}
	}
	t.Skip("no python3 with lxml")
	return ""
}

const validate = `
import sys
from lxml import etree
class Local(etree.Resolver):
    def resolve(self, url, pubid, context):
        if url.endswith("ASCMHL.xsd"):
            return self.resolve_filename(sys.argv[1] + "/ASCMHL.xsd", context)
parser = etree.XMLParser()
parser.resolvers.add(Local())
schema = etree.XMLSchema(etree.parse(sys.argv[1] + "/" + sys.argv[2], parser))
schema.assertValid(etree.parse(sys.argv[3]))
`

func TestWrittenIsValid(t *testing.T) {
	schemas := "../../../shared/mhl-samples/ascmhl/xsd"
	if _, err := os.Stat(schemas); err != nil {
		t.Skip("no schemas")
	}
	python := validator(t)
	check := func(name, schema string, content []byte) error {
		file := filepath.Join(t.TempDir(), "x.xml")
		mustDo(t, os.WriteFile(file, content, 0o644))
		out, err := exec.Command(python, "-c", validate, schemas, schema, file).CombinedOutput()
		if err != nil {
			t.Logf("%s: %s", name, out)
		}
		return err
	}
	var manifest, bare, chain bytes.Buffer
	m, entries := written()
	mustDo(t, WriteASC(&manifest, m, entries, writer))
	mustDo(t, WriteASC(&bare, &Manifest{Created: writtenAt}, []Dated{{Entry: Entry{Path: "a", Size: -1, Folder: true}}}, Creator{Tool: "t"}))
	mustDo(t, WriteChain(&chain, []ChainEntry{{"0001.mhl", c4Of("1")}}))
	if err := check("manifest", "ASCMHL.xsd", manifest.Bytes()); err != nil {
		t.Errorf("manifest: %v", err)
	}
	if err := check("bare manifest", "ASCMHL.xsd", bare.Bytes()); err != nil {
		t.Errorf("bare manifest: %v", err)
	}
	if err := check("chain", "ASCMHLDirectory.xsd", chain.Bytes()); err != nil {
		t.Errorf("chain: %v", err)
	}
	if check("what is wrong on purpose", "ASCMHL.xsd", bytes.Replace(manifest.Bytes(), []byte("<process>"), []byte("<proces>"), 1)) == nil {
		t.Error("anything passes")
	}
}

// FuzzWrite sees that every path that can be written is read back as it was.
func FuzzWrite(f *testing.F) {
	for _, p := range []string{"a", " a\r\n\t", "<&>\"'", "]]>", "é\u0301", "\x00", "\u2028"} {
		f.Add(p, "b")
	}
	f.Fuzz(func(t *testing.T, p, previous string) {
		e := Dated{Entry: Entry{Path: p, Previous: previous, Size: 1, Hashes: []Hash{{Sum: checksum.Of(nil, checksum.MD5), Action: Original}}}}
		var b bytes.Buffer
		if WriteASC(&b, &Manifest{Created: writtenAt}, []Dated{e}, writer) != nil || p == "" || len(p) > 1000 || len(previous) > 1000 {
			return
		}
		got, err := Parse(&b)
		if strings.TrimSpace(p) == "" || strings.TrimSpace(previous) == "" && previous != "" {
			return // no path
		}
		if err != nil {
			t.Fatalf("%q, %q: %v", p, previous, err)
		}
		if e := got.Entries[0]; e.Path != p || e.Previous != previous {
			t.Errorf("got %q, %q, want %q, %q", e.Path, e.Previous, p, previous)
		}
	})
}
