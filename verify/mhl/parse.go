package mhl

import (
	"fmt"
	"io"
	"strings"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/finding"
	"footagefs/verify/mhl/xml"
)

// Namespaces of ASC MHL 2.0: of manifests, and of chains.
const (
	ascSpace   = "urn:ASC:MHL:v2.0"
	chainSpace = "urn:ASC:MHL:DIRECTORY:v2.0"
)

// legacySpaces begin the namespace that a few tools give MHL 1.x, which has none.
var legacySpaces = [...]string{"http://www.mediahashlist.org", "http://mediahashlist.org"}

// Parse reads one manifest of either family to its end; which one it is says its root
// element. Errors of type *Error say what is wrong with the manifest, others are those
// of r. There is no manifest beside an error: what was read before it does not count.
func Parse(r io.Reader) (*Manifest, error) {
	in := &intake{r: r, hash: checksum.New(checksum.C4)}
	p := &parser{m: &Manifest{}}
	err := p.run(in, (*parser).manifest)
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, in.failure(err, p.m.Format)
	}
	p.m.Digest = in.digest()
	return p.m, nil
}

// parser builds what a document says from its tokens. Elements of other namespaces than
// its own are foreign: they are passed over with all that is in them, and so are unknown
// ones.
type parser struct {
	*xml.Scanner
	m     *Manifest
	chain []chainEntry
	own   string // the namespace whose elements count

	value []byte // text put together by content
	name  []byte // of an element that is not known
	kept  int    // bytes of memory that the entries take

	entry     Entry
	located   bool // the entry has a path
	sized     bool // and a size element
	hashes    []Hash
	sums      []checksum.Sum
	unknown   []string
	reference Reference
	started   time.Time // in MHL 1.x, which need not say when it was created
	finished  time.Time
	homemade  bool // elements were met that look like a list of another kind
	entries   slabs[Entry]
	hashSlab  slab[Hash]
	nameSlab  slab[string]
	textArena arena
}

// run parses one document with what its root element is for.
func (p *parser) run(r io.Reader, root func(*parser) error) error {
	var err error
	if p.Scanner, err = xml.NewScanner(r); err != nil {
		return err
	}
	if _, err := p.Next(); err != nil { // the start of the root, or an error
		return err
	}
	if err := root(p); err != nil {
		return err
	}
	_, err = p.Next() // the end, or an error
	return err
}

// manifest takes the root element of a manifest.
func (p *parser) manifest() error {
	if string(p.Local) != "hashlist" {
		return p.Malformed("its root element is %.40q, not \"hashlist\"", p.Local)
	}
	version := string(xml.Trim(p.Attr("version")))
	p.own = p.Space
	child := (*parser).legacyChild
	switch {
	case p.Space == ascSpace && (version == "2.0" || version == ""):
		p.m.Format, child = ASC, (*parser).ascChild
	case isLegacySpace(p.Space) && isLegacyVersion(version):
		p.m.Format = Legacy
	default:
		return &Error{Code: finding.ManifestVersion, Msg: fmt.Sprintf("version %.20q with the namespace %.60q is not known", version, p.Space)}
	}
	return p.each(child)
}

func isLegacySpace(space string) bool {
	for _, prefix := range legacySpaces {
		if strings.HasPrefix(space, prefix) {
			return true
		}
	}
	return space == ""
}

// isLegacyVersion reports whether a version is 0.x to 1.1, or left out.
func isLegacyVersion(v string) bool {
	switch v {
	case "", "1", "1.0", "1.1":
		return true
	}
	minor, ok := strings.CutPrefix(v, "0.")
	return ok && strings.Trim(minor, "0123456789") == ""
}

// finish judges and completes the manifest once the document has ended.
func (p *parser) finish() error {
	p.m.Entries = p.entries.all()
	if len(p.m.Entries) > 0 || len(p.m.References) > 0 {
		p.completeCreated()
		return nil
	}
	if p.homemade {
		return p.Malformed("it is a list of another kind, not an MHL")
	}
	return &Error{Code: finding.ManifestEmpty, Msg: "it lists nothing"}
}

// each calls take for every child of the element that has just begun, until it ends.
// take must consume the child to its end.
func (p *parser) each(take func(*parser) error) error {
	for {
		found, err := p.Next()
		switch {
		case err != nil:
			return err
		case found == xml.End:
			return nil
		case found != xml.Start:
		case p.Space != p.own:
			err = p.skip()
		default:
			err = take(p)
		}
		if err != nil {
			return err
		}
	}
}

