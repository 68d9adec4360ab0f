package control

import (
	"os"
	"path/filepath"
	"strings"
)

// isOurs: macFUSE does not say whose a mount is; the socket beside it does.
func isOurs(m mountEntry) bool { return strings.Contains(m.kind, "fuse") && hasSocket(m) }

func hasSocket(m mountEntry) bool {
	for _, dir := range runtimeFolders(m.owner) {
		if _, err := os.Lstat(filepath.Join(dir, socketName(m.device))); err == nil {
			return true
		}
	}
	return false
}
