package table

import (
	"io"
	"strings"
)

// Harmless passes on lines of text with what a terminal would obey escaped. Honest
// lines have nothing of the kind, since they are escaped where they are made.
type Harmless struct {
	w    io.Writer
	line strings.Builder // what has no end yet
}

// NewHarmless passes lines on to w.
func NewHarmless(w io.Writer) *Harmless { return &Harmless{w: w} }

// longestLine bounds, in bytes, what is kept of a line that has no end.
const longestLine = 1 << 20

// Write passes on the lines that are whole.
func (h *Harmless) Write(b []byte) (int, error) {
	for rest := string(b); rest != ""; {
		line, more, whole := strings.Cut(rest, "\n")
		h.line.WriteString(line)
		if rest = more; whole || h.line.Len() > longestLine {
			end := ""
			if whole {
				end = "\n"
			}
			if err := h.flush(end); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// Close passes on the last line, which may have no end.
func (h *Harmless) Close() error { return h.flush("") }

func (h *Harmless) flush(end string) error {
	text := EscapeAgain(h.line.String()) + end
	h.line.Reset()
	_, err := io.WriteString(h.w, text)
	return err
}
