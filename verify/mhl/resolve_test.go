package mhl

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

func TestResolve(t *testing.T) {
	const nfc, nfd = "\u00e9", "e\u0301"
	tests := []struct {
		name, files string
		listed      []string
		items       string
	}{
		{"exact bytes", "a b,A B", []string{"a b"}, "A B unlisted; a b listed"},
		{"exact with blanks around", " a ,a", []string{" a "}, " a  listed; a unlisted"},
		{"white space around", "a b", []string{"\n\t a b \r\n"}, "a b listed"},
		{"composed on the drive", nfc + "/" + nfc, []string{nfd + "/" + nfd}, nfc + "/" + nfc + " listed"},
		{"decomposed on the drive", nfd + "/x", []string{nfc + "/x"}, nfd + "/x listed"},
		{"forms mixed in one path", nfc + "/" + nfd, []string{nfd + "/" + nfc}, nfc + "/" + nfd + " listed"},
		{"twins are who they are", nfc + "," + nfd, []string{nfc, nfd}, nfd + " listed; " + nfc + " listed"},
		{"one twin does not stand for the other", nfc, []string{nfc, nfd}, nfd + " missing; " + nfc + " listed"},
		{"nor a file in a twin folder", nfc + "/x," + nfd + "/y", []string{nfc + "/y"}, nfd + "/y unlisted; " + nfc + "/x unlisted; " + nfc + "/y missing"},
		{"no telling which twin is meant", "\u1ec7," + "\u1eb9\u0302", []string{"e\u0323\u0302"}, "e\u0323\u0302 missing; \u1eb9\u0302 unlisted; \u1ec7 unlisted"},
		{"D20 backslashes", "Clips/a/b", []string{`Clips\a\b`}, "Clips/a/b listed"},
		{"a backslash that is part of the name", `a\b,a/b`, []string{`a\b`}, `a/b unlisted; a\b listed`},
		{"D9 a leading slash is the roll's root", "Clips/a", []string{"/Clips/a"}, "Clips/a listed"},
		{"and nothing outside of it", "a", []string{"/etc/hostname"}, "/etc/hostname missing; a unlisted"},
		{"dots that stay inside", "Clips/a,b,c,d", []string{"./Clips/./a", "Clips/../b", "Clips//../c", "x/y/../../d"}, "Clips/a listed; b listed; c listed; d listed"},
		{"D6 the roll's name before", "Clips/a", []string{"A001/Clips/a"}, "Clips/a listed"},
		{"D6 the roll's name with backslashes", "Clips/a", []string{`A001\Clips\a`}, "Clips/a listed"},
		{"the roll's name after a leading slash", "Clips/a", []string{"/Volumes/X/A001/Clips/a"}, "Clips/a listed"},
		{"the roll's name twice in an absolute path", "Clips/a", []string{"/A001/backup/A001/Clips/a"}, "Clips/a listed"},
		{"a folder that really has the roll's name", "A001/a,a", []string{"A001/a"}, "A001/a listed; a unlisted"},
		{"a file missing in a folder that really has the roll's name", "A001/b,a", []string{"A001/a"}, "A001/a missing; A001/b unlisted; a unlisted"},
		{"one file does not stand for two", "a", []string{"a", "A001/a"}, "A001/a missing; a listed"},
		{"D6 a shared folder that the roll does not have", "a,d/b", []string{"OLD/a", "OLD/d/b", "OLD/g"},
			"OLD/g missing; a listed (" + noteShared + "); d/b listed (" + noteShared + ")"},
		{"not shared by all", "a", []string{"OLD/a", "b"}, "OLD/a missing; a unlisted; b missing"},
		{"shared, and nothing is found without it", "a", []string{"OLD/b", "OLD/c"}, "OLD/b missing; OLD/c missing; a unlisted"},
		{"a shared folder that is there", "OLD/x,a", []string{"OLD/a"}, "OLD/a missing; OLD/x unlisted; a unlisted"},
		{"another letter case", "Clips/a.MOV", []string{"CLIPS/A.mov"}, "Clips/a.MOV listed (" + noteCase + ")"},
		{"another letter case, not unique", "a.MOV,A.mov", []string{"A.MOV"}, "A.MOV missing; A.mov unlisted; a.MOV unlisted"},
		{"another letter case of the roll's name", "a", []string{"a001/a", "q"}, "a listed (" + noteCase + "); q missing"},
		{"two cases of one name, one file", "a.mov", []string{"A.mov", "a.MOV"}, "A.mov missing; a.MOV missing; a.mov unlisted"},
		{"letter case beyond ASCII", "\u00c9TUDE", []string{"e\u0301tude"}, "\u00c9TUDE listed (" + noteCase + ")"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare("A001", filesOf(tt.files), []*Source{listingOf(tt.listed...)}, testOptions)
			want := strings.ReplaceAll(tt.items, " listed", " listed md5:1")
			want = strings.ReplaceAll(want, " missing", " missing md5:1")
			if got := spellItems(c); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if len(c.Findings) > 0 {
				t.Errorf("got %v", c.Findings)
			}
		})
	}
}

// listingOf is a legacy manifest at the roll's root of these paths, whatever is in them.
func listingOf(paths ...string) *Source {
	m := &Manifest{Format: Legacy}
	for _, p := range paths {
		e := Entry{Path: p, Size: -1}
		e.say("md5:1")
		m.Entries = append(m.Entries, e)
	}
	return &Source{Path: "x.mhl", Scope: ".", Format: Legacy, Trusted: true, Manifests: []Generation{{Path: "x.mhl", Manifest: m}}}
}

