package mhl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

func TestFolderHash(t *testing.T) {
	t.Run("R61 R62 the vectors", func(t *testing.T) {
		a, root := NewFolderHash(checksum.XXH64), NewFolderHash(checksum.XXH64)
		mustDo(t, a.AddFile("A1.txt", checksum.Of([]byte("A1\n"), checksum.XXH64).Digest))
		sums := a.Sums()
		if c, s := sums.Content.Digest, sums.Structure.Digest; c != "d3904ee76bba3d2a" || s != "3fbe33b2924e26aa" {
			t.Errorf("A: got %s, %s", c, s)
		}
		mustDo(t, root.AddFolder("A", sums))
		mustDo(t, root.AddFile("Stuff.txt", checksum.Of([]byte("stuff\n"), checksum.XXH64).Digest))
		sums = root.Sums()
		if c, s := sums.Content.Digest, sums.Structure.Digest; c != "ca56d22f064fdf1b" || s != "2ccca3899111eabb" {
			t.Errorf("root: got %s, %s", c, s)
		}
	})
	t.Run("R63 an empty folder is the hash of nothing", func(t *testing.T) {
		for _, a := range packAlgorithms {
			sums := NewFolderHash(a).Sums()
			if want := checksum.Of(nil, a); sums.Content != want || sums.Structure != want {
				t.Errorf("%s: got %v, want %v", a, sums, want)
			}
		}
	})
	if err := NewFolderHash(checksum.MD5).AddFile("a", "no digest"); err == nil || !strings.Contains(err.Error(), "adding a") {
		t.Errorf("got %v, want that there is no digest", err)
	}
}

// contentTree has contents by path, folders end in a slash; it is what folder hashes are
// computed of in these tests, by another way than the checker's.
type contentTree map[string]string

func (ct contentTree) files() string {
	var all []string
	for p := range ct {
		all = append(all, p)
	}
	return strings.Join(all, ",")
}

func (ct contentTree) got(p string, a checksum.Algorithm) (string, bool) {
	content, ok := ct[p]
	return checksum.Of([]byte(content), a).Digest, ok && content != "unread"
}

// sums are the directory hashes of a folder, "" is the root.
func (ct contentTree) sums(t *testing.T, folder string, a checksum.Algorithm) FolderSums {
	t.Helper()
	h, done := NewFolderHash(a), map[string]bool{}
	for p, content := range ct {
		in, ok := strings.CutPrefix(p, folder)
		name, rest, below := strings.Cut(in, "/")
		switch {
		case !ok || in == "" || done[name]:
		case below:
			done[name] = true
			mustDo(t, h.AddFolder(name, ct.sums(t, folder+name+"/", a)))
		case rest == "":
			mustDo(t, h.AddFile(name, checksum.Of([]byte(content), a).Digest))
		}
	}
	return h.Sums()
}

// seal is a generation that lists the tree with directory hashes.
func (ct contentTree) seal(t *testing.T, algorithms ...checksum.Algorithm) *Manifest {
	t.Helper()
	m := &Manifest{Format: ASC, Created: time.Date(2023, 5, 10, 0, 0, 0, 0, time.UTC)}
	folders := map[string]bool{}
	for p, content := range ct {
		for dir := p; dir != ""; {
			dir, _ = splitPath(dir)
			folders[dir] = true
		}
		if strings.HasSuffix(p, "/") {
			continue
		}
		e := Entry{Path: p, Size: -1}
		for _, a := range algorithms {
			e.Hashes = append(e.Hashes, Hash{Sum: checksum.Of([]byte(content), a), Action: Original})
		}
		m.Entries = append(m.Entries, e)
	}
	for folder := range folders {
		e := Entry{Path: folder, Folder: true, Size: -1}
		for _, a := range algorithms {
			sums := ct.sums(t, strings.TrimPrefix(folder+"/", "/"), a)
			e.Content, e.Structure = append(e.Content, sums.Content), append(e.Structure, sums.Structure)
		}
		if folder == "" {
			m.Content, m.Structure = e.Content, e.Structure
		} else {
			m.Entries = append(m.Entries, e)
		}
	}
	return m
}

func (ct contentTree) with(changes ...string) contentTree {
	next := contentTree{}
	for p, content := range ct {
		next[p] = content
	}
	for i := 0; i < len(changes); i += 2 {
		if next[changes[i]] = changes[i+1]; changes[i+1] == "gone" {
			delete(next, changes[i])
		}
	}
	return next
}