// skip passes over the element that has just begun.
func (p *parser) skip() error {
	for depth := p.Depth() - 1; p.Depth() > depth; {
		if _, err := p.Next(); err != nil {
			return err
		}
	}
	return nil
}

// content is the text of the element that has just begun, without that of elements in
// it. It is good until the next call.
func (p *parser) content() ([]byte, error) {
	text, _, err := p.contentOf()
	return text, err
}

// contentOf is content, and whether there were elements in it.
func (p *parser) contentOf() (text []byte, mixed bool, err error) {
	p.value = p.value[:0]
	for {
		found, err := p.Next()
		switch {
		case err != nil:
			return nil, false, err
		case found == xml.End:
			return p.value, mixed, nil
		case found == xml.Text:
			if len(p.value)+len(p.Text) > xml.MaxToken {
				return nil, false, p.TooLarge()
			}
			p.value = append(p.value, p.Text...)
		default:
			mixed = true
			if err := p.skip(); err != nil {
				return nil, false, err
			}
		}
	}
}

// path takes the path that the element that has just begun holds, as listed.
func (p *parser) path() (string, error) {
	b, err := p.content()
	if err != nil {
		return "", err
	}
	if len(b) > maxPath {
		return "", unsafeInput("line %d: a path is longer than %d KB", p.Line(), maxPath>>10)
	}
	return p.textArena.keep(b), p.charge(len(b))
}

// place takes the one path of an entry.
func (p *parser) place() error {
	if p.located {
		return p.Malformed("an entry has two paths")
	}
	path, err := p.path()
	if err != nil {
		return err
	}
	if path == "" {
		return p.Malformed("an entry's path is empty")
	}
	p.entry.Path, p.located = path, true
	return nil
}

// begin makes ready for an entry.
func (p *parser) begin() {
	p.entry = Entry{Size: -1}
	p.located, p.sized = false, false
	p.hashes, p.sums, p.unknown = p.hashes[:0], p.sums[:0], p.unknown[:0]
}

// endEntry keeps the entry that was read.
func (p *parser) endEntry() error {
	if !p.located {
		return p.Malformed("an entry has no path")
	}
	p.entry.Hashes = p.hashSlab.keep(p.hashes)
	p.entry.Unknown = p.nameSlab.keep(p.unknown)
	if err := p.charge(entryCost); err != nil {
		return err
	}
	if p.entries.n == maxEntries {
		return unsafeInput("it lists more than %d files", maxEntries)
	}
	p.entries.add(p.entry)
	return nil
}

// charge counts memory that the manifest takes against its limit.
func (p *parser) charge(n int) error {
	p.kept += n
	if p.kept > maxKept {
		return unsafeInput("it takes more than %d MB of memory", maxKept>>20)
	}
	return nil
}

// addHash takes a hash element of an entry. Text that is no digest of its algorithm is
// nothing that bytes could be compared with, like an element that is not known.
func (p *parser) addHash(h Hash, e hashElement) error {
	sum, ok, err := p.sum(e)
	if err != nil {
		return err
	}
	if !ok {
		return p.nameUnknown(e.name)
	}
	h.Sum = sum
	h.Swapped = e.swapped
	p.hashes = append(p.hashes, h)
	return p.charge(hashCost + len(sum.Digest))
}

// sum takes the checksum that the element that has just begun holds; ok is false where its
// text is none.
func (p *parser) sum(e hashElement) (sum checksum.Sum, ok bool, err error) {
	text, err := p.content()
	if text = xml.Trim(text); err != nil || len(text) > len(c4Max) {
		return checksum.Sum{}, false, err
	}
	sum, ok = e.sum(p.textArena.keep(text))
	return sum, ok, nil
}

// addUnknown takes an element of an entry that is not known. It is named in the entry
// where it seems to be a hash.
func (p *parser) addUnknown() error {
	p.name = append(p.name[:0], p.Local...)
	text, mixed, err := p.contentOf()
	if err != nil || mixed || !seemsDigest(xml.Trim(text)) {
		return err
	}
	return p.nameUnknown(p.textArena.keep(p.name))
}

// nameUnknown notes an element that nothing can be compared with. It is charged as a hash,
// lest a manifest of nothing else takes long to refuse.
func (p *parser) nameUnknown(name string) error {
	p.unknown = append(p.unknown, name)
	return p.charge(hashCost + len(name))
}

func seemsDigest(b []byte) bool {
	for _, c := range b {
		if !xml.IsNameChar(c) && c != '+' && c != '/' && c != '=' {
			return false
		}
	}
	return len(b) >= 8
}
