package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// usersOf lists the processes that hold something of a mount: their working folder, an
// open or mapped file. Links in /proc are read, never followed: nothing waits.
func usersOf(point string) []string {
	var list []string
	pids, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	self := fmt.Sprintf("/proc/%d", os.Getpid())
	for _, proc := range pids {
		if proc == self {
			continue
		}
		if how := holds(proc, point); how != "" {
			name, _ := os.ReadFile(proc + "/comm")
			list = append(list, fmt.Sprintf("%s (process %s, %s)", strings.TrimSpace(string(name)), filepath.Base(proc), how))
		}
	}
	return list
}

// holds says how a process holds a mount, "" where it does not.
func holds(proc, point string) string {
	inMount := func(link string) bool {
		target, err := os.Readlink(link)
		return err == nil && isBelow(target, point)
	}
	if inMount(proc + "/cwd") {
		return "its working folder"
	}
	if inMount(proc + "/root") {
		return "its root"
	}
	fds, err := os.ReadDir(proc + "/fd")
	if err == nil {
		for _, fd := range fds {
			if link := proc + "/fd/" + fd.Name(); inMount(link) {
				target, _ := os.Readlink(link)
				return "open: " + target
			}
		}
	}
	return mapped(proc, point)
}

func mapped(proc, point string) string {
	f, err := os.Open(proc + "/maps")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if i := strings.IndexByte(lines.Text(), '/'); i >= 0 && isBelow(lines.Text()[i:], point) {
			return "mapped: " + lines.Text()[i:]
		}
	}
	return ""
}
