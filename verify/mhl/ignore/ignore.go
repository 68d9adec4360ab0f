// Package ignore holds paths against ignore patterns, with the meaning that git gives them.
//
// It works on names alone: it knows no manifest and looks at no drive.
package ignore

import "strings"

// Limits of ignore patterns: what is beyond them is not applied, so that what it would
// have hidden shows.
const (
	maxPatterns     = 1024
	maxPattern      = 1024    // bytes
	maxIgnoreEffort = 1 << 27 // steps of matching in the life of one list
)

// Patterns is a compiled list of ignore patterns, each with the meaning of one line of a
// .gitignore in the scope's folder. Matching takes time in proportion to the pattern and
// the path, whatever the pattern. It must not be used by two at a time.
type Patterns struct {
	patterns []pattern // last first: the last one that matches decides
	effort   int       // steps left
	states   stateSets
}

// pattern is one compiled line.
type pattern struct {
	negated  bool // re-includes
	folders  bool // matches folders only
	anywhere bool // has no slash: it is held against the name alone
	form     patternForm
	text     string // of the common forms, what is not a wildcard
	tokens   []globToken
}

// patternForm tells apart what can be matched without following a pattern byte by byte.
type patternForm uint8

const (
	globForm   patternForm = iota
	exactForm              // no wildcards
	prefixForm             // one star, at the end of a name
	suffixForm             // one star, at its beginning
)

// New compiles patterns. Comments, empty and malformed ones match nothing.
func New(patterns []string) *Patterns {
	g := &Patterns{effort: maxIgnoreEffort}
	for i := min(len(patterns), maxPatterns) - 1; i >= 0; i-- {
		if p, ok := compilePattern(patterns[i]); ok {
			g.patterns = append(g.patterns, p)
		}
	}
	return g
}

// Match reports whether the patterns exclude a path, which is relative to the scope and
// clean. What lies in an excluded folder is excluded: nothing brings it back.
func (g *Patterns) Match(p string, folder bool) bool {
	for i := range len(p) {
		if p[i] == '/' && g.MatchOne(p[:i], true) {
			return true
		}
	}
	return g.MatchOne(p, folder)
}

// MatchOne is Match without a look at the folders above.
func (g *Patterns) MatchOne(p string, folder bool) bool {
	name := p[strings.LastIndexByte(p, '/')+1:]
	for i := range g.patterns {
		q := &g.patterns[i]
		if q.folders && !folder {
			continue
		}
		text := p
		if q.anywhere {
			text = name
		}
		if g.matchText(q, text) {
			return !q.negated
		}
	}
	return false
}

func (g *Patterns) matchText(p *pattern, text string) bool {
	switch p.form {
	case exactForm:
		return text == p.text
	case prefixForm:
		return strings.HasPrefix(text, p.text)
	case suffixForm:
		return strings.HasSuffix(text, p.text)
	}
	return g.glob(p, text)
}

// compilePattern reads one line; ok is false where it can match nothing.
func compilePattern(line string) (p pattern, ok bool) {
	line = trimPattern(line)
	if line == "" || len(line) > maxPattern || line[0] == '#' || strings.ContainsAny(line, "\n\x00") {
		return p, false
	}
	if line[0] == '!' {
		p.negated, line = true, line[1:]
	}
	if strings.HasSuffix(line, "/") {
		p.folders, line = true, line[:len(line)-1]
	}
	p.anywhere = !strings.Contains(line, "/")
	if !p.anywhere {
		line = strings.TrimPrefix(line, "/")
	}
	if line == "" {
		return p, false
	}
	const wildcards = `*?[\`
	switch {
	case !strings.ContainsAny(line, wildcards):
		p.form, p.text = exactForm, line
	case p.anywhere && line[0] == '*' && !strings.ContainsAny(line[1:], wildcards):
		p.form, p.text = suffixForm, line[1:]
	case p.anywhere && strings.IndexAny(line, wildcards) == len(line)-1 && strings.HasSuffix(line, "*"):
		p.form, p.text = prefixForm, line[:len(line)-1]
	default:
		p.tokens, ok = compileGlob(line, !p.anywhere)
		return p, ok
	}
	return p, true
}

// trimPattern drops what ends a line, and blanks before it that are not escaped.
func trimPattern(line string) string {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	end := len(line)
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			if end == len(line) {
				end = i
			}
		case '\\':
			i++
			end = len(line)
		default:
			end = len(line)
		}
	}
	return line[:end]
}
