package mhl

import (
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// tree is a drive to be: the contents of its files by path, folders end in "/", links
// begin with "-> ".
type tree map[string]string

// open lays the tree out and opens it as a drive.
func (tr tree) open(t *testing.T) *drive.Drive {
	t.Helper()
	dir := t.TempDir()
	for p, content := range tr {
		full := filepath.Join(dir, p)
		if strings.HasSuffix(p, "/") {
			mustDo(t, os.MkdirAll(full, 0o755))
			continue
		}
		mustDo(t, os.MkdirAll(filepath.Dir(full), 0o755))
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			mustDo(t, os.Symlink(target, full))
			continue
		}
		mustDo(t, os.WriteFile(full, []byte(content), 0o644))
	}
	d, err := drive.Open(dir)
	mustDo(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// walked is what a walk of a roll finds.
func walked(t *testing.T, d *drive.Drive, roll string) []File {
	t.Helper()
	prefix := roll + "/"
	if roll == "." {
		prefix = ""
	}
	var files []File
	err := d.Walk(t.Context(), roll, func(p string, info drive.Info, err error) error {
		mustDo(t, err)
		if p != roll && info.Kind != drive.Folder {
			files = append(files, File{Path: strings.TrimPrefix(p, prefix), Kind: info.Kind, Size: info.Size})
		}
		return nil
	})
	mustDo(t, err)
	return files
}

// loader parses without remembering, and notes what was opened.
type loader struct {
	d      *drive.Drive
	opened []string
	fail   map[string]error // answered instead
}

func (l *loader) load(p string) (*Manifest, error) {
	l.opened = append(l.opened, p)
	if err := l.fail[p]; err != nil {
		return nil, err
	}
	return ReadManifest(l.d, p)
}

// read reads the sources of a roll and spells them, and the findings.
func read(t *testing.T, tr tree, roll string) (sources, findings string) {
	t.Helper()
	d := tr.open(t)
	l := &loader{d: d}
	s, f, err := ReadSources(d, roll, walked(t, d, roll), l.load)
	mustDo(t, err)
	return spellSources(s), spellFindings(f)
}

// spellSources spells each source: place, scope, format, trust, generations, [nested].
func spellSources(sources []*Source) string {
	var all []string
	for _, s := range sources {
		text := fmt.Sprintf("%s in %s", s.Path, s.Scope)
		if s.Outside {
			text += " outside"
		}
		if s.Below {
			text += " below"
		}
		if s.Format != "" {
			text += " " + string(s.Format)
		}
		if !s.Trusted {
			text += " untrusted:" + s.Reason
		}
		for _, g := range s.Manifests {
			text += fmt.Sprintf(" %d:%d", g.Number, len(g.Entries))
		}
		if len(s.Nested) > 0 {
			text += " [" + spellSources(s.Nested) + "]"
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func spellFindings(findings []Finding) string {
	var all []string
	for _, f := range findings {
		text := string(f.Code) + " " + f.Path
		if f.Outside {
			text += " outside"
		}
		if f.What == "" || f.Do == "" || strings.Contains(f.What, "\n") {
			text += " with the message " + f.Message(f.Path)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// chainOf is the chain of manifests with these contents, by name, in order.
func chainOf(manifests ...[2]string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">`)
	for i, m := range manifests {
		b.WriteString(chained(fmt.Sprint(i+1), m[0], "c4", c4Of(m[1])))
	}
	b.WriteString("</ascmhldirectory>")
	return b.String()
}

func chained(number, name, element, digest string) string {
	return fmt.Sprintf(`<hashlist sequencenr="%s"><path>%s</path><%s>%s</%s></hashlist>`, number, name, element, digest, element)
}

func chainWith(entries ...string) string {
	return `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">` + strings.Join(entries, "") + `</ascmhldirectory>`
}

// historyAt adds a history of generations with these contents to the tree.
func (tr tree) historyAt(scope string, generations ...string) tree {
	var list [][2]string
	for i, content := range generations {
		name := fmt.Sprintf("%04d_R_2020-01-1%d_091500Z.mhl", i+1, i)
		list = append(list, [2]string{name, content})
		tr[path.Join(scope, "ascmhl", name)] = content
	}
	tr[path.Join(scope, "ascmhl/ascmhl_chain.xml")] = chainOf(list...)
	return tr
}

// md5Of is for chains that use what they should not.
func md5Of(s string) string { return checksum.Of([]byte(s), checksum.MD5).Digest }

// drivePathError is what a drive answers for a bad sector.
var drivePathError = iofs.PathError{Op: "read", Path: "x", Err: syscall.EIO}
