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
		before, after, ok := strings.Cut(line, " - ")
		fields, more := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 6 || len(more) < 1 {
			continue
		}
		m := mountEntry{device: fields[2], root: unescapeOctal(fields[3]), point: unescapeOctal(fields[4]), kind: more[0]}
		if len(more) > 2 {
			m.owner = optionNumber(more[2], "user_id=")
		}
		mounts = append(mounts, m)
	}
	return mounts
}

func optionNumber(options, name string) int {
	for option := range strings.SplitSeq(options, ",") {
		if s, ok := strings.CutPrefix(option, name); ok {
			n, _ := strconv.Atoi(s)
			return n
		}
	}
	return 0
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