// escaping are paths that lead out of the roll, each in its own way.
var escaping = []string{
	"..", "../x", "x/../../y", `..\x`, `x\..\..\y`, "/../x", "/..", "C:/x", `C:\x`, "c:x", `\\server\share\x`, "//server/share/x", `/\server\x`,
	"file:///etc/hostname", "file:/etc/hostname", "http://host/x", `smb:\\host\x`, "  ../x", "a/\x00/b", "A001/../../x",
}

func TestResolveRefuses(t *testing.T) {
	for _, p := range escaping {
		t.Run("R2 "+p, func(t *testing.T) {
			c := Compare("A001", filesOf("a,x,y"), []*Source{listingOf(p, "a")}, testOptions)
			var got []string
			for i := range c.Items {
				if it := &c.Items[i]; it.Kind != Unlisted {
					got = append(got, it.Path+" "+kindNames[it.Kind]+" "+it.Reason)
				}
			}
			want := []string{p + " rejected path", "a listed "}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if len(c.Findings) != 1 || c.Findings[0].Code != finding.ManifestUnsafe || c.Findings[0].Path != "x.mhl" {
				t.Errorf("got %v", c.Findings)
			}
		})
	}
}

func TestManyRefusedAreOneFinding(t *testing.T) {
	c := Compare("A001", filesOf("a"), []*Source{listingOf(escaping...)}, testOptions)
	want := fmt.Sprintf(`x.mhl: %d of its entries lead out of the folder that it speaks of and are refused, the first is ".."; do not trust it, ask where it comes from`, len(escaping))
	if len(c.Findings) != 1 || c.Findings[0].Message(c.Findings[0].Path) != want {
		t.Errorf("got %v, want %s", c.Findings, want)
	}
}

// FuzzResolve sees that whatever is listed, what is found is one of the files.
func FuzzResolve(f *testing.F) {
	for _, p := range escaping {
		f.Add(p, "A001/a\nb", "b,Clips/a,l@,A001")
	}
	f.Add("\u00e9/A", "e\u0301/a", "e\u0301/A,\u00e9/a")
	f.Add("OLD/a", "OLD/b", "a,d/")
	f.Add("a//b", " a/b", "a/b,a")
	f.Fuzz(func(t *testing.T, first, others, list string) {
		files := slices.CompactFunc(filesOf(list), func(a, b File) bool { return a.Path == b.Path })
		files = slices.DeleteFunc(files, func(f File) bool { return path.Clean("/" + f.Path)[1:] != f.Path || f.Path == "" })
		there := map[string]drive.Kind{}
		for _, file := range files {
			there[file.Path] = file.Kind
		}
		paths := append([]string{first}, strings.Split(others, "\n")...)
		if len(paths) > 50 {
			return
		}
		asc := listingOf(paths...)
		asc.Path, asc.Scope, asc.Format = "d/ascmhl", "d", ASC
		for i := range asc.Manifests[0].Entries {
			e := &asc.Manifests[0].Entries[i]
			e.Previous = paths[(i+1)%len(paths)]
			if e.Folder = i%3 == 2; e.Folder {
				e.Content = []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "00"}}
			}
		}
		asc.Manifests = append(asc.Manifests, asc.Manifests[0])
		for _, sources := range [][]*Source{{listingOf(paths...)}, {listingOf(paths...), asc}, {listingOf(paths...).above("Day")}} {
			c := Compare("A001", files, sources, testOptions)
			checkItems(t, c, there)
			CheckFolders(c, files, sources, func(string, checksum.Algorithm) (string, bool) { return "00", len(first)%2 == 0 })
		}
	})
}

func checkItems(t *testing.T, c *Comparison, there map[string]drive.Kind) {
	t.Helper()
	for i := range c.Items {
		it := &c.Items[i]
		kind := there[it.Path]
		switch {
		case i > 0 && c.Items[i-1].Path >= it.Path:
			t.Errorf("%q is not after %q", it.Path, c.Items[i-1].Path)
		case it.Kind == 0:
			t.Errorf("%q has no kind", it.Path)
		case it.Kind == Missing || it.Kind == Rejected:
			if kind == drive.Regular {
				t.Errorf("%q is %s and there", it.Path, kindNames[it.Kind])
			}
		case kind != drive.Regular:
			t.Errorf("%q is %s and no file", it.Path, kindNames[it.Kind])
		}
	}
}

// large is a roll of frames with a history of generations that lists them.
func large(n, generations int, spell func(string) string) ([]File, []*Source) {
	files := make([]File, n)
	lines := make([]string, n)
	for i := range files {
		files[i] = File{Path: fmt.Sprintf("A001C%03d_230510_R1AB/A001C%03d.%07d.ari", i/1000, i/1000, i), Kind: drive.Regular, Size: 1}
		lines[i] = spell(files[i].Path) + fmt.Sprintf("|1|xxh64:%016x", i)
	}
	s := &Source{Path: "ascmhl", Scope: ".", Format: ASC, Trusted: true}
	for i := range generations {
		s.Manifests = append(s.Manifests, Generation{i + 1, fmt.Sprintf("ascmhl/%d.mhl", i+1), lists(ASC, lines...)})
	}
	return files, []*Source{s}
}

func BenchmarkCompare(b *testing.B) {
	for _, bb := range []struct {
		name        string
		generations int
		spell       func(string) string
	}{
		{"exact", 1, func(p string) string { return p }},
		{"three generations", 3, func(p string) string { return p }},
		{"prefix", 1, func(p string) string { return "A001/" + p }},
		{"case", 1, strings.ToLower},
		{"missing", 1, func(p string) string { return p + "x" }},
	} {
		files, sources := large(100_000, bb.generations, bb.spell)
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compare("A001", files, sources, testOptions)
			}
		})
	}
}
