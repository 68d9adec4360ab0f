package mhl

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"footagefs/verify/drive"
)

var (
	gen1 = ascList(ascFile("a", "0ea03b369a463d9d"))
	gen2 = ascList(ascFile("a", "0ea03b369a463d9d") + ascFile("b", "0ea03b369a463d9d"))
	gen3 = ascList(ascFile("c", "7680e5f98f4a80fd"))
)

const (
	name1 = "ascmhl/0001_R_2020-01-10_091500Z.mhl"
	name2 = "ascmhl/0002_R_2020-01-11_091500Z.mhl"
	name3 = "ascmhl/0003_R_2020-01-12_091500Z.mhl"
	chain = "ascmhl/ascmhl_chain.xml"
)

func (tr tree) with(path, content string) tree {
	tr[path] = content
	return tr
}

func (tr tree) without(path string) tree {
	delete(tr, path)
	return tr
}

func base(p string) string { return strings.TrimPrefix(p, "ascmhl/") }

func TestHistories(t *testing.T) {
	both := func() tree { return tree{}.historyAt(".", gen1, gen2) }
	const trusted, untrusted = "ascmhl in . ascmhl 1:1 2:2", "ascmhl in . ascmhl untrusted:chain 1:1 2:2"
	entry := func(n int, name, content string) string {
		return chained(fmt.Sprint(n), base(name), "c4", c4Of(content))
	}
	tests := []struct {
		name              string
		tree              tree
		sources, findings string
	}{
		{"R7 all manifests of the chain", both(), trusted, ""},
		{"R7 the chain's order, not the names'", both().with(chain, chainWith(entry(2, name1, gen1), entry(1, name2, gen2))), "ascmhl in . ascmhl 1:2 2:1", ""},
		{"R10 all have one scope", tree{}.historyAt(".", gen1, gen2, gen3), "ascmhl in . ascmhl 1:1 2:2 3:1", ""},
		{"R11 a changed manifest", both().with(name1, gen3), untrusted, "chain-mismatch " + name1},
		{"R11 a changed manifest that is cut off", both().with(name2, gen2[:300]), "ascmhl in . ascmhl untrusted:chain 1:1",
			"manifest-malformed " + name2 + "; chain-mismatch " + name2},
		{"R12 a missing manifest", both().without(name1), "ascmhl in . ascmhl untrusted:chain 2:2", "chain-manifest-missing " + name1},
		{"R12 a link in place of a manifest", both().with(name1, "-> ../a"), "ascmhl in . ascmhl untrusted:chain 2:2", "chain-manifest-missing " + name1},
		{"R12 a folder in place of a manifest", both().without(name1).with(name1+"/", ""), "ascmhl in . ascmhl untrusted:chain 2:2", "chain-manifest-missing " + name1},
		{"R13 a gap", both().with(chain, chainWith(entry(1, name1, gen1), entry(3, name2, gen2))), "ascmhl in . ascmhl untrusted:chain 1:1 3:2", "chain-mismatch " + chain},
		{"R13 a repeat", both().with(chain, chainWith(entry(1, name1, gen1), entry(1, name2, gen2))), "ascmhl in . ascmhl untrusted:chain 1:1 1:2", "chain-mismatch " + chain},
		{"R13 not from 1", both().with(chain, chainWith(entry(2, name1, gen1), entry(3, name2, gen2))), "ascmhl in . ascmhl untrusted:chain 2:1 3:2", "chain-mismatch " + chain},
		{"R13 no number", both().with(chain, chainWith(strings.Replace(entry(1, name1, gen1), ` sequencenr="1"`, "", 1), entry(2, name2, gen2))),
			"ascmhl in . ascmhl untrusted:chain 0:1 2:2", "chain-mismatch " + chain},
		{"R13 a manifest twice", both().with(chain, chainWith(entry(1, name1, gen1), entry(2, name1, gen1))), "ascmhl in . ascmhl untrusted:chain 1:1", "chain-mismatch " + chain + "; chain-mismatch " + chain},
		{"R13 a manifest twice, spelled otherwise", both().with(chain, chainWith(entry(1, name1, gen1), entry(2, "./"+base(name1), gen1))), "ascmhl in . ascmhl untrusted:chain 1:1", "chain-mismatch " + chain},
		{"R14 D21 another hash than C4 that agrees", both().with(chain, chainWith(chained("1", base(name1), "md5", md5Of(gen1)), entry(2, name2, gen2))), trusted, "chain-not-c4 ."},
		{"R14 another hash than C4 that does not", both().with(chain, chainWith(chained("1", base(name1), "md5", md5Of(gen2)), entry(2, name2, gen2))), untrusted, "chain-mismatch " + name1},
		{"R14 C4 decides where there is more", both().with(chain, chainWith(strings.Replace(entry(1, name1, gen1), "</path>", "</path><md5>"+md5Of(gen2)+"</md5>", 1), entry(2, name2, gen2))), trusted, ""},
		{"R14 no hash that is known", both().with(chain, chainWith(chained("1", base(name1), "sha256", strings.Repeat("0", 64)), entry(2, name2, gen2))), untrusted, "chain-mismatch " + name1},
		{"R14 no C4 in the C4", both().with(chain, chainWith(chained("1", base(name1), "c4", "87210d6e0589c31c"), entry(2, name2, gen2))), untrusted, "chain-mismatch " + name1},
		{"R15 README and others are no part of it", both().with("ascmhl/README.txt", "x").with("ascmhl/notes.xml", "x").with("ascmhl/more/x.mhl", gen1), trusted, ""},
		{"twins and collections are no part of it", both().with("ascmhl/._"+base(name1), "\x00\x05\x16\x07").with("ascmhl/ascmhl_collection.xml", "x"), trusted, ""},
		{"a manifest that is not in the chain", both().with(name3, gen3), trusted, "manifest-not-in-chain " + name3},
		{"no such warning beside an error", both().with(name3, gen3).with(name1, gen3), untrusted, "chain-mismatch " + name1},
		{"no chain", both().without(chain), untrusted, "chain-missing ascmhl"},
		{"no chain and nothing else", tree{"ascmhl/": ""}, "ascmhl in . ascmhl untrusted:chain", "chain-missing ascmhl"},
		{"a link for a chain", both().with(chain, "-> ../other.xml").with("other.xml", "x"), untrusted, "chain-missing ascmhl"},
		{"a chain that is cut off", both().with(chain, both()[chain][:200]), untrusted, "chain-mismatch " + chain},
		{"an empty chain file", both().with(chain, ""), untrusted, "chain-mismatch " + chain},
		{"a chain without entries", both().with(chain, chainWith()), untrusted, "chain-mismatch " + chain},
		{"a chain of another namespace", both().with(chain, strings.ReplaceAll(both()[chain], "DIRECTORY:v2.0", "DIRECTORY:v3.0")), untrusted, "chain-mismatch " + chain},
		{"R4 a chain with a prefix", both().with(chain, strings.NewReplacer("xmlns=", "xmlns:d=", "</", "</d:", "<hash", "<d:hash", "<path", "<d:path", "<c4", "<d:c4", "<ascmhld", "<d:ascmhld").Replace(both()[chain])), trusted, ""},
		{"R5 a chain in UTF-16", both().with(chain, utf16Text("\uFEFF"+both()[chain], true)), trusted, ""},
		{"a chain with an entity", both().with(chain, "<!DOCTYPE x [<!ENTITY a 'b'>]>"+chainWith()), untrusted, "manifest-unsafe " + chain},
		{"a chained manifest with an entity", both().with(name2, "<!DOCTYPE x [<!ENTITY a 'b'>]>"+gen2), "ascmhl in . ascmhl untrusted:manifest 1:1", "manifest-unsafe " + name2},
		{"R6 a chained manifest of another version", tree{}.historyAt(".", gen1, strings.Replace(gen2, `"2.0"`, `"2.1"`, 1)),
			"ascmhl in . ascmhl untrusted:version 1:1", "manifest-version " + name2},
		{"R65 a chained manifest of MHL 1.x", tree{}.historyAt(".", gen1, legacy(legacyFile("a", "<null/>"))), "ascmhl in . ascmhl untrusted:version 1:1", "manifest-version " + name2},
		{"a chained manifest that lists nothing", tree{}.historyAt(".", gen1, ascList("")), "ascmhl in . ascmhl 1:1 2:0", "manifest-empty " + name2},
		{"R46 several errors, all of them", both().with(name1, gen3).without(name2), "ascmhl in . ascmhl untrusted:chain 1:1", "chain-mismatch " + name1 + "; chain-manifest-missing " + name2},
		{"D28 names without Z, or of numbers only", tree{"ascmhl/0001.mhl": gen1, "ascmhl/R_2.MHL": gen2, chain: chainOf([2]string{"0001.mhl", gen1}, [2]string{"R_2.MHL", gen2})}, trusted, ""},
		{"a name in another Unicode form", tree{"ascmhl/0001_Gro\u0308ße.mhl": gen1, chain: chainOf([2]string{"0001_Größe.mhl", gen1})}, "ascmhl in . ascmhl 1:1", ""},
		{"dots in a path", tree{}.historyAt(".", gen1).with(chain, chainOf([2]string{"./x/../" + base(name1), gen1})), "ascmhl in . ascmhl 1:1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources, findings := read(t, tt.tree, ".")
			if sources != tt.sources || findings != tt.findings {
				t.Errorf("got  %s | %s\nwant %s | %s", sources, findings, tt.sources, tt.findings)
			}
		})
	}
}

