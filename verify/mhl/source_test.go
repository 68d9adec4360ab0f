package mhl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// dated is a legacy manifest of one file that says when it was created.
func dated(date string) string {
	return legacy("<creationdate>" + date + "T10:00:00Z</creationdate>" + legacyFile("a", "<null/>"))
}

func TestSources(t *testing.T) {
	old, recent, undated := dated("2020-01-01"), dated("2023-05-10"), legacy(legacyFile("a", "<null/>"))
	const roll = "20230510/Camera_Media/A001"
	in := func(files ...string) tree {
		tr := tree{roll + "/a": "x"}
		for i := 0; i < len(files); i += 2 {
			tr[files[i]] = files[i+1]
		}
		return tr
	}
	tests := []struct {
		name              string
		tree              tree
		sources, findings string
	}{
		{"no manifest", in(), "", ""},
		{"one at the root", in(roll+"/x.mhl", recent), "x.mhl in . mhl1 0:1", ""},
		{"any letter case", in(roll+"/x.MhL", recent), "x.MhL in . mhl1 0:1", ""},
		{"R16 a stand-alone ASC MHL has the roll as scope", in(roll+"/x.mhl", gen1), "x.mhl in . ascmhl 0:1", ""},
		{"twins, links, folders and other lists are none", in(roll+"/._x.mhl", "\x00\x05", roll+"/l.mhl", "-> x", roll+"/d.mhl/", "", roll+"/x.md5", "", roll+"/.mhl", undated), "", ""},
		{"several, oldest first", in(roll+"/1.mhl", recent, roll+"/2.mhl", old, roll+"/3.mhl", undated),
			"2.mhl in . mhl1 0:1; 1.mhl in . mhl1 0:1; 3.mhl in . mhl1 0:1", "multiple-manifests ."},
		{"the date in a name serves", in(roll+"/A001_2021-02-03_040506.mhl", undated, roll+"/1.mhl", recent, roll+"/2.mhl", old),
			"2.mhl in . mhl1 0:1; A001_2021-02-03_040506.mhl in . mhl1 0:1; 1.mhl in . mhl1 0:1", "multiple-manifests ."},
		{"R64 both families", in(roll+"/x.mhl", recent).historyAt(roll, gen1), "ascmhl in . ascmhl 1:1; x.mhl in . mhl1 0:1", "multiple-manifests ."},
		{"one that is malformed", in(roll+"/x.mhl", recent[:100]), "x.mhl in . mhl1 untrusted:manifest", "manifest-malformed x.mhl"},
		{"one of no version that is known", in(roll+"/x.mhl", strings.Replace(recent, "1.1", "1.9", 1)), "x.mhl in . untrusted:version", "manifest-version x.mhl"},
		{"one that lists nothing is trusted to do so", in(roll+"/x.mhl", legacy("")), "x.mhl in . mhl1 0:0", "manifest-empty x.mhl"},
		{"a bad one beside a good one", in(roll+"/x.mhl", "", roll+"/y.mhl", recent), "y.mhl in . mhl1 0:1; x.mhl in . untrusted:manifest", "manifest-malformed x.mhl; multiple-manifests ."},
		{"those below do not count beside one at the root", in(roll+"/x.mhl", recent, roll+"/Clips/y.mhl", recent), "x.mhl in . mhl1 0:1", ""},
		{"those above do not count beside one at the root", in(roll+"/x.mhl", recent, "20230510/y.mhl", "", "z.mhl", ""), "x.mhl in . mhl1 0:1", ""},
		{"below", in(roll+"/Clips/y.mhl", recent, roll+"/Clips/More/z.mhl", old),
			"Clips/More/z.mhl in Clips/More below mhl1 0:1; Clips/y.mhl in Clips below mhl1 0:1",
			"manifest-not-at-roll-root Clips/More/z.mhl; manifest-not-at-roll-root Clips/y.mhl"},
		{"a history below, and one nested in it", in().historyAt(roll+"/Clips", gen1).historyAt(roll+"/Clips/More", gen2),
			"Clips/ascmhl in Clips below ascmhl 1:1 [Clips/More/ascmhl in Clips/More ascmhl 1:2]", "manifest-not-at-roll-root Clips/ascmhl"},
		{"what lies in a bin is none", in(roll+"/.Trashes/501/y.mhl", recent, roll+"/.filmcan/hashlists/y.mhl", recent), "", ""},
		{"above, up to the drive's root", in("20230510/Camera_Media/x.mhl", recent, "20230510/._y.mhl", "", "z.MHL", old, "20230510/Sound_Media/q.mhl", ""),
			"z.MHL in . outside mhl1 0:1; 20230510/Camera_Media/x.mhl in 20230510/Camera_Media outside mhl1 0:1", ""},
		{"a history above", in().historyAt("20230510", gen1, gen2), "20230510/ascmhl in 20230510 outside ascmhl 1:1 2:2", ""},
		{"a history above that only refers", in().historyAt("20230510", ascHead+"<references><hashlistreference><path>Camera_Media/B/"+name1+"</path></hashlistreference></references></hashlist>"),
			"20230510/ascmhl in 20230510 outside ascmhl 1:0", ""},
		{"a bad one above is no source", in("z.mhl", ""), "", "manifest-malformed z.mhl outside"},
		{"above and below", in("z.mhl", old, roll+"/Clips/y.mhl", recent), "z.mhl in . outside mhl1 0:1; Clips/y.mhl in Clips below mhl1 0:1", "manifest-not-at-roll-root Clips/y.mhl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources, findings := read(t, tt.tree, roll)
			if sources != tt.sources || findings != tt.findings {
				t.Errorf("got  %s | %s\nwant %s | %s", sources, findings, tt.sources, tt.findings)
			}
		})
	}
}

