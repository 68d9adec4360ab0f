package mhl

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
	"footagefs/verify/mhl/xml"
)

// repeated gives the same text again and again, up to n bytes.
func repeated(text string, n int64) io.Reader {
	return io.LimitReader(&endless{text: text}, n)
}

type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], e.text[e.at:])
		n += c
		e.at = (e.at + c) % len(e.text)
	}
	return n, nil
}

// measured calls parse and returns what it took: time, and memory at its peak, in MB.
func measured(parse func() error) (took time.Duration, mb uint64, err error) {
	runtime.GC()
	before := heap()
	done := make(chan struct{})
	peak := make(chan uint64)
	go func() {
		most := before
		for tick := time.Tick(time.Millisecond); ; {
			select {
			case <-tick:
				most = max(most, heap())
			case <-done:
				peak <- most
				return
			}
		}
	}()
	start := time.Now()
	err = parse()
	took = time.Since(start)
	close(done)
	return took, (<-peak - before) >> 20, err
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

const head = `<hashlist version="1.1">`

func TestBombs(t *testing.T) {
	lol := `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">` + func() (s string) {
		for i := range 10 {
			s += fmt.Sprintf("<!ENTITY %c \"%s\">", 'b'+i, strings.Repeat(fmt.Sprintf("&%c;", 'a'+i), 10))
		}
		return s
	}() + `]><hashlist version="1.1"><hash><file>&k;</file></hash></hashlist>`
	many := repeated("<hash><file>a</file><null/></hash>", 200<<20)
	tests := map[string]io.Reader{
		"nested entities":          strings.NewReader(lol),
		"external entity":          strings.NewReader(`<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + head + legacyFile("&x;", "<null/>") + "</hashlist>"),
		"external parameter":       strings.NewReader(`<!DOCTYPE l [<!ENTITY % x SYSTEM "http://example.com/x.dtd"> %x;]>` + head + "</hashlist>"),
		"parameter, not declared":  strings.NewReader(`<!DOCTYPE l [ %x; ]>` + head + "</hashlist>"),
		"declared, not used":       strings.NewReader(`<!DOCTYPE l [<!ENTITY x "y">]>` + head + legacyFile("a", "<null/>") + "</hashlist>"),
		"default attributes":       strings.NewReader(`<!DOCTYPE l [<!ATTLIST path size CDATA "5">]>` + head + legacyFile("a", "<null/>") + "</hashlist>"),
		"in UTF-16":                strings.NewReader("\xff\xfe" + utf16Text(lol, false)),
		"cut off after the entity": strings.NewReader(`<!DOCTYPE l [<!ENTITY`),
		"large text":               io.MultiReader(strings.NewReader(head+"<hash><file>"), repeated("x", 200<<20)),
		"large text of comments":   io.MultiReader(strings.NewReader(head+"<hash><file>"), repeated("xxxxxxx<!-- -->", 200<<20)),
		"large tag":                io.MultiReader(strings.NewReader(head+"<"), repeated("x", 200<<20)),
		"large attribute":          io.MultiReader(strings.NewReader(head+`<hash a="`), repeated("x", 200<<20)),
		"large comment":            io.MultiReader(strings.NewReader(head+"<!--"), repeated("x", 200<<20)),
		"large CDATA":              io.MultiReader(strings.NewReader(head+"<hash><file><![CDATA["), repeated("x", 200<<20)),
		"large white space":        io.MultiReader(strings.NewReader(head), repeated(" ", 200<<20)),
		"large instruction":        io.MultiReader(strings.NewReader(head+"<?x "), repeated("x", 200<<20)),
		"large document type":      io.MultiReader(strings.NewReader("<!DOCTYPE a '"), repeated("x", 200<<20)),
		"many attributes":          io.MultiReader(strings.NewReader(head+"<hash "+attributes(100)), repeated(" ", 10)),
		"long names":               strings.NewReader(head + "<" + strings.Repeat("x", 1<<10+1) + "/></hashlist>"),
		"many prefixes":            strings.NewReader(head + prefixes(2) + "</hashlist>"),
		"deep":                     io.MultiReader(strings.NewReader(head), repeated("<a>", 200<<20)),
		"long path":                strings.NewReader(legacy(legacyFile(strings.Repeat("x/", maxPath), "<null/>"))),
		"many entries":             io.MultiReader(strings.NewReader(head), many),
	}
	for name, r := range tests {
		t.Run(name, func(t *testing.T) {
			took, mb, err := measured(func() error {
				_, err := Parse(r)
				return err
			})
			wantCode(t, err, finding.ManifestUnsafe)
			if name == "many entries" {
				return // as many as a manifest may have are read, and held
			}
			if took > 5*time.Second || mb > 50 {
				t.Errorf("took %v and %d MB", took, mb)
			}
		})
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `a%d="x" `, i)
	}
	return b.String() + ">"
}

// prefixes opens depth elements, each of which declares 40 prefixes.
func prefixes(depth int) string {
	var b strings.Builder
	for d := range depth {
		b.WriteString("<a ")
		for i := range 40 {
			fmt.Fprintf(&b, `xmlns:p%d_%d="u" `, d, i)
		}
		b.WriteString(">")
	}
	return b.String() + strings.Repeat("</a>", depth)
}

func TestTooLargeFile(t *testing.T) {
	for _, more := range []string{"<a>text</a>\n", " ", "<!-- -->"} {
		// So much of it was read already: what follows is only what makes it too much.
		in := &intake{r: io.MultiReader(strings.NewReader(head), repeated(more, 1<<20)), hash: checksum.New(checksum.C4), n: maxBytes - 1000}
		p := &parser{m: &Manifest{}}
		err := p.run(in, (*parser).manifest)
		wantCode(t, err, finding.ManifestUnsafe)
		wantCode(t, in.failure(err, Legacy), finding.ManifestUnsafe)
	}
}

// What many honest entries take is bounded, whatever they hold.
func TestMemoryIsBounded(t *testing.T) {
	const asc = `<hashlist version="2.0" xmlns="` + ascSpace + `">`
	for name, doc := range map[string][2]string{
		"long paths":                {head, legacyFile(strings.Repeat("long/", 2000), "<null/>")},
		"many hashes":               {head, legacyFile("a", strings.Repeat("<xxhash>1</xxhash>", 1000))},
		"many hashes of one entry":  {head + "<hash>", "<xxhash>1</xxhash>"},
		"many bad ones of one":      {head + "<hash>", "<md5>9a83a5d3846361c721515b94189e70a</md5>"},
		"many unknown ones of one":  {head + "<hash>", "<x>0123456789</x>"},
		"many sums of a folder":     {asc + "<hashes><directoryhash><content>", "<xxh64>ef46db3751d8e999</xxh64>"},
		"many bad sums of a folder": {asc + "<hashes><directoryhash><content>", "<xxh64/>"},
		"many root hashes":          {asc + "<processinfo>", "<roothash><content><xxh64>ef46db3751d8e999</xxh64></content></roothash>"},
		"many patterns":             {asc + "<processinfo><ignore>", "<pattern>a</pattern>"},
		"many references":           {asc + "<references>", "<hashlistreference><path>a</path></hashlistreference>"},
	} {
		t.Run(name, func(t *testing.T) {
			const left = 8 << 20 // so much of the limit was not used yet
			_, mb, err := measured(func() error {
				p := &parser{m: &Manifest{}, kept: maxKept - left}
				return p.run(io.MultiReader(strings.NewReader(doc[0]), repeated(doc[1], 400<<20)), (*parser).manifest)
			})
			wantCode(t, err, finding.ManifestUnsafe)
			if mb > 6*left>>20 {
				t.Errorf("took %d MB, the limit is %d", mb, left>>20)
			}
		})
	}
}

// Text that is no digest is not kept, however long it is.
func TestBadTextIsNotKept(t *testing.T) {
	doc := legacy("<hash><file>a</file>" + strings.Repeat("<md5>"+strings.Repeat("x", xml.MaxToken/2)+"</md5>", 40) + "</hash>")
	_, mb, err := measured(func() error {
		_, err := Parse(strings.NewReader(doc))
		return err
	})
	if err != nil || mb > 10 {
		t.Errorf("took %d MB, %v", mb, err)
	}
}

func TestDocumentTypeWithoutEntitiesIsRead(t *testing.T) {
	doc := `<!DOCTYPE hashlist SYSTEM "http://example.com/mhl.dtd" [<!ELEMENT hashlist ANY> <!NOTATION n SYSTEM "x">]>`
	if m := mustParse(t, doc+head+legacyFile("a", "<null/>")+"</hashlist>"); len(m.Entries) != 1 {
		t.Errorf("got %+v", m)
	}
}

// A manifest that is cut off anywhere gives no entries, however many were whole.
func TestCutOffAnywhere(t *testing.T) {
	docs := []string{
		legacy(legacyFile("é", "<xxhash64be>ef46db3751d8e999</xxhash64be>") + "<!-- end --><hash><file><![CDATA[b]]></file><null/></hash>"),
		ascList(ascFile("a", "0ea03b369a463d9d") + "<directoryhash><path>b</path></directoryhash>"),
		utf16Text("\uFEFF"+legacy(legacyFile("a", "<null/>")), true),
	}
	for _, b := range samples(t) {
		if len(b) < 1500 && !bytes.Contains(b, []byte("ascmhldirectory")) {
			docs = append(docs, string(b))
		}
	}
	for _, doc := range docs {
		whole := len(strings.TrimRight(doc, "\n\r\x00"))
		for n := range whole {
			m, err := Parse(strings.NewReader(doc[:n]))
			if m != nil || err == nil {
				t.Fatalf("cut off after %d of %d bytes: got %+v, %v", n, len(doc), m, err)
			}
			wantCode(t, err, finding.ManifestMalformed)
		}
	}
}

func TestMalformedTail(t *testing.T) {
	doc := legacy(legacyFile("a", "<null/>"))
	for _, tail := range []string{"x", "<hashlist/>", "\x00", "<", "</hashlist>", "<!-- -- -->", "<![CDATA[]]>", "\xff"} {
		m, err := Parse(strings.NewReader(doc + tail))
		wantCode(t, err, finding.ManifestMalformed)
		if m != nil {
			t.Errorf("%q: got %+v beside the error", tail, m)
		}
	}
	mustParse(t, doc+"\n<!-- end --><?x?>\n")
}

func TestEmptyManifests(t *testing.T) {
	for _, doc := range []string{
		legacy(""), legacy("<creatorinfo><tool>t</tool></creatorinfo>"), "<hashlist/>", ascList(""), ascHead + "</hashlist>",
	} {
		_, err := Parse(strings.NewReader(doc))
		wantCode(t, err, finding.ManifestEmpty)
		if e := err.(*Error); e.Digest != c4Of(doc) || e.Format == "" {
			t.Errorf("got digest %q and format %q", e.Digest, e.Format)
		}
	}
	for _, doc := range []string{"", " ", "\n\n", "\uFEFF", "<?xml version='1.0'?>", "<!-- -->", "<a/>", "{}", "HASH  file.txt\n"} {
		_, err := Parse(strings.NewReader(doc))
		wantCode(t, err, finding.ManifestMalformed)
		if e := err.(*Error); e.Digest != c4Of(doc) {
			t.Errorf("%q: got digest %q", doc, e.Digest)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	for _, s := range []string{
		legacy(legacyFile("a", "<xxhash>0046947589</xxhash><xxhash64>99e9d85137db46ef</xxhash64><null/><sha256>0123456789</sha256>")),
		utf16Text(legacy(legacyFile("é", "<null/>")), true), declared("EUC-JP", "\xc6\xfc"),
		ascList(`<hash><path size="5">a</path><c4 action="failed">` + c4Max + `</c4><previousPath>b</previousPath></hash>`),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(bytes.NewReader(b))
		if (m == nil) == (err == nil) {
			t.Fatalf("got %v and %v", m, err)
		}
		if err != nil {
			return
		}
		if m.Digest != c4Of(string(b)) {
			t.Errorf("got digest %s", m.Digest)
		}
		checkManifest(t, m)
	})
}

// checkManifest fails where a manifest is not as everybody relies on.
func checkManifest(t *testing.T, m *Manifest) {
	t.Helper()
	if len(m.Entries) == 0 && len(m.References) == 0 {
		t.Error("it lists nothing")
	}
	for _, e := range m.Entries {
		if e.Path == "" || e.Size < -1 {
			t.Errorf("got the entry %+v", e)
		}
		for _, h := range e.Hashes {
			if b, err := h.Bytes(); err != nil || len(b) == 0 {
				t.Errorf("got the hash %+v", h)
			}
		}
	}
	packed, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Manifest).UnmarshalBinary(packed); err != nil {
		t.Error(err)
	}
}
