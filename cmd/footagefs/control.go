package main

import (
	"fmt"
	"strconv"

	"footagefs/catalog"
)

// A live mount is talked to through a Unix socket. A connection carries one request, a
// line of JSON, and its replies, a line each, of which the last has done. The request
// lasts as long as its connection: hanging up ends it.
//
// Names and paths are bytes, and JSON is not: they travel as exact.

// operation is what a request asks for.
type operation string

const (
	opHello   operation = "hello"   // who are you
	opResolve operation = "resolve" // which rolls a path of the tree means
	opReview  operation = "review"  // print what review prints
	opStatus  operation = "status"  // print what status prints
	opReport  operation = "report"  // print a report
	opWait    operation = "wait"    // wait until nothing is pending, and judge
	opNext    operation = "next"    // verify these rolls before others
	opPause   operation = "pause"   // stop reading
	opResume  operation = "resume"  // go on reading
	opRelease operation = "release" // let go of drives
	opUnmount operation = "unmount" // unmount and end
)

// request is the line a client sends.
type request struct {
	Op     operation `json:"op"`
	Query  query     `json:"query"`
	Drives []exact   `json:"drives,omitempty"` // of release: names or folders, none for all
}

// reply is a line a live mount sends.
type reply struct {
	Hello    *hello            `json:"hello,omitempty"`
	Selected *selection        `json:"selected,omitempty"`
	Out      []byte            `json:"out,omitempty"`  // for stdout
	Talk     exact             `json:"talk,omitempty"` // for stderr
	Progress *catalog.Progress `json:"progress,omitempty"`
	Done     *done             `json:"done,omitempty"`
}

// done ends the replies.
type done struct {
	Exit  int   `json:"exit"`
	Error exact `json:"error,omitempty"` // a sentence where it could not be done
	Busy  bool  `json:"busy,omitempty"`  // of unmount: somebody uses the mount
}

// hello says who answers.
type hello struct {
	Point   exact       `json:"point"`  // the mount point
	Device  string      `json:"device"` // as the table of mounts has it
	PID     int         `json:"pid"`
	Version string      `json:"version"`
	Catalog exact       `json:"catalog"` // the file, empty where it works without memory
	Profile exact       `json:"profile"` // as given, empty for the default
	Drives  []wireDrive `json:"drives"`
}

type wireDrive struct {
	ID      catalog.DriveID `json:"id"`
	Name    exact           `json:"name"`
	Dir     exact           `json:"dir"`
	Offline bool            `json:"offline,omitempty"`
}

// exact is text that survives JSON byte for byte.
type exact string

// MarshalText writes it as a Go string literal in ASCII.
func (e exact) MarshalText() ([]byte, error) {
	return strconv.AppendQuoteToASCII(nil, string(e)), nil
}

// UnmarshalText reads what MarshalText wrote.
func (e *exact) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*e = ""
		return nil
	}
	s, err := strconv.Unquote(string(text))
	if err != nil {
		return fmt.Errorf("reading %s: %w", text, err)
	}
	*e = exact(s)
	return nil
}