func historyOf(scope string, manifests ...*Manifest) *Source {
	s := chainedSource(scope, make([][]string, len(manifests))...)
	for i, m := range manifests {
		s.Manifests[i].Manifest = m
	}
	return s
}

func TestCheckFolders(t *testing.T) {
	sealed := contentTree{"a": "1", "c/x": "2", "c/y": "3", "c/d/z": "4", "e/": ""}
	seal := func(ct contentTree) *Manifest { return ct.seal(t, checksum.XXH64) }
	ignoring := func(m *Manifest, patterns ...string) *Manifest {
		m.Ignore = patterns
		return m
	}
	later := func(lines ...string) *Manifest { return lists(ASC, lines...) }
	wrong := func(m *Manifest, folder string, recorded string) *Manifest {
		for i := range m.Entries {
			if e := &m.Entries[i]; e.Path == folder {
				e.Content = []checksum.Sum{{Algorithm: checksum.XXH64, Digest: recorded}}
			}
		}
		return m
	}
	unhashed := func(m *Manifest) *Manifest {
		for i := range m.Entries {
			m.Entries[i].Content, m.Entries[i].Structure = nil, nil
		}
		m.Content, m.Structure = nil, nil
		return m
	}
	tests := []struct {
		name    string
		now     contentTree
		history *Source
		want    string // folders with a finding
	}{
		{"unchanged", sealed, historyOf(".", seal(sealed)), ""},
		{"every algorithm", sealed, historyOf(".", sealed.seal(t, packAlgorithms[:]...)), ""},
		{"bytes that changed", sealed.with("c/d/z", "5"), historyOf(".", seal(sealed)), ". c c/d"},
		{"a name that changed, though both are listed", sealed.with("c/x", "gone", "c/q", "2"), historyOf(".", seal(sealed), later("c|folder")), ". c"},
		{"something that was added", sealed.with("c/new", "unread"), historyOf(".", seal(sealed)), ". c"},
		{"something that was added, and is ignored", sealed.with("c/new.tmp", "unread", "c/.DS_Store", "q", "c/._x", "q", ".DS_Store/", "", "._l/a", "q"), historyOf(".", ignoring(seal(sealed), "*.tmp")), ""},
		{"something is missing", sealed.with("c/x", "gone"), historyOf(".", seal(sealed)), ". c"},
		{"an empty folder is gone", sealed.with("e/", "gone"), historyOf(".", seal(sealed)), ". e"},
		{"an empty folder came", sealed.with("c/f/", ""), historyOf(".", seal(sealed)), ". c"},
		{"not everything was read yet", sealed.with("c/x", "unread"), historyOf(".", wrong(wrong(seal(sealed), "c", "0000000000000000"), "e", "0000000000000000")), "e"},
		{"D25 only content is recorded, wrongly", sealed, historyOf(".", wrong(seal(sealed), "c/d", "0000000000000000")), "c/d"},
		{"D26 nothing is recorded of folders but that they are", sealed.with("e/", "gone", "c/x", "9"), historyOf(".", unhashed(seal(sealed))), "e"},
		{"D30 a trailing slash", sealed.with("c/x", "9"), historyOf(".", wrong(later("c/|folder"), "c/", "0000000000000000")), "c"},
		{"the newest that is recorded counts", sealed.with("c/x", "9"), historyOf(".", seal(sealed), seal(sealed.with("c/x", "9")), unhashed(seal(sealed))), ""},
		{"a later generation lists a new path", sealed.with("c/d/new", "9"), historyOf(".", seal(sealed), later("c/d/new|xxh64:1")), ""},
		{"a later generation renames", sealed.with("c/x", "gone", "c/r", "2"), historyOf(".", seal(sealed), later("c/r|from:c/x|xxh64:1")), ""},
		{"beside it nothing is forgiven", sealed.with("c/d/new", "9", "e/", "gone"), historyOf(".", seal(sealed), later("c/d/new|xxh64:1")), "e"},
		{"a folder that was renamed", sealed.with("e/", "gone", "f/", ""), historyOf(".", seal(sealed), later("f|from:e|folder")), ""},
		{"a history that is not trusted", sealed.with("c/x", "9"), historyOf(".", seal(sealed)).distrusted(reasonChain), ""},
		{"in a sub-folder", contentTree{"n/a": "1", "n/c/x": "9", "n/c/y": "3", "n/c/d/z": "4", "n/e/": ""}, historyOf("n", seal(sealed)).within("n"), "n n/c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := filesOf(tt.now.files())
			sources := []*Source{tt.history}
			var got []string
			for _, f := range CheckFolders(Compare("A001", files, sources, testOptions), files, sources, tt.now.got) {
				if got = append(got, f.Path); f.Code != finding.DirectoryHash || !strings.Contains(f.What, "ascmhl/") || f.Do == "" {
					t.Errorf("got %v", f)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got findings of %v, want %s", got, tt.want)
			}
		})
	}
}

