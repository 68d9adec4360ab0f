package ignore

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestIgnore(t *testing.T) {
	tests := []struct {
		patterns []string
		ignored  string // paths; folders end in a slash
		kept     string
	}{
		{[]string{"*.tmp"}, "a.tmp x/y/b.tmp .tmp d.tmp/ d.tmp/in", "a.tmpx a"},
		{[]string{"# a comment", "", "   ", "\\#x"}, "#x d/#x", "# x a"},
		{[]string{"/Reports/"}, "Reports/ Reports/a", "Reports x/Reports/ x/Reports/a"},
		{[]string{"Reports/x"}, "Reports/x Reports/x/y", "a/Reports/x"},
		{[]string{"Reports/"}, "Reports/ a/Reports/ a/Reports/b", "Reports a/Reports"},
		{[]string{"a?c", "[b-d]x", "[!b-d]y"}, "abc a.c bx cx ay d/ey", "a/c ac ax by cy"},
		{[]string{"a/*/c"}, "a/b/c", "a/c a/b/b/c"},
		{[]string{"**/c"}, "c a/c a/b/c", "ac"},
		{[]string{"a/**"}, "a/b a/b/c", "a b/a/b"},
		{[]string{"a/**/c"}, "a/c a/b/c a/b/b/c", "c a/cc"},
		{[]string{"*", "!*.mov", "!*/"}, "a x/b", "a.mov x/ x/b.mov"},
		{[]string{"x/", "!x/keep"}, "x/ x/keep", "keep"},
		{[]string{"x/*", "!x/keep"}, "x/a", "x/keep x/"},
		{[]string{"!a", "a"}, "a", "b"},
		{[]string{"a\nb", "a[", "a[[:none:]]", "a\\"}, "", "a ab a[ a\\ b"},
	}
	for _, tt := range tests {
		t.Run("R40 "+strings.Join(tt.patterns, " "), func(t *testing.T) {
			g := New(tt.patterns)
			for want, list := range map[bool]string{true: tt.ignored, false: tt.kept} {
				for p := range strings.FieldsSeq(list) {
					if got := g.Match(strings.TrimSuffix(p, "/"), strings.HasSuffix(p, "/")); got != want {
						t.Errorf("%s: got %v, want %v", p, got, want)
					}
				}
			}
		})
	}
}

func TestIgnoreBlanks(t *testing.T) {
	g := New([]string{"blank  ", "kept\\ "})
	for p, want := range map[string]bool{"blank": true, "blank ": false, "blank  ": false, "kept ": true, "kept": false} {
		if got := g.Match(p, false); got != want {
			t.Errorf("%q: got %v, want %v", p, got, want)
		}
	}
}

// A pattern that takes others exponential time.
func TestIgnoreIsBounded(t *testing.T) {
	evil := New([]string{strings.Repeat("*a", 400) + "b", strings.Repeat("**/", 300) + "b", "/" + strings.Repeat("*/", 300)})
	text := strings.Repeat("a", 200) + "/" + strings.Repeat("a/", 500)
	for range 10_000 {
		evil.Match(text+"c", false)
	}
	if evil.effort > 0 {
		t.Errorf("got %d of %d steps left, want none", evil.effort, maxIgnoreEffort)
	}
	if honest := New([]string{"*.tmp", "._*", "Thumbs.db", "a*b"}); !honest.Match("x/a.tmp", false) || honest.effort < maxIgnoreEffort-100 {
		t.Errorf("got %d of %d steps left of a common list", honest.effort, maxIgnoreEffort)
	}
}

// gitRepository is a repository for check-ignore; the test is skipped without git.
func gitRepository(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	cmd := exec.Command("git", "init", "-q", dir)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("git init: %v: %s", err, out)
	}
	return dir
}

// gitIgnores asks git which of the paths the patterns exclude.
func gitIgnores(t testing.TB, dir string, patterns, paths []string) map[string]bool {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(strings.Join(patterns, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "-c", "core.ignorecase=false", "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("git check-ignore: %v: %s", err, exit.Stderr)
	}
	ignored := map[string]bool{}
	for p := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		ignored[string(p)] = true
	}
	return ignored
}

// gitPaths are all paths of up to four of some names; folders exist in dir.
func gitPaths(t testing.TB, dir string) (paths []string, folder map[string]bool) {
	t.Helper()
	folder = map[string]bool{}
	var grow func(prefix string, depth int)
	grow = func(prefix string, depth int) {
		for i, name := range []string{"a", "b", "ab", "a b", "c.x"} {
			p := prefix + name
			paths = append(paths, p)
			if depth < 3 && i < 3 {
				folder[p] = true
				grow(p+"/", depth+1)
			}
		}
	}
	grow("", 0)
	for p := range folder {
		if err := os.MkdirAll(filepath.Join(dir, p), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return paths, folder
}

// randomPattern is put together from what gitignore gives a meaning.
func randomPattern(r *rand.Rand) string {
	parts := []string{
		"a", "b", "a", "b", "*", "**", "?", "/", "/", "**/", "/**", "/**/", "[ab]", "[!a]", "[a-b]", "[[:alpha:]]", "[]a]", "[a", "\\a", "\\*",
		" ", "c.x", ".", "***", "\\", "[^b]", "[a-]", "[[:x:]]", "[[:alpha]", "\\/", "[\\]b]",
	}
	var b strings.Builder
	if r.IntN(6) == 0 {
		b.WriteByte('!')
	}
	for range 1 + r.IntN(6) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	if r.IntN(5) == 0 {
		b.WriteByte('/')
	}
	return b.String()
}

func TestIgnoreAgreesWithGit(t *testing.T) {
	dir := gitRepository(t)
	paths, folder := gitPaths(t, dir)
	rounds := 300
	if testing.Short() {
		rounds = 40
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 40))
		var patterns []string
		for range 1 + r.IntN(4) {
			patterns = append(patterns, randomPattern(r))
		}
		want := gitIgnores(t, dir, patterns, paths)
		g := New(patterns)
		for _, p := range paths {
			if got := g.Match(p, folder[p]); got != want[p] {
				t.Errorf("R40 seed %d, patterns %q, path %q (folder %v): got %v, git says %v", seed, patterns, p, folder[p], got, want[p])
				break
			}
		}
	}
}

func FuzzIgnore(f *testing.F) {
	for _, seed := range []string{"*.tmp", "!a/**/b", "[[:alpha:]-z]", "a\\ ", "/x/", "**", "[", "[]", "a**b/", "\\", "[!]-a]"} {
		f.Add(seed, "a/b c/d.tmp")
	}
	f.Fuzz(func(t *testing.T, pattern, p string) {
		g := New([]string{pattern})
		file, again := g.Match(p, false), g.Match(p, false)
		if file != again {
			t.Errorf("pattern %q, path %q: got %v, then %v", pattern, p, file, again)
		}
		if file && !strings.HasPrefix(p, "/") && !g.Match(p+"/below", false) && !strings.HasSuffix(strings.TrimRight(pattern, " "), "/") && g.Match(p, true) {
			t.Errorf("pattern %q: folder %q is ignored, what is in it is not", pattern, p)
		}
	})
}