func TestR2ChainLeadsOut(t *testing.T) {
	for _, listed := range []string{
		"../canary.mhl", "../../canary.mhl", "/canary.mhl", `..\canary.mhl`, `C:\canary.mhl`, `\\server\canary.mhl`, "http://example.com/canary.mhl", "x/../../canary.mhl", "..", ".",
	} {
		t.Run("R2 "+listed, func(t *testing.T) {
			tr := tree{"canary.mhl": gen1, "roll/canary.mhl": gen1}.historyAt("roll", gen1)
			delete(tr, "roll/canary.mhl")
			tr["roll/a"] = ""
			tr["roll/ascmhl/ascmhl_chain.xml"] = chainOf([2]string{base(name1), gen1}, [2]string{listed, gen1})
			d := tr.open(t)
			l := &loader{d: d}
			s, findings, err := ReadSources(d, "roll", walked(t, d, "roll"), l.load)
			mustDo(t, err)
			if got, want := spellSources(s), "ascmhl in . ascmhl untrusted:chain 1:1"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := spellFindings(findings), "manifest-unsafe ascmhl/ascmhl_chain.xml"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			for _, p := range l.opened {
				if !strings.HasPrefix(p, "roll/ascmhl/") {
					t.Errorf("opened %s", p)
				}
			}
		})
	}
}

