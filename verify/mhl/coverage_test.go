package mhl

import (
	"strings"
	"testing"
)

func TestAlwaysIgnored(t *testing.T) {
	t.Run("R39 what no list leaves in", func(t *testing.T) {
		for p, want := range map[string]bool{
			".DS_Store": true, "a/.DS_Store": true, "ascmhl/": true, "ascmhl/x": true, "a/ascmhl/b/c": true, "a/ascmhl/": true,
			"ascmhl": false, "a/ascmhl": false, ".DS_Store/": false, "xascmhl/a": false, "a": false,
		} {
			if got := AlwaysIgnored(strings.TrimSuffix(p, "/"), strings.HasSuffix(p, "/")); got != want {
				t.Errorf("%s: got %v, want %v", p, got, want)
			}
		}
	})
}
