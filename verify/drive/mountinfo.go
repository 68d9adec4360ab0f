package drive

import (
	"strconv"
	"strings"
)

// mount is a line of /proc/self/mountinfo: one file system at one place.
type mount struct {
	ID, Parent int
	Device     string // major:minor
	Root       string // the folder of the file system that is mounted, "/" for its root
	Point      string // where it is mounted
	Options    string // of this mount
	Type       string // ext4, fuseblk, nfs4 …
	Source     string // /dev/sdb1, server:/export …
	Super      string // options of the file system
}

// parseMounts reads mountinfo; lines that are none are left out.
func parseMounts(text string) []mount {
	var mounts []mount
	for line := range strings.Lines(text) {
		if m, ok := parseMount(strings.TrimSuffix(line, "\n")); ok {
			mounts = append(mounts, m)
		}
	}
	return mounts
}

// parseMount reads a line: six fields, optional ones up to "-", three more.
func parseMount(line string) (mount, bool) {
	f := strings.Split(line, " ")
	dash := 6
	for dash < len(f) && f[dash] != "-" {
		dash++
	}
	if len(f) < dash+4 {
		return mount{}, false
	}
	id, err := strconv.Atoi(f[0])
	parent, err2 := strconv.Atoi(f[1])
	if err != nil || err2 != nil {
		return mount{}, false
	}
	return mount{
		ID: id, Parent: parent, Device: f[2],
		Root: unescapeMount(f[3]), Point: unescapeMount(f[4]), Options: f[5],
		Type: f[dash+1], Source: unescapeMount(f[dash+2]), Super: f[dash+3],
	}, true
}

// unescapeMount undoes the kernel's \ooo for white space and backslashes.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
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

// findMount is the mount of that number.
func findMount(mounts []mount, id int) (mount, bool) {
	for _, m := range mounts {
		if m.ID == id {
			return m, true
		}
	}
	return mount{}, false
}

// has is true where one of the mount's own or its file system's options is option.
func (m mount) has(option string) bool {
	for _, o := range strings.Split(m.Options+","+m.Super, ",") {
		if o == option {
			return true
		}
	}
	return false
}

// submounts are the paths, relative to the folder below the mount's point ("." for the
// point itself), on which something else is mounted.
func submounts(mounts []mount, m mount, below string) []string {
	dir := strings.TrimSuffix(m.Point, "/")
	if below != "." {
		dir += "/" + below
	}
	var paths []string
	for _, sub := range mounts {
		if path, ok := strings.CutPrefix(sub.Point, dir+"/"); ok && sub.Parent == m.ID && path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// covered is true where a path in the mount m leads elsewhere: something else is mounted on
// it, or on a folder above it.
func covered(mounts []mount, m mount, path string) bool {
	way := m.ID // the mount by which the path goes on
	for range mounts {
		for _, c := range mounts {
			_, in := Relative(c.Point, path)
			if in && c.Parent == m.ID && c.ID != m.ID && c.ID != way {
				return true
			}
		}
		above, ok := findMount(mounts, m.Parent)
		if !ok || above.ID == m.ID {
			return false
		}
		way, path, m = m.ID, m.Point, above
	}
	return false
}
