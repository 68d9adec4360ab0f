package ignore

import "strings"

// globToken is one step of a compiled pattern.
type globToken struct {
	kind globKind
	char byte
	set  *[256]bool
}

type globKind uint8

const (
	globChar globKind = iota // this byte
	globAny                  // any byte but a slash
	globSet                  // a byte of the set, none of which is a slash
	globStar                 // bytes other than a slash, or nothing
	globDeep                 // any bytes, or nothing
	globSkip                 // nothing; the next two tokens may be left out
)

// compileGlob compiles a pattern with wildcards. In one that is held against a whole path
// two stars between slashes, or at an end, cross slashes; other stars never do.
func compileGlob(text string, paths bool) (tokens []globToken, ok bool) {
	// Where wildcards begin counts as the beginning of the pattern, as in git: "a**/b" is
	// "a" and then "**/b".
	start := strings.IndexAny(text, `*?[\`)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '*':
			end := i
			for end < len(text) && text[end] == '*' {
				end++
			}
			tokens = append(tokens, stars(text, start, i, end, paths)...)
			i = end - 1
		case '?':
			tokens = append(tokens, globToken{kind: globAny})
		case '[':
			set, end := compileSet(text, i+1)
			if set == nil {
				return nil, false
			}
			tokens = append(tokens, globToken{kind: globSet, set: set})
			i = end
		case '\\':
			if i++; i == len(text) {
				return nil, false
			}
			tokens = append(tokens, globToken{kind: globChar, char: text[i]})
		default:
			tokens = append(tokens, globToken{kind: globChar, char: c})
		}
	}
	return tokens, true
}

// stars compiles the stars in text[from:to].
func stars(text string, start, from, to int, paths bool) []globToken {
	rest := text[to:]
	opens := from <= start || text[from-1] == '/'
	closes := rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`)
	if !paths || to-from < 2 || !opens || !closes {
		return []globToken{{kind: globStar}}
	}
	if rest != "" && rest[0] == '/' {
		return []globToken{{kind: globSkip}, {kind: globDeep}}
	}
	return []globToken{{kind: globDeep}}
}

// charClasses are the named sets of characters, by their members.
var charClasses = map[string]func(c byte) bool{
	"alnum":  func(c byte) bool { return isAlpha(c) || isDigit(c) },
	"alpha":  isAlpha,
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"cntrl":  func(c byte) bool { return c < ' ' || c == 0x7f },
	"digit":  isDigit,
	"graph":  func(c byte) bool { return c > ' ' && c < 0x7f },
	"lower":  func(c byte) bool { return 'a' <= c && c <= 'z' },
	"print":  func(c byte) bool { return c >= ' ' && c < 0x7f },
	"punct":  func(c byte) bool { return c > ' ' && c < 0x7f && !isAlpha(c) && !isDigit(c) },
	"space":  func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' },
	"upper":  func(c byte) bool { return 'A' <= c && c <= 'Z' },
	"xdigit": func(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' },
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// compileSet compiles what follows an opening bracket; it returns the place of the closing
// one, and no set where there is none or a class in it is not known.
func compileSet(text string, i int) (set *[256]bool, end int) {
	set = new([256]bool)
	negated := i < len(text) && (text[i] == '!' || text[i] == '^')
	if negated {
		i++
	}
	last := -1 // the character before, with which a range can begin
	for first := true; ; first = false {
		switch {
		case i >= len(text):
			return nil, 0
		case text[i] == ']' && !first:
			if negated {
				for c := range set {
					set[c] = !set[c]
				}
			}
			set['/'] = false
			return set, i
		}
		if i, last = setMember(set, text, i, last); i < 0 {
			return nil, 0
		}
	}
}

// setMember takes one member, range or class of a set, and returns where the next begins, -1
// where there can be none.
func setMember(set *[256]bool, text string, i, last int) (next, char int) {
	if text[i] == '-' && last >= 0 && i+1 < len(text) && text[i+1] != ']' {
		i++
		if text[i] == '\\' {
			if i++; i == len(text) {
				return -1, -1
			}
		}
		for c := last; c <= int(text[i]); c++ {
			set[c] = true
		}
		return i + 1, -1
	}
	if strings.HasPrefix(text[i:], "[:") {
		if next, ok := setClass(set, text, i+2); ok {
			return next, -1
		}
	}
	if text[i] == '\\' {
		if i++; i == len(text) {
			return -1, -1
		}
	}
	set[text[i]] = true
	return i + 1, int(text[i])
}

// setClass takes the name of a class; ok is false where it is none but a set of characters
// that begins with a bracket.
func setClass(set *[256]bool, text string, i int) (next int, ok bool) {
	length := strings.IndexByte(text[i:], ']')
	if length < 0 {
		return -1, true
	}
	if length == 0 || text[i+length-1] != ':' {
		return 0, false
	}
	in := charClasses[text[i:i+length-1]]
	if in == nil {
		return -1, true
	}
	for c := range set {
		set[c] = set[c] || in(byte(c))
	}
	return i + length + 1, true
}

// stateSets are the places in a pattern that a text may have led to, before and after one
// of its bytes.
type stateSets struct{ now, then []bool }

// glob holds a text against a pattern, one byte after the other, following all ways in
// which the bytes before could have matched.
func (g *Patterns) glob(p *pattern, text string) bool {
	n := len(p.tokens)
	if len(g.states.now) <= n {
		g.states = stateSets{make([]bool, n+1), make([]bool, n+1)}
	}
	now, then := g.states.now[:n+1], g.states.then[:n+1]
	clear(now)
	now[0] = true
	for i := range len(text) {
		if g.effort -= n + 1; g.effort < 0 {
			return false
		}
		expand(p.tokens, now)
		clear(then)
		alive := false
		for at, t := range p.tokens {
			if now[at] {
				alive = t.step(text[i], at, then) || alive
			}
		}
		if !alive {
			return false
		}
		now, then = then, now
	}
	expand(p.tokens, now)
	return now[n]
}

// expand adds the places that are reached without a byte.
func expand(tokens []globToken, now []bool) {
	for at, t := range tokens {
		if !now[at] {
			continue
		}
		switch t.kind {
		case globStar, globDeep:
			now[at+1] = true
		case globSkip:
			now[at+1] = true
			now[at+3] = true
		}
	}
}

// step marks where a byte leads from a token.
func (t globToken) step(c byte, at int, then []bool) bool {
	switch t.kind {
	case globChar:
		then[at+1] = then[at+1] || c == t.char
		return c == t.char
	case globAny:
		then[at+1] = then[at+1] || c != '/'
		return c != '/'
	case globSet:
		then[at+1] = then[at+1] || t.set[c]
		return t.set[c]
	case globStar:
		then[at] = then[at] || c != '/'
		return c != '/'
	case globDeep:
		then[at] = true
		return true
	}
	return false
}