func TestCheckFoldersOfNestedHistories(t *testing.T) {
	inner := contentTree{"x": "1"}
	outer := contentTree{"a": "2", "n/x": "1"}
	nested := historyOf("n", inner.seal(t, checksum.MD5))
	nested.Manifests[0].Digest = "c41"
	parent := outer.seal(t, checksum.MD5)
	parent.References = []Reference{{Path: "n/ascmhl/1.mhl", C4: "c41"}}
	grown := historyOf("n", nested.Manifests[0].Manifest, lists(ASC, "new|md5:1"))
	tests := []struct {
		name   string
		now    contentTree
		nested *Source
		want   string
	}{
		{"R48 unchanged", outer, nested, ""},
		{"changed", outer.with("n/x", "3"), nested, ". n"},
		{"R49 one that grew since it was referred to", outer.with("n/new", "3"), grown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources := []*Source{historyOf(".", parent).with(tt.nested)}
			files := filesOf(tt.now.files())
			var got []string
			for _, f := range CheckFolders(Compare("A001", files, sources, testOptions), files, sources, tt.now.got) {
				got = append(got, f.Path)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got findings of %v, want %s", got, tt.want)
			}
		})
	}
}

// The histories that the reference tool wrote agree, file by file and folder by folder.
func TestSamplesOfTheReferenceTool(t *testing.T) {
	rolls, _ := filepath.Glob("../../../shared/mhl-samples/ascmhl/scenario_0*/*/A002R2EC")
	if len(rolls) == 0 {
		t.Skip("no samples")
	}
	for _, roll := range rolls {
		d, err := drive.Open(roll)
		mustDo(t, err)
		defer d.Close()
		files := walked(t, d, ".")
		sources, findings, err := ReadSources(d, ".", files, (&loader{d: d}).load)
		mustDo(t, err)
		c := Compare("A002R2EC", files, sources, testOptions)
		got := func(p string, a checksum.Algorithm) (string, bool) {
			content, err := os.ReadFile(filepath.Join(roll, p))
			return checksum.Of(content, a).Digest, err == nil
		}
		findings = append(append(findings, c.Findings...), CheckFolders(c, files, sources, got)...)
		for _, f := range findings {
			t.Errorf("%s: %s: %s", roll, f.Path, f.What)
		}
		listed := 0
		for i := range c.Items {
			it := &c.Items[i]
			if it.Kind != Listed {
				continue
			}
			for _, r := range it.Records {
				listed++
				if digest, _ := got(it.Path, r.Algorithm); digest != r.Digest {
					t.Errorf("%s: %s: got %s, want %s", roll, it.Path, digest, r.Digest)
				}
			}
		}
		if listed == 0 {
			t.Errorf("%s: nothing is listed: %s", roll, spellItems(c))
		}
		// The check can fail.
		wrong := func(p string, a checksum.Algorithm) (string, bool) { return checksum.Of(nil, a).Digest, true }
		if found := CheckFolders(c, files, sources, wrong); len(found) != 2 {
			t.Errorf("%s: got %v of wrong bytes, want both folders", roll, found)
		}
	}
}

func BenchmarkCheckFolders(b *testing.B) {
	files, sources := large(100_000, 1, func(p string) string { return p })
	m := sources[0].Manifests[0].Manifest
	for i := range 100 {
		m.Entries = append(m.Entries, Entry{Path: files[i*1000].Path[:20], Folder: true, Content: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "00"}}})
	}
	c := Compare("A001", files, sources, testOptions)
	got := func(string, checksum.Algorithm) (string, bool) { return "0123456789abcdef", true }
	b.ReportAllocs()
	for b.Loop() {
		CheckFolders(c, files, sources, got)
	}
}
