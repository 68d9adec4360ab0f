// Package finding says what a finding is: a problem as a value, with its code. One table has
// what each code means: how grave it is, what it does to its roll, what to do about it.
//
// It knows nothing of drives, manifests and rolls: who finds something says where it is and
// what is wrong. Sentences are made of findings where somebody reads them, and nothing takes
// sentences apart again.
package finding

import "strings"

// Severity is how grave a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that is wrong, at one path.
type Finding struct {
	Code     Code
	Severity Severity
	Path     string // relative to what the finder looked at, the drive or a roll; "." is that
	What     string // what is wrong, without the path and without a full stop
	Do       string // what to do about it
	Note     string // more that is known, "" for nothing
}

// New is a finding about a path with its code's severity and with what is to be done about
// everything of its code.
func New(code Code, path, what string) Finding {
	k := kinds[code]
	return Finding{Code: code, Severity: k.Severity, Path: path, What: what, Do: k.Do}
}

// Doing is the finding with something else to be done about it than always, unless do is "".
func (f Finding) Doing(do string) Finding {
	if do != "" {
		f.Do = do
	}
	return f
}

// Message is the finding in one sentence: title, which is what its path is called, what is
// wrong, and what to do.
func (f Finding) Message(title string) string {
	return title + ": " + Sentence(f.What, f.Do, f.Note)
}

// Sentence puts the parts of a sentence together, without those that are empty.
func Sentence(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "; ")
}
