package drive

import (
	"strconv"
	"strings"
)

// parseUdev reads the properties (lines "E:NAME=value") of a record of the device manager.
func parseUdev(text string) map[string]string {
	properties := map[string]string{}
	for line := range strings.Lines(text) {
		property, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "E:")
		if !ok {
			continue
		}
		if name, value, ok := strings.Cut(property, "="); ok {
			properties[name] = value
		}
	}
	return properties
}

// decodeUdev undoes the \xNN of properties whose names end in _ENC.
func decodeUdev(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
