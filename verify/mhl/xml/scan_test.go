package xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"testing/iotest"

	"footagefs/testdata"
)

// samples are the manifests and chains of the sample drive.
func samples(tb testing.TB) [][]byte {
	tb.Helper()
	var found [][]byte
	err := iofs.WalkDir(testdata.Drive, ".", func(name string, _ iofs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || ext != ".mhl" && ext != ".xml" {
			return err
		}
		b, err := testdata.Drive.ReadFile(name)
		found = append(found, b)
		return err
	})
	if err != nil || len(found) == 0 {
		tb.Fatalf("got %d manifests, %v", len(found), err)
	}
	return found
}

// events spells what a scanner finds, one token a line, texts joined.
func events(r io.Reader) (string, error) {
	s := newScanner(r, false)
	var out eventLog
	for {
		found, err := s.Next()
		if err != nil {
			return "", err
		}
		switch found {
		case Start:
			space := s.Space
			if space == unbound {
				space = "?"
			}
			out.start(space, string(s.Local))
			for _, a := range s.attrs {
				out.attr(string(a.name), string(a.value))
			}
		case End:
			out.add("end\n")
		case Text:
			out.text(s.Text)
		case EOF:
			return out.b.String(), nil
		}
	}
}

// eventLog spells tokens, one a line, with texts that follow one another joined.
type eventLog struct {
	b       strings.Builder
	pending []byte
}

func (l *eventLog) add(line string) {
	if len(l.pending) > 0 {
		fmt.Fprintf(&l.b, "text %q\n", l.pending)
		l.pending = l.pending[:0]
	}
	l.b.WriteString(line)
}

func (l *eventLog) text(b []byte) { l.pending = append(l.pending, b...) }

// start and attr spell white space as XML normalises it, which encoding/xml does not.
func (l *eventLog) start(space, local string) {
	l.add(fmt.Sprintf("start %q %s\n", blanks(space), local))
}

func (l *eventLog) attr(name, value string) { l.add(fmt.Sprintf("attr %s=%q\n", name, blanks(value))) }

func blanks(s string) string { return strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(s) }

// referenceEvents is events by encoding/xml.
func referenceEvents(r io.Reader) (string, error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out eventLog
	depth := 0
	for {
		t, err := d.Token()
		if err == io.EOF {
			return out.b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			out.start(t.Name.Space, t.Name.Local)
			for _, a := range t.Attr {
				name := a.Name.Local
				if a.Name.Space != "" {
					name = a.Name.Space + ":" + name
				}
				out.attr(name, a.Value)
			}
		case xml.EndElement:
			depth--
			out.add("end\n")
		case xml.CharData:
			if depth > 0 {
				out.text(t)
			}
		}
	}
}

