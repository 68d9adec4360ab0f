package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"

	"footagefs/catalog/table"
)

// A live mount answers as its owner likes: he can put any program in its place. So another
// user, root above all, gets from it only what can be shown. Its words are escaped, no path,
// catalog or profile that it tells is used, and none of its verdicts becomes an exit status.
// Whose a mount is, the kernel says: in the table of mounts, and at the socket's other end.

// isForeign is true where the mount belongs to another user than the one who asks.
func (m liveMount) isForeign() bool { return m.owner != os.Geteuid() }

// ownerName is the mount's owner for people.
func (m liveMount) ownerName() string {
	if m.owner == noOwner {
		return "another user"
	}
	id := strconv.Itoa(m.owner)
	if u, err := user.LookupId(id); err == nil && u.Username != "" {
		return u.Username
	}
	return "user " + id
}

// quote goes before what another user's mount says, so that it is not taken for ours.
func (m liveMount) quote() string {
	if !m.isForeign() {
		return ""
	}
	return fmt.Sprintf("the mount %s of %s says: ", m.point, m.ownerName())
}

// refusal says why a command does nothing with another user's mount.
func (m liveMount) refusal() error {
	return fmt.Errorf("the mount %s belongs to %s: no verdict or path of it is used by another user; give the drive itself, or ask as %s",
		m.point, m.ownerName(), m.ownerName())
}

// ownOnly refuses a mount of another user.
func (m liveMount) ownOnly() error {
	if m.isForeign() {
		return m.refusal()
	}
	return nil
}

// sayWhose tells who it is that answers, where it is another user.
func (p *program) sayWhose(m liveMount) {
	if m.isForeign() {
		p.say("the mount %s belongs to %s, who answers for it", m.point, m.ownerName())
	}
}

// harmlessWriter passes on lines of text with what a terminal would obey escaped. Honest
// lines have nothing of the kind, since they are escaped where they are made.
type harmlessWriter struct {
	w    io.Writer
	line strings.Builder // what has no end yet
}

// longestLine bounds, in bytes, what is kept of a line that has no end.
const longestLine = 1 << 20

// Write passes on the lines that are whole.
func (h *harmlessWriter) Write(b []byte) (int, error) {
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
func (h *harmlessWriter) Close() error { return h.flush("") }

func (h *harmlessWriter) flush(end string) error {
	text := table.EscapeAgain(h.line.String()) + end
	h.line.Reset()
	_, err := io.WriteString(h.w, text)
	return err
}