func TestNestedHistories(t *testing.T) {
	refers := func(paths ...string) string {
		var b strings.Builder
		for _, p := range paths {
			b.WriteString("<hashlistreference><path>" + p + "</path><c4>" + c4Of("outdated") + "</c4></hashlistreference>")
		}
		return ascHead + "<references>" + b.String() + "</references></hashlist>"
	}
	tests := []struct {
		name              string
		tree              tree
		sources, findings string
	}{
		{"R8 R50 the whole nested history, though one manifest is referred to", tree{}.historyAt(".", refers("B/"+name1)).historyAt("B", gen1, gen2),
			"ascmhl in . ascmhl 1:0 [B/ascmhl in B ascmhl 1:1 2:2]", ""},
		{"R47 the closest history above a file", tree{}.historyAt(".", refers("B/"+name1)).historyAt("B", refers("C/"+name1)).historyAt("B/C", gen3),
			"ascmhl in . ascmhl 1:0 [B/ascmhl in B ascmhl 1:0 [B/C/ascmhl in B/C ascmhl 1:1]]", ""},
		{"R49 a reference is no check", tree{}.historyAt(".", refers("B/ascmhl/0001_other.mhl")).historyAt("B", gen1), "ascmhl in . ascmhl 1:0 [B/ascmhl in B ascmhl 1:1]", ""},
		{"one that is not referred to", tree{}.historyAt(".", gen1).historyAt("B", gen2), "ascmhl in . ascmhl 1:1 [B/ascmhl in B ascmhl 1:2]", ""},
		{"one that is not there", tree{}.historyAt(".", refers("B/"+name1, "B/"+name2)), "ascmhl in . ascmhl 1:0", "chain-manifest-missing B/ascmhl"},
		{"a broken one", tree{}.historyAt(".", refers("B/"+name1)).historyAt("B", gen1).without("B/" + chain), "ascmhl in . ascmhl 1:0 [B/ascmhl in B ascmhl untrusted:chain 1:1]", "chain-missing B/ascmhl"},
		{"one in the history's folder is none", tree{}.historyAt(".", gen1).historyAt("ascmhl", gen1), "ascmhl in . ascmhl 1:1", ""},
		{"one in the bin is none", tree{}.historyAt(".", gen1).historyAt(".Trashes/501/B", gen1), "ascmhl in . ascmhl 1:1", ""},
		{"references that lead out", tree{}.historyAt(".", refers("../B/"+name1, "/B/"+name1, name1, "B/x.mhl", "..")), "ascmhl in . ascmhl 1:0", ""},
		{"beside MHL 1.x nothing is nested", tree{"x.mhl": legacy(legacyFile("a", "<null/>"))}.historyAt("B", gen1), "x.mhl in . mhl1 0:1", ""},
		{"R16 in a stand-alone manifest at the root", tree{"x.mhl": refers("B/" + name1)}.historyAt("B", gen1), "x.mhl in . ascmhl 0:0 [B/ascmhl in B ascmhl 1:1]", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources, findings := read(t, tt.tree, ".")
			if sources != tt.sources || findings != tt.findings {
				t.Errorf("got  %s | %s\nwant %s | %s", sources, findings, tt.sources, tt.findings)
			}
		})
	}
}