// levelled levels what the two decoders are meant to spell differently: encoding/xml
// says the namespace of an attribute, and takes an unbound prefix for one.
func levelled(events string, prefixes bool) string {
	var b strings.Builder
	for line := range strings.Lines(events) {
		if name, ok := strings.CutPrefix(line, "attr "); ok {
			name, value, _ := strings.Cut(name, "=")
			if i := strings.LastIndexByte(name, ':'); i >= 0 {
				name = name[i+1:]
			}
			line = "attr " + name + "=" + value
		}
		if prefixes {
			if rest, ok := strings.CutPrefix(line, "start "); ok {
				line = "start" + rest[strings.LastIndexByte(strings.TrimSpace(rest), ' ')+1:]
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

func FuzzScannerIsAsStrictAsEncodingXML(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	for _, s := range []string{
		`<a xmlns:p="u" xmlns='d'><p:b c="1 &lt; 2" d='x'/>t&#x41;&#65;&amp;<![CDATA[<&]]>]]<!-- c --><?pi x?></a>`,
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding='UTF-8' standalone=\"yes\" ?>\r\n<é ü=\"\n\t\r\n\">日本\r\n\rx</é>\n<!-- end -->\n",
		`<!DOCTYPE a [<!ELEMENT a (b)><!-- > --><?x ?>]><a></a>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, _, err := decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		b, err = io.ReadAll(text)
		if err != nil || bytes.Contains(b, []byte("<!DOCTYPE")) {
			return // encoding/xml does not look into a document type
		}
		got, err := events(bytes.NewReader(b))
		if err != nil {
			return // being stricter is fine
		}
		slow, err := events(iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil || slow != got {
			t.Fatalf("byte by byte: got %q, %v, want %q", slow, err, got)
		}
		want, err := referenceEvents(bytes.NewReader(oldVersion(b)))
		if err != nil {
			if beyondEncodingXML(got) {
				return
			}
			t.Fatalf("accepted, but encoding/xml says %v", err)
		}
		odd := strings.Contains(got, `start "?" `)
		if g, w := levelled(got, odd), levelled(want, odd); g != w {
			t.Errorf("got\n%s\nwant\n%s", g, w)
		}
	})
}

// oldVersion makes an XML declaration's version 1.0: encoding/xml refuses others.
func oldVersion(b []byte) []byte {
	if !isDeclaration(b) {
		return b
	}
	end := bytes.Index(b, []byte("?>"))
	version, _, _ := parseDeclaration(b[5:end])
	head := bytes.Replace(b[:end], []byte(version), []byte("1.0"), 1)
	return append(bytes.Clone(head), b[end:]...)
}

// beyondEncodingXML reports whether a document has names beyond ASCII, of which
// encoding/xml knows those of an older edition only.
func beyondEncodingXML(events string) bool {
	for line := range strings.Lines(events) {
		name, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "text ") {
			continue
		}
		for _, c := range []byte(name) {
			if c >= 0x80 {
				return true
			}
		}
	}
	return false
}

func TestScanner(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"self-closing", `<a><b/></a>`, `start "" a; start "" b; end; end; `},
		{"namespaces", `<p:a xmlns:p="u"><b xmlns="v"><p:c/></b><d/></p:a>`,
			`start "u" a; attr xmlns:p="u"; start "v" b; attr xmlns="v"; start "u" c; end; end; start "" d; end; end; `},
		{"undeclared default", `<a xmlns="u"><b xmlns=""/></a>`, `start "u" a; attr xmlns="u"; start "" b; attr xmlns=""; end; end; `},
		{"undeclared prefix", `<p:a/>`, `start "?" a; end; `},
		{"references", `<a b="&lt;&#10;&quot;">&amp;&#x20AC;&apos;&gt;</a>`, `start "" a; attr b="< \""; text "&€'>"; end; `},
		{"line ends", "<a>1\r\n2\r3\n4<![CDATA[\r\n]]></a>", `start "" a; text "1\n2\n3\n4\n"; end; `},
		{"greater in a value", `<a b=">"/>`, `start "" a; attr b=">"; end; `},
		{"comment in a text", `<a>b<!-- < & --><?c d?>e</a>`, `start "" a; text "be"; end; `},
		{"document type", "<!DOCTYPE a SYSTEM \"x>.dtd\" [ <!ELEMENT a ANY> <!-- <!ENTITY --> ]>\n<a/>", `start "" a; end; `},
		{"XML 1.1", `<?xml version="1.1"?><a/>`, `start "" a; end; `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, err := events(r)
				if got = strings.ReplaceAll(got, "\n", "; "); err != nil || got != tt.want {
					t.Errorf("got %s, %v, want %s", got, err, tt.want)
				}
			}
		})
	}
}

func TestScannerRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "x", "<", "<a", "<a>", "<a b", "<a b=", "<a b='", "<a/", "</a>", "<a></b>", "<a></a></a>",
		"<a/><b/>", "<a/>x", "x<a/>", "<a/><![CDATA[]]>", "<a>]]></a>", "<a>&</a>", "<a>&b;</a>", "<a>&#0;</a>",
		"<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#;</a>", "<a>&lt</a>", "<a>\x01</a>", "<a>\xff</a>", "<a>\xef\xbf\xbf</a>",
		`<a b="<"/>`, `<a b="1"c="2"/>`, `<a b="1" b="2"/>`, `<a b=1/>`, "<a b/>", "<1/>", "<a:/>", "<:a/>", "<a:b:c/>",
		`<a xmlns:p=""/>`, "<a><!-- -- --></a>", "<a><!-- ---></a>", "<a><!- x -></a>", "<a><!--x</a>", "<a><?x</a>", "<a><??></a>",
		"<a><![CDATA[x]]</a>", " <?xml version='1.0'?><a/>", "<a><?xml version='1.0'?></a>", "<?xml?><a/>", "<?XML version='1.0'?><a/>",
		"<?xml version='2.0'?><a/>", "<?xml encoding='UTF-8' version='1.0'?><a/>", "<?xml version='1.0' x='y'?><a/>",
		"<a/><!DOCTYPE a>", "<!DOCTYPE a><!DOCTYPE a><a/>", "<!DOCTYPE a [<!X>]><a/>", "<!DOCTYPE a", "<a b='&'/>", "< a/>", "<a / >",
	} {
		_, err := events(strings.NewReader(in))
		var known *Error
		if !errors.As(err, &known) || known.Unsafe {
			t.Errorf("%q: got %v, want malformed", in, err)
		}
	}
}

func TestScannerPassesReadErrorsOn(t *testing.T) {
	want := errors.New("bad sector")
	_, err := events(io.MultiReader(strings.NewReader("<a>x"), iotest.ErrReader(want)))
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// fragments are put together at random: most of what comes out is nearly XML.
var fragments = []string{
	"<a>", "</a>", "<b>", "</b>", "<a/>", "<p:a>", "</p:a>", "<a ", "/>", ">", "<", "</", " x='1'", ` y="&lt;"`, ` xmlns="u"`,
	` xmlns:p="v"`, ` xmlns=""`, "=", "'", `"`, "&amp;", "&#65;", "&#x1F3A5;", "&", ";", "<!--", "-->", "--", "<![CDATA[", "]]>", "]",
	"<?pi", "?>", "<?xml version='1.0'?>", " ", "\n", "\r\n", "\t", "text", "é", "\xff", "\x00", "\u2028", "é", ":", "p:", "<é>", "</é>", "-", "!",
}

func TestScannerAgreesWithEncodingXML(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 60_000 {
		var b strings.Builder
		b.WriteString("<a>")
		for range random.IntN(8) {
			b.WriteString(fragments[random.IntN(len(fragments))])
		}
		b.WriteString("</a>")
		got, err := events(strings.NewReader(b.String()))
		if err != nil {
			continue
		}
		accepted++
		want, err := referenceEvents(strings.NewReader(b.String()))
		odd := strings.Contains(got, `start "?" `)
		if err != nil || levelled(got, odd) != levelled(want, odd) {
			t.Fatalf("%q: got %q, want %q, %v", b.String(), got, want, err)
		}
	}
	if accepted < 2_000 {
		t.Errorf("only %d documents were accepted: the test shows little", accepted)
	}
}
