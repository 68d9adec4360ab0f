package mhl

import (
	"os"
	"path/filepath"
	"testing"
)

// samples are the manifests and chains that other tools made, by path; none where they
// are not at hand.
func samples(tb testing.TB) map[string][]byte {
	tb.Helper()
	found := map[string][]byte{}
	for _, pattern := range []string{"*/*.mhl", "*/*/*.mhl", "*/*/*/*/*/*.mhl", "*/*/*/*/*/*.xml", "*/*/*/*.mhl", "*/*/*/*.xml"} {
		names, err := filepath.Glob(filepath.Join("../../../shared/mhl-samples", pattern))
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			found[name] = b
		}
	}
	return found
}
