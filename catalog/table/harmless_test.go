package table

import (
	"bytes"
	"testing"
)

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"2023-05-10  A001  verified\n": "2023-05-10  A001  verified\n",
		"\x1b]0;x\x07\x1b[2J\r\nb":     `\u001b]0;x\u0007\u001b[2J\u000d` + "\nb",
		`a\u001b \\ "é"` + "\n":        `a\u001b \\ "é"` + "\n",
		"\xff\u202ex\u009b31m\n":       `\xff\u202ex\u009b31m` + "\n",
	} {
		for size := 1; size <= len(text); size++ {
			var out bytes.Buffer
			w := NewHarmless(&out)
			for rest := []byte(text); len(rest) > 0; {
				n := min(size, len(rest))
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil || out.String() != want {
				t.Fatalf("%q in pieces of %d: got %q, want %q (error %v)", text, size, &out, want, err)
			}
		}
	}
}
