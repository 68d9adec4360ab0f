// Package xml reads and writes the XML of manifests: a scanner that takes what encoding/xml
// takes or less, in whatever encoding tools write, and never holds more of a document than
// one token; and a writer of indented UTF-8.
//
// It expands no entities, loads nothing, and knows nothing of what elements mean.
package xml

import "fmt"

// Limits beyond which a document is refused as unsafe: they guard the memory of whoever
// reads a hostile one.
const (
	MaxToken = 1 << 20 // bytes of one tag, text, comment
	maxName  = 1 << 10 // bytes of an element's name
	maxDepth = 64      // elements inside one another
	maxAttrs = 64      // attributes of one element, and namespace prefixes in force
)

// Error says why a document cannot be read.
type Error struct {
	Msg    string
	Unsafe bool // it is beyond a limit or declares entities; else it is malformed
}

func (e *Error) Error() string { return e.Msg }

func malformed(format string, a ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, a...)}
}

func unsafe(format string, a ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, a...), Unsafe: true}
}
