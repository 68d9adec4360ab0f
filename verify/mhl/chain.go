package mhl

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl/xml"
)

// Names in the folder of an ASC MHL history.
const (
	historyFolder = "ascmhl"
	chainName     = "ascmhl_chain.xml"
	readmeName    = "README.txt"
)

// chainEntry is one generation as a chain lists it.
type chainEntry struct {
	number int            // sequencenr, 0 where there is no usable one
	path   string         // as listed
	sums   []checksum.Sum // of the manifest's bytes
}

// parseChain reads the table of contents of an ASC MHL history to its end. Errors are
// those of Parse.
func parseChain(r io.Reader) ([]chainEntry, error) {
	in := &intake{r: r, hash: checksum.New(checksum.C4)}
	p := &parser{m: &Manifest{}}
	if err := p.run(in, (*parser).directory); err != nil {
		return nil, in.failure(err, ASC)
	}
	return p.chain, nil
}

// directory takes the root element of a chain.
func (p *parser) directory() error {
	if string(p.Local) != "ascmhldirectory" || p.Space != chainSpace {
		return p.Malformed("its root element is %.40q of the namespace %.60q, not that of a chain", p.Local, p.Space)
	}
	p.own = p.Space
	return p.each((*parser).chained)
}

func (p *parser) chained() error {
	if string(p.Local) != "hashlist" {
		return p.skip()
	}
	if len(p.chain) == maxChain {
		return unsafeInput("it lists more than %d generations", maxChain)
	}
	number := xml.Trim(p.Attr("sequencenr"))
	p.begin()
	n, err := strconv.ParseInt(string(number), 10, 31)
	if err != nil || n < 0 {
		n = 0
	}
	if err := p.each((*parser).chainedField); err != nil {
		return err
	}
	if !p.located {
		return p.Malformed("a generation has no path")
	}
	p.chain = append(p.chain, chainEntry{int(n), p.entry.Path, slices.Clone(p.sums)})
	return nil
}

func (p *parser) chainedField() error {
	if string(p.Local) == "path" {
		return p.place()
	}
	return p.ascSum()
}

// orderChain sorts a chain by number. Numbers begin at 1, and neither they nor manifests
// repeat.
func orderChain(chain []chainEntry) error {
	slices.SortStableFunc(chain, func(a, b chainEntry) int { return cmp.Compare(a.number, b.number) })
	seen := make(map[string]bool, len(chain))
	for i, e := range chain {
		if e.number != i+1 {
			return fmt.Errorf("its numbers are not 1 to %d without gap or repeat", len(chain))
		}
		if seen[e.path] {
			return fmt.Errorf("it lists %q twice", e.path)
		}
		seen[e.path] = true
	}
	if len(chain) == 0 {
		return fmt.Errorf("it lists nothing")
	}
	return nil
}

// chainedName is the path, in the history's folder, of a manifest that a chain lists; ok
// is false where it leads out.
func chainedName(listed string) (name string, ok bool) {
	name = strings.ReplaceAll(strings.Trim(listed, " \t\r\n"), "\\", "/")
	drive := len(name) > 1 && name[1] == ':'
	if drive || path.IsAbs(name) || strings.Contains(name, "://") || strings.Contains(name, "\x00") {
		return "", false
	}
	name = path.Clean(name)
	return name, name != "." && name != ".." && !strings.HasPrefix(name, "../")
}

// isManifestName reports whether a name in a folder is a manifest's: twins that macOS
// leaves on foreign file systems ("._name") are none.
func isManifestName(name string) bool {
	return len(name) > 4 && strings.EqualFold(name[len(name)-4:], ".mhl") && !strings.HasPrefix(name, "._")
}

// generationOf is the number that a manifest's name in a history begins with, 0 without.
func generationOf(name string) int {
	digits := len(name) - len(strings.TrimLeft(name, "0123456789"))
	n, err := strconv.ParseInt(name[:digits], 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
