package fs

import (
	"os"
	"strconv"
	"strings"
)

// groupsOf are the groups that a process is in; known is false where that cannot be found out.
func groupsOf(pid uint32) (groups []uint32, known bool) {
	status, err := os.ReadFile("/proc/" + strconv.FormatUint(uint64(pid), 10) + "/status")
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(string(status)) {
		list, ok := strings.CutPrefix(line, "Groups:")
		if !ok {
			continue
		}
		for _, word := range strings.Fields(list) {
			if id, err := strconv.ParseUint(word, 10, 32); err == nil {
				groups = append(groups, uint32(id))
			}
		}
		return groups, true
	}
	return nil, false
}
