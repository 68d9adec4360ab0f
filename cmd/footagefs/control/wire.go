// Package control asks a live mount, and answers for one.
//
// A live mount is talked to through a Unix socket in a folder of its user's. A connection
// carries one request, a line of JSON, and its replies, a line each, of which the last says
// how it ended. The request lasts as long as its connection: hanging up ends it.
//
// Who asks finds the mount in which a path lies (Find) and talks to its process (Connect).
// Whose mount that is the kernel says; what another user's process says is shown and never
// acted upon. Who answers makes the socket (Listen) and serves it (Server). What is printed
// the command's own code writes, on either side: this package knows no flags and no terminal.
package control

import (
	"fmt"
	"strconv"

	"footagefs/catalog"
)

// How work of a live mount can end: the exit statuses of the command.
const (
	Done     = 0 // it was done
	Failed   = 1 // it could not be done
	Findings = 3 // it was done, and findings of severity error stand
)

// Operation is what a request asks for.
type Operation string

// The operations.
const (
	OpHello   Operation = "hello"   // who are you
	OpResolve Operation = "resolve" // which rolls a path of the tree means
	OpReview  Operation = "review"  // print what review prints
	OpStatus  Operation = "status"  // print what status prints
	OpReport  Operation = "report"  // print a report
	OpWait    Operation = "wait"    // wait until nothing is pending, and judge
	OpNext    Operation = "next"    // verify these rolls before others
	OpPause   Operation = "pause"   // stop reading
	OpResume  Operation = "resume"  // go on reading
	OpRelease Operation = "release" // let go of drives
	OpUnmount Operation = "unmount" // unmount and end
)

// Request is the line a client sends.
type Request struct {
	Op     Operation `json:"op"`
	Query  Query     `json:"query"`
	Drives []Exact   `json:"drives,omitempty"` // of release: names or folders, none for all
}

// Query is what review, status, report and wait are asked.
type Query struct {
	Paths  []Exact        `json:"paths,omitempty"` // in the tree of a live mount; none: everything
	Date   string         `json:"date,omitempty"`  // --date, as 20230510
	Roll   Exact          `json:"roll,omitempty"`  // --roll
	Report catalog.Report `json:"report,omitempty"`
	Format string         `json:"format,omitempty"` // csv or json; text for people where it is empty
	Style  Style          `json:"style"`
}

// Style says how text may look where it is printed.
type Style struct {
	Color bool `json:"color,omitempty"`
}

// Narrow adds --date and --roll to a filter.
func (q Query) Narrow(f catalog.Filter) catalog.Filter {
	if q.Date != "" && f.Date != "" && f.Date != q.Date || q.Roll != "" && f.Roll != "" && f.Roll != string(q.Roll) {
		f.Nothing = true
	}
	if q.Date != "" {
		f.Date = q.Date
	}
	if q.Roll != "" {
		f.Roll = string(q.Roll)
	}
	return f
}

// reply is a line a live mount sends.
type reply struct {
	Hello    *Hello            `json:"hello,omitempty"`
	Selected *Selection        `json:"selected,omitempty"`
	Out      []byte            `json:"out,omitempty"` // for stdout
	Progress *catalog.Progress `json:"progress,omitempty"`
	Done     *done             `json:"done,omitempty"`
}

// done ends the replies.
type done struct {
	Exit  int   `json:"exit"`
	Error Exact `json:"error,omitempty"` // a sentence where it could not be done
	Busy  bool  `json:"busy,omitempty"`  // of unmount: somebody uses the mount
}

// Hello says who answers.
type Hello struct {
	Point   Exact   `json:"point"`  // the mount point
	Device  string  `json:"device"` // as the table of mounts has it
	PID     int     `json:"pid"`
	Version string  `json:"version"`
	Catalog Exact   `json:"catalog"` // the file, empty where it works without memory
	Profile Exact   `json:"profile"` // as given, empty for the default
	Drives  []Drive `json:"drives"`
}

// Drive is a drive of a live mount.
type Drive struct {
	ID      catalog.DriveID `json:"id"`
	Name    Exact           `json:"name"`
	Dir     Exact           `json:"dir"`
	Offline bool            `json:"offline,omitempty"`
}

// Exact is text that survives JSON byte for byte: names and paths are bytes, and JSON is not.
type Exact string

// MarshalText writes it as a Go string literal in ASCII.
func (e Exact) MarshalText() ([]byte, error) {
	return strconv.AppendQuoteToASCII(nil, string(e)), nil
}

// UnmarshalText reads what MarshalText wrote.
func (e *Exact) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*e = ""
		return nil
	}
	s, err := strconv.Unquote(string(text))
	if err != nil {
		return fmt.Errorf("reading %s: %w", text, err)
	}
	*e = Exact(s)
	return nil
}
