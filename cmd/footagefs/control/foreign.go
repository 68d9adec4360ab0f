package control

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// A live mount answers as its owner likes: he can put any program in its place. So another
// user, root above all, gets from it only what can be shown. Its words are escaped, no path,
// catalog or profile that it tells is used, and none of its verdicts becomes an exit status.
// Whose a mount is, the kernel says: in the table of mounts, and at the socket's other end.

// IsForeign is true where the mount belongs to another user than the one who asks.
func (m Mount) IsForeign() bool { return m.Owner != os.Geteuid() }

// OwnerName is the mount's owner for people.
func (m Mount) OwnerName() string {
	if m.Owner == NoOwner {
		return "another user"
	}
	id := strconv.Itoa(m.Owner)
	if u, err := user.LookupId(id); err == nil && u.Username != "" {
		return u.Username
	}
	return "user " + id
}

// quote goes before what another user's mount says, so that it is not taken for ours.
func (m Mount) quote() string {
	if !m.IsForeign() {
		return ""
	}
	return fmt.Sprintf("the mount %s of %s says: ", m.Point, m.OwnerName())
}

// refusal says why a command does nothing with another user's mount.
func (m Mount) refusal() error {
	return fmt.Errorf("the mount %s belongs to %s: no verdict or path of it is used by another user; give the drive itself, or ask as %s",
		m.Point, m.OwnerName(), m.OwnerName())
}

// OwnOnly refuses a mount of another user.
func (m Mount) OwnOnly() error {
	if m.IsForeign() {
		return m.refusal()
	}
	return nil
}
