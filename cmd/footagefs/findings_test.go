package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	iofs "io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"footagefs/verify/finding"
)

// rowOfFindings is a row of the README's table, which has the codes, those marked † among
// them, and their severity.
var rowOfFindings = regexp.MustCompile("(?m)^\\| (`.*?) \\| (error|warning) \\| .+ \\|$")

// The README's table of findings says what the program's says, of every code.
func TestFindingsOfTheREADME(t *testing.T) {
	type row struct {
		severity finding.Severity
		warns    bool
	}
	said := map[finding.Code]row{}
	for _, cells := range rowOfFindings.FindAllStringSubmatch(readmeSection(t, "Findings"), -1) {
		for code := range strings.SplitSeq(cells[1], ", ") {
			code, warns := strings.CutSuffix(code, " †")
			said[finding.Code(strings.Trim(code, "`"))] = row{finding.Severity(cells[2]), warns}
		}
	}
	for _, k := range finding.Kinds {
		got, ok := said[k.Code]
		if want := (row{k.Severity, k.Effect == finding.Warns}); !ok || got != want {
			t.Errorf("of %s the README says %+v (a row of its table: %v), want %+v", k.Code, got, ok, want)
		}
		delete(said, k.Code)
	}
	for code := range said {
		t.Errorf("the README's table has %s, which is no code", code)
	}
}

// readmeSection is what stands below a heading of the README.
func readmeSection(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the README has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// shownFinding is a line as review and verify write it.
var shownFinding = regexp.MustCompile(`(?m)^ *(?:error|warning)  ([a-z0-9-]+)  `)

// What the manual and the README show of findings are findings that there are, of their
// severity.
func TestShownFindingsAreReal(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := string(readme)
	for _, cmd := range rootCmd(&program{}).Commands() {
		shown += cmd.Long
	}
	lines := shownFinding.FindAllStringSubmatch(shown, -1)
	if len(lines) < 2 {
		t.Errorf("%d findings are shown, want one in the README and one in the help at least", len(lines))
	}
	for _, line := range lines {
		severity, _, _ := strings.Cut(strings.TrimSpace(line[0]), " ")
		if k := finding.Of(finding.Code(line[1])); string(k.Severity) != severity {
			t.Errorf("%q is shown, which has the severity %q", line[0], k.Severity)
		}
	}
}

// Every code is one that something of the program finds; those of files are statuses.
func TestEveryCodeIsFound(t *testing.T) {
	used := map[string]bool{}
	for _, floor := range []string{"verify", "catalog", "cmd/footagefs"} {
		namesUsed(t, filepath.Join("..", "..", filepath.FromSlash(floor)), used)
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "verify", "finding", "code.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	ast.Inspect(syntax, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			names++
			if name := spec.Names[0].Name; !used["finding."+name] && !used["verify."+name] {
				t.Errorf("nothing finds %s", name)
			}
		}
		return true
	})
	if names != len(finding.Kinds) {
		t.Errorf("%d codes are named, the table has %d", names, len(finding.Kinds))
	}
}

// namesUsed notes what the program's files below a folder name of other packages.
func namesUsed(t *testing.T, folder string, used map[string]bool) {
	t.Helper()
	err := filepath.WalkDir(folder, func(file string, d iofs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok {
					used[pkg.Name+"."+s.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