func TestMessagesSayWhatToDo(t *testing.T) {
	d := tree{"roll/x.mhl": "", "roll/y.mhl": legacy(""), "roll/a": ""}.historyAt("roll", gen1).without("roll/" + chain).open(t)
	_, findings, err := ReadSources(d, "roll", walked(t, d, "roll"), (&loader{d: d}).load)
	mustDo(t, err)
	var got []string
	for _, f := range findings {
		got = append(got, f.Message(f.Path))
	}
	want := []string{
		"x.mhl: line 1: it has no root element; copy it from the offload again",
		"y.mhl: it lists nothing; ask for the manifest that the offload wrote",
		"ascmhl: it has no ascmhl_chain.xml; copy the folder from the offload again",
		".: it has more than one manifest (ascmhl, x.mhl, y.mhl); every one is checked, post wants one",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestUnreadableManifest(t *testing.T) {
	d := tree{"x.mhl": dated("2020-01-01"), "y.mhl": dated("2020-01-01")}.open(t)
	l := &loader{d: d, fail: map[string]error{"x.mhl": fmt.Errorf("opening: %w", &drivePathError)}}
	s, f, err := ReadSources(d, ".", walked(t, d, "."), l.load)
	mustDo(t, err)
	if got, want := spellSources(s)+" | "+spellFindings(f), "y.mhl in . mhl1 0:1; x.mhl in . untrusted:unreadable | unreadable x.mhl; multiple-manifests ."; got != want || !errors.Is(s[1].Err, syscall.EIO) {
		t.Errorf("got %s with %v, want %s", got, s[1].Err, want)
	}
	for _, ends := range []error{drive.ErrGone, syscall.EMFILE} {
		l.fail["x.mhl"] = fmt.Errorf("opening: %w", ends)
		if _, _, err := ReadSources(d, ".", walked(t, d, "."), l.load); !errors.Is(err, ends) {
			t.Errorf("got %v, want %v", err, ends)
		}
	}
}

func TestReadManifest(t *testing.T) {
	d := tree{"x.mhl": gen1, "l.mhl": "-> x.mhl", "d.mhl/": "", "bad.mhl": "<"}.open(t)
	m, err := ReadManifest(d, "x.mhl")
	if err != nil || len(m.Entries) != 1 || m.Digest != c4Of(gen1) {
		t.Errorf("got %+v, %v", m, err)
	}
	_, err = ReadManifest(d, "bad.mhl")
	wantCode(t, err, finding.ManifestMalformed)
	for _, p := range []string{"l.mhl", "d.mhl", "no.mhl", "../x.mhl"} {
		var known *Error
		if _, err := ReadManifest(d, p); err == nil || errors.As(err, &known) {
			t.Errorf("%s: got %v, want an error of the drive", p, err)
		}
	}
}

func TestHugeManifestIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.mhl")
	mustDo(t, os.WriteFile(name, nil, 0o644))
	mustDo(t, os.Truncate(name, maxBytes+1))
	d, err := drive.Open(dir)
	mustDo(t, err)
	defer d.Close()
	_, err = ReadManifest(d, "x.mhl")
	wantCode(t, err, finding.ManifestUnsafe)
}

// However many manifests a roll has, together they take no more than the limit.
func TestManifestsOfARollAreBoundedTogether(t *testing.T) {
	big := &Manifest{Format: Legacy, Entries: []Entry{{Path: "a"}}}
	for range 80 << 20 / hashCost {
		big.Entries[0].Hashes = append(big.Entries[0].Hashes, Hash{})
	}
	tr := tree{}
	for i := range 5 {
		tr[fmt.Sprintf("%d.mhl", i)] = dated("2020-01-01")
	}
	d := tr.open(t)
	s, f, err := ReadSources(d, ".", walked(t, d, "."), func(string) (*Manifest, error) { return big, nil })
	mustDo(t, err)
	trusted := 0
	for _, s := range s {
		if s.Trusted {
			trusted++
		} else if s.Reason != reasonManifest {
			t.Errorf("got %s", s.Reason)
		}
	}
	if trusted != 2 || strings.Count(spellFindings(f), string(finding.ManifestUnsafe)) != 3 {
		t.Errorf("got %d trusted and %s", trusted, spellFindings(f))
	}
}

func TestIsManifestFile(t *testing.T) {
	for p, want := range map[string]bool{
		"x.mhl": true, "X.MHL": true, ".mhl": false, "._x.mhl": false, "x.mhl.txt": false, "Clips/x.mhl": false, "ascmhl": false,
		"ascmhl/0001.mhl": true, "ascmhl/ascmhl_chain.xml": true, "ascmhl/README.txt": true, "ascmhl/._0001.mhl": false, "ascmhl/notes.txt": false,
		"Clips/ascmhl/0001.mhl": true, "ascmhl/sub/0001.mhl": false, "xascmhl/0001.mhl": false, "ascmhl_chain.xml": false,
	} {
		if got := IsManifestFile(p); got != want {
			t.Errorf("%s: got %v, want %v", p, got, want)
		}
	}
}

// Time grows with the entries: three generations of 100,000 are read.
func TestManyEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	var b bytes.Buffer
	b.WriteString(ascHead + "<hashes>")
	for i := range 100_000 {
		fmt.Fprintf(&b, "<hash><path size=\"5\">Clips/%06d.ari</path><xxh128 action=\"original\" hashdate=\"2020-01-16T09:15:00+00:00\">%032x</xxh128></hash>\n", i, i)
	}
	b.WriteString("</hashes></hashlist>")
	sources, findings := read(t, tree{}.historyAt(".", b.String(), b.String(), b.String()), ".")
	if want := "ascmhl in . ascmhl 1:100000 2:100000 3:100000"; sources != want || findings != "" {
		t.Errorf("got %s, %s, want %s", sources, findings, want)
	}
}
