package mhl

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"testing"
)

// frames is the legacy manifest of a roll of n frames, some 350 bytes each.
func frames(n int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hashlist version=\"1.1\">\n")
	for i := range n {
		fmt.Fprintf(&b, `  <hash>
    <file>A001C%03d_230510_R1AB/2880x1620/A001C%03d_230510_R1AB.%07d.ari</file>
    <size>20660224</size>
    <lastmodificationdate>2023-05-10T12:%02d:%02dZ</lastmodificationdate>
    <xxhash64be>%016x</xxhash64be>
    <hashdate>2023-05-10T18:%02d:%02dZ</hashdate>
  </hash>
`, i/1600, i/1600, i, i/60%60, i%60, uint64(i)*0x9E3779B97F4A7C15, i/60%60, i%60)
	}
	b.WriteString("</hashlist>\n")
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) { benchmarkParse(b, frames(48_000)) }

// BenchmarkParseSlowly is with what the shortest ways do not serve.
func BenchmarkParseSlowly(b *testing.B) {
	doc := bytes.ReplaceAll(frames(48_000), []byte("\n"), []byte("\r\n"))
	benchmarkParse(b, bytes.ReplaceAll(doc, []byte("<file>"), []byte("<file>日本語&amp;")))
}

func BenchmarkParseUTF16(b *testing.B) {
	benchmarkParse(b, []byte(utf16Text(string(frames(48_000)), true)))
}

func benchmarkParse(b *testing.B, doc []byte) {
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(bytes.NewReader(doc))
		if err != nil || len(m.Entries) != 48_000 {
			b.Fatal(err)
		}
	}
}

// BenchmarkTokenLoop is what BenchmarkParse is measured against.
func BenchmarkTokenLoop(b *testing.B) {
	doc := frames(48_000)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(doc))
		for {
			if _, err := d.RawToken(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
