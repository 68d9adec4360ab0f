package drive

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Access says who may do what with a file or folder, as its mode and its access control
// list have it. Rights are the bits of a mode: 4 to read or list, 2 to write, 1 to run or
// pass through. What a list's mask takes away is taken away already.
type Access struct {
	UID, GID            uint32
	Owner, Group, Other uint8
	Users, Groups       []Named // whom the list names, none where there is no list
}

// Named is a user, or a group, that an access control list names.
type Named struct {
	ID     uint32
	Rights uint8
}

// access is what the mode alone says.
func (i *Info) access() Access {
	return Access{
		UID: i.UID, GID: i.GID,
		Owner: uint8(i.Mode>>6) & 7, Group: uint8(i.Mode>>3) & 7, Other: uint8(i.Mode) & 7,
	}
}

// ownerAlone is what is believed where it cannot be found out: less, never more.
func (i *Info) ownerAlone() Access {
	a := i.access()
	a.Group, a.Other = 0, 0
	return a
}

// listMatters is true where an access control list could shut out anybody whom the mode lets
// in: a list never changes what the owner may, and what it gives to others goes through the
// mask, which the mode shows as the group's bits.
func (i *Info) listMatters() bool {
	return i.Mode&0o077 != 0 && (i.Kind == Regular || i.Kind == Folder)
}

// withList is what mode and list say together, as read by read.
func (i *Info) withList(read func() ([]byte, error)) Access {
	list, err := read()
	switch {
	case err == nil:
	case errors.Is(err, errNoXattr), errors.Is(err, syscall.ENOTSUP):
		return i.access()
	default:
		return i.ownerAlone()
	}
	a, ok := parseList(i, list)
	if !ok {
		return i.ownerAlone()
	}
	return a
}

// The kernel's form of an access control list: a version, then entries of a tag, rights and
// a number, all little endian.
const (
	listVersion = 2
	listHeader  = 4
	listEntry   = 8

	tagOwner = 0x01
	tagUser  = 0x02
	tagOwned = 0x04 // the owning group
	tagGroup = 0x08
	tagMask  = 0x10
	tagOther = 0x20
)

// parseList is false for what is no access control list.
func parseList(i *Info, list []byte) (a Access, ok bool) {
	if len(list) < listHeader || binary.LittleEndian.Uint32(list) != listVersion || (len(list)-listHeader)%listEntry != 0 {
		return a, false
	}
	a = Access{UID: i.UID, GID: i.GID}
	mask := uint8(7)
	for e := list[listHeader:]; len(e) > 0; e = e[listEntry:] {
		rights := uint8(binary.LittleEndian.Uint16(e[2:])) & 7
		named := Named{ID: binary.LittleEndian.Uint32(e[4:]), Rights: rights}
		switch binary.LittleEndian.Uint16(e) {
		case tagOwner:
			a.Owner = rights
		case tagUser:
			a.Users = append(a.Users, named)
		case tagOwned:
			a.Group = rights
		case tagGroup:
			a.Groups = append(a.Groups, named)
		case tagMask:
			mask = rights
		case tagOther:
			a.Other = rights
		default:
			return a, false
		}
	}
	a.Group &= mask
	for _, names := range [][]Named{a.Users, a.Groups} {
		for n := range names {
			names[n].Rights &= mask
		}
	}
	return a, true
}

// Access is who may do what with what lies at a path, which was just looked at. Where that
// cannot be found out, its owner alone may anything.
func (d *Drive) Access(path string, info *Info) Access {
	if !d.mayHaveList(path, info) {
		return info.access()
	}
	return info.withList(func() ([]byte, error) { return d.list(path) })
}

// Access is the drive's Access for a name in the folder.
func (f *Dir) Access(name string, info *Info) Access {
	if !f.drive.mayHaveList(name, info) {
		return info.access()
	}
	return info.withList(func() ([]byte, error) { return f.list(name) })
}

// mayHaveList is false where nobody need ask for an access control list. Whether the file
// system keeps any is found out at the root, which is asked each time.
func (d *Drive) mayHaveList(path string, info *Info) bool {
	return info.listMatters() && (path == "." || !d.listless.Load())
}

// Above says who may pass through what is above the drive's root: a list of folders, from
// the file system's root down, as the real path of the drive has them, and the drive's own
// mount, where its driver answers to one user alone.
func (d *Drive) Above() []Access {
	me := Access{UID: uint32(os.Geteuid()), Owner: 7} // who got here himself
	real, err := filepath.EvalSymlinks(d.dir)
	if err != nil {
		return []Access{me}
	}
	var list []Access
	for dir := real; dir != "/"; {
		dir = filepath.Dir(dir)
		above, ok := accessAbove(dir)
		if !ok {
			above = me
		}
		list = append(list, above)
	}
	if user, ok := d.oneUsers(); ok {
		list = append(list, Access{UID: user, Owner: 7})
	}
	return list
}

func accessAbove(dir string) (Access, bool) {
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil {
		return Access{}, false
	}
	info := &Info{Kind: Folder, Mode: uint32(st.Mode), UID: st.Uid, GID: st.Gid}
	if !info.listMatters() {
		return info.access(), true
	}
	return info.withList(func() ([]byte, error) { return listAt(dir) }), true
}

// userOf reads the options of a FUSE file system: whom it lets in alone, where it does.
func userOf(options string) (uint32, bool) {
	user, alone := uint32(0), false
	for option := range strings.SplitSeq(options, ",") {
		if option == "allow_other" {
			return 0, false
		}
		if id, ok := strings.CutPrefix(option, "user_id="); ok {
			n, err := strconv.ParseUint(id, 10, 32)
			user, alone = uint32(n), err == nil
		}
	}
	return user, alone
}
