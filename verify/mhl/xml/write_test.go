package xml

import "testing"

func TestSpellable(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "é🎬\t\n\r": true, "\ufffd": true, "\x00": false, "\x1f": false, "\xff": false, "a\xc3": false, "\ufffe": false, "\uffff": false, "\x7f": true,
	} {
		if got := Spellable(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
