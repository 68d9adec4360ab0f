package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// mountTable reads the mounts of this process's namespace, oldest first.
func mountTable() ([]mountEntry, error) {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("reading the table of mounts: %w", err)
	}
	return parseMountInfo(string(table)), nil
}

// parseMountInfo reads lines of proc_pid_mountinfo(5):
//
//	36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
func parseMountInfo(table string) []mountEntry {
	var mounts []mountEntry
	for line := range strings.Lines(table) {
		// One blank separates fields, and one may be empty: a source, which users choose.
		before, after, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		fields, more := strings.Split(before, " "), strings.Split(after, " ")
		if !ok || len(fields) < 6 || more[0] == "" {
			continue
		}
		m := mountEntry{device: fields[2], root: unescapeOctal(fields[3]), point: unescapeOctal(fields[4]), kind: more[0], owner: noOwner}
		if len(more) > 2 {
			m.owner = optionNumber(more[2], "user_id=")
		}
		mounts = append(mounts, m)
	}
	return mounts
}

// optionNumber is the number that an option has, noOwner where there is none.
func optionNumber(options, name string) int {
	for option := range strings.SplitSeq(options, ",") {
		if s, ok := strings.CutPrefix(option, name); ok {
			if n, err := strconv.ParseUint(s, 10, 32); err == nil {
				return int(n)
			}
			break
		}
	}
	return noOwner
}

// unescapeOctal undoes the table's \040 for white space and backslash.
func unescapeOctal(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isOurs(m mountEntry) bool { return m.kind == "fuse.footagefs" }