func TestHistoryIsRelativeToItsFolder(t *testing.T) {
	tr := tree{}.historyAt("day/roll", gen1, gen2).without("day/roll/" + name2)
	sources, findings := read(t, tr, "day/roll")
	if got, want := sources+" | "+findings, "ascmhl in . ascmhl untrusted:chain 1:1 | chain-manifest-missing "+name2; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHistoryThatCannotBeRead(t *testing.T) {
	bad := &drivePathError
	l := &loader{d: tree{}.historyAt(".", gen1, gen2).open(t), fail: map[string]error{name2: bad}}
	s, f, err := ReadSources(l.d, ".", walked(t, l.d, "."), l.load)
	mustDo(t, err)
	if got, want := spellSources(s)+" | "+spellFindings(f), "ascmhl in . ascmhl untrusted:unreadable 1:1 | unreadable "+name2; got != want || !errors.Is(s[0].Err, syscall.EIO) {
		t.Errorf("got %s with %v, want %s", got, s[0].Err, want)
	}
	l.fail[name2] = fmt.Errorf("opening: %w", drive.ErrGone)
	if _, _, err := ReadSources(l.d, ".", walked(t, l.d, "."), l.load); !errors.Is(err, drive.ErrGone) {
		t.Errorf("got %v, want that the drive is gone", err)
	}
	// What is known to be wrong outweighs what could not be read.
	l = &loader{d: tree{}.historyAt(".", gen1, gen2).with(name1, gen3).open(t), fail: map[string]error{name2: bad}}
	s, _, err = ReadSources(l.d, ".", walked(t, l.d, "."), l.load)
	mustDo(t, err)
	if s[0].Reason != reasonChain || s[0].Err != nil {
		t.Errorf("got %s, %v, want %s", s[0].Reason, s[0].Err, reasonChain)
	}
}

func TestSampleHistories(t *testing.T) {
	for scenario, want := range map[string]string{
		"scenario_01/travel_01": "ascmhl in . ascmhl 1:4", "scenario_02/travel_01": "ascmhl in . ascmhl 1:4", "scenario_03/travel_01": "ascmhl in . ascmhl 1:4",
		"scenario_02/file_server": "ascmhl in . ascmhl 1:4 2:4", "scenario_03/file_server": "ascmhl in . ascmhl 1:4 2:4",
	} {
		t.Run(scenario, func(t *testing.T) {
			d, err := drive.Open("../../../shared/mhl-samples/ascmhl/" + scenario)
			if err != nil {
				t.Skip("no samples at hand")
			}
			defer d.Close()
			s, f, err := ReadSources(d, "A002R2EC", walked(t, d, "A002R2EC"), (&loader{d: d}).load)
			mustDo(t, err)
			if got := spellSources(s); got != want || len(f) > 0 {
				t.Errorf("got %s, %s, want %s", got, spellFindings(f), want)
			}
		})
	}
}

func FuzzChain(f *testing.F) {
	for name, b := range samples(f) {
		if strings.HasSuffix(name, ".xml") {
			f.Add(b)
		}
	}
	f.Add([]byte(chainWith(chained("1", "0001.mhl", "md5", md5Of("x")), chained("x", "../y", "c4", "x"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parseChain(strings.NewReader(string(b)))
		if err != nil {
			var known *Error
			if !errors.As(err, &known) || entries != nil {
				t.Fatalf("got %v beside %v", entries, err)
			}
			return
		}
		if orderChain(entries) == nil {
			for i, e := range entries {
				if e.number != i+1 {
					t.Errorf("got number %d at %d", e.number, i)
				}
			}
		}
		for _, e := range entries {
			if name, ok := chainedName(e.path); ok && (name == "" || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "..") && (name == ".." || name[2] == '/')) {
				t.Errorf("%q leads to %q", e.path, name)
			}
		}
	})
}
