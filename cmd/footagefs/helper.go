package main

import (
	"os"
	"path/filepath"
	"strings"
)

// helperCall is how mount(8) calls its helpers:
//
//	mount.footagefs DRIVE MOUNTPOINT [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]
//	footagefs DRIVE MOUNTPOINT -o OPTIONS          by way of mount.fuse3
//
// A helper goes to the background and returns when the mount is live.
type helperCall struct {
	operands  []string
	options   []string
	sloppy    bool // -s: unknown options are tolerated
	fake      bool // -f: everything but the mount itself
	verbose   bool // -v
	namespace string
}

// parseHelper reads a helper's command line. Flags may stand anywhere and be combined, as
// getopt has it; ok is false where a flag is none of a helper's.
func parseHelper(args []string) (call helperCall, ok bool) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			call.operands = append(call.operands, args...)
			return call, true
		}
		if len(arg) < 2 || arg[0] != '-' {
			call.operands = append(call.operands, arg)
			continue
		}
		if args, ok = call.flags(arg[1:], args); !ok {
			return call, false
		}
	}
	return call, true
}

// flags takes one word of flags and returns the arguments that are left.
func (h *helperCall) flags(word string, rest []string) ([]string, bool) {
	for i, c := range word {
		switch c {
		case 's':
			h.sloppy = true
		case 'f':
			h.fake = true
		case 'v':
			h.verbose = true
		case 'n': // no /etc/mtab: there is none
		case 'o', 't', 'N':
			value := word[i+1:]
			if value == "" {
				if len(rest) == 0 {
					return nil, false
				}
				value, rest = rest[0], rest[1:]
			}
			h.value(c, value)
			return rest, true
		default:
			return nil, false
		}
	}
	return rest, true
}

func (h *helperCall) value(flag rune, value string) {
	switch flag {
	case 'o':
		h.options = append(h.options, value)
	case 'N':
		h.namespace = value
	} // -t names the type: ours, whatever it is
}

// helperNames are the names under which mount(8) looks for a helper.
var helperNames = map[string]bool{"mount.footagefs": true, "mount.fuse.footagefs": true}

// asHelper tells whether this command line is mount(8)'s. Called by its own name footagefs
// is a helper for two operands of which the first is no command, but a path.
func asHelper(args []string, isCommand func(string) bool) (helperCall, bool, error) {
	call, ok := parseHelper(args[1:])
	if helperNames[filepath.Base(args[0])] {
		if !ok || len(call.operands) != 2 {
			return call, true, usagef("usage: %s DRIVE MOUNTPOINT [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]", filepath.Base(args[0]))
		}
		return call, true, nil
	}
	if !ok || len(call.operands) != 2 || isCommand(call.operands[0]) {
		return call, false, nil
	}
	first := call.operands[0]
	info, err := os.Stat(first)
	isFolder := err == nil && info.IsDir()
	return call, isFolder || strings.Contains(first, "/"), nil
}
