package finding

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// The table has every code once, with all that is to be said of it.
func TestTheTableIsComplete(t *testing.T) {
	named := codesNamed(t)
	for _, k := range Kinds {
		if !named[k.Code] {
			t.Errorf("%s has no name, or stands in the table twice", k.Code)
		}
		delete(named, k.Code)
		if k.Severity != Error && k.Severity != Warning || k.About == "" || k.Do == "" {
			t.Errorf("%s has an entry with gaps: %+v", k.Code, k)
		}
		if Of(k.Code) != k {
			t.Errorf("of %s it says %+v", k.Code, Of(k.Code))
		}
	}
	for code := range named {
		t.Errorf("%s does not stand in the table", code)
	}
}

// codesNamed are the constants of code.go.
func codesNamed(t *testing.T) map[Code]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	named := map[Code]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			named[Code(text)] = true
		}
		return true
	})
	if len(named) == 0 {
		t.Fatal("no code was found")
	}
	return named
}

func TestMessage(t *testing.T) {
	f := New(Mismatch, "clip.mxf", "the bytes differ")
	if f.Severity != Error || f.Code != Mismatch || f.Path != "clip.mxf" {
		t.Errorf("got %+v", f)
	}
	for _, test := range []struct{ do, note, want string }{
		{f.Do, "", "A001/clip.mxf: the bytes differ; copy it again from the card and verify it again"},
		{"ask", "it was other before", "A001/clip.mxf: the bytes differ; ask; it was other before"},
		{"", "", "A001/clip.mxf: the bytes differ"},
	} {
		f.Do, f.Note = test.do, test.note
		if got := f.Message("A001/clip.mxf"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
