package control

import (
	"bufio"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// UsersOf lists the processes that hold something of a mount: their working folder, an
// open or mapped file.
func UsersOf(point string) []string {
	var list []string
	for _, proc := range otherProcesses() {
		if how := holds(proc, point); how != "" {
			list = append(list, fmt.Sprintf("%s (process %s, %s)", programOf(proc), filepath.Base(proc), how))
		}
	}
	return list
}

// otherProcesses are the folders in /proc of all processes that are not of this program:
// the command that asks may have inherited what its shell has open. What they hold is told
// by links, which are read and never followed: nothing waits.
func otherProcesses() []string {
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	self, _ := os.Readlink("/proc/self/exe")
	return slices.DeleteFunc(all, func(proc string) bool {
		program, err := os.Readlink(proc + "/exe")
		return err == nil && program == self
	})
}

func programOf(proc string) string {
	name, _ := os.ReadFile(proc + "/comm")
	return strings.TrimSpace(string(name))
}

// holds says how a process holds a mount, "" where it does not.
func holds(proc, point string) string {
	for _, link := range []struct{ name, what string }{{"cwd", "its working folder"}, {"root", "its root"}} {
		if target, err := os.Readlink(proc + "/" + link.name); err == nil && isBelow(target, point) {
			return link.what
		}
	}
	for path := range filesOf(proc, point) {
		return path
	}
	return ""
}

// openFiles lists the files and folders of a mount that processes have open or mapped, as far
// as this user may see.
func openFiles(point string) []openFile {
	var list []openFile
	for _, proc := range otherProcesses() {
		seen := map[string]bool{}
		for _, path := range filesOf(proc, point) {
			if !seen[path] {
				list = append(list, openFile{programOf(proc), filepath.Base(proc), path})
			}
			seen[path] = true
		}
	}
	return list
}

// filesOf are what a process has open or mapped of a mount: how, and the path.
func filesOf(proc, point string) iter.Seq2[string, string] {
	return func(yield func(how, path string) bool) {
		fds, _ := os.ReadDir(proc + "/fd")
		for _, fd := range fds {
			path, err := os.Readlink(proc + "/fd/" + fd.Name())
			path = strings.TrimSuffix(path, " (deleted)") // it was looked up anew since
			if err == nil && isBelow(path, point) && !yield("open: "+path, path) {
				return
			}
		}
		maps, err := os.Open(proc + "/maps")
		if err != nil {
			return
		}
		defer maps.Close()
		for lines := bufio.NewScanner(maps); lines.Scan(); {
			_, path, ok := strings.Cut(lines.Text(), "/")
			// The kernel writes nothing but line feeds otherwise here.
			path = strings.ReplaceAll(strings.TrimSuffix("/"+path, " (deleted)"), `\012`, "\n")
			if ok && isBelow(path, point) && !yield("mapped: "+path, path) {
				return
			}
		}
	}
}
