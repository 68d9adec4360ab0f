package fs

import (
	"math/bits"
	"slices"

	"footagefs/verify/drive"
)

// The kernel compares permissions with one owner, one group and one mode. What several
// folders and their access control lists grant together is said in these three so that
// nobody may more than all of the folders allow. Where they cannot say it exactly they say
// less: groups overlap, and which groups somebody is in is not known here.

// rights are bits of a mode: read, pass through.
const (
	mayRead  = 4
	mayPass  = 1
	mayLook  = mayRead | mayPass
	mayAll   = uint8(7)
	mostFrom = 16 // owners and groups that are tried, each: lists can be long
)

// gate is what a folder allows to whoever is let through it; 7 or nothing for each.
func gate(a drive.Access, needs uint8) drive.Access {
	opened := func(rights uint8) uint8 {
		if rights&needs == needs {
			return mayAll
		}
		return 0
	}
	g := drive.Access{UID: a.UID, GID: a.GID, Owner: opened(a.Owner), Group: opened(a.Group), Other: opened(a.Other)}
	for _, u := range a.Users {
		g.Users = append(g.Users, drive.Named{ID: u.ID, Rights: opened(u.Rights)})
	}
	for _, n := range a.Groups {
		g.Groups = append(g.Groups, drive.Named{ID: n.ID, Rights: opened(n.Rights)})
	}
	return g
}

// everybody is what nobody at all is denied.
func everybody(a drive.Access) uint8 {
	all := a.Owner & a.Group & a.Other
	for _, u := range a.Users {
		all &= u.Rights
	}
	for _, g := range a.Groups {
		all &= g.Rights
	}
	return all
}

// anyGroup is what somebody may for certain whose groups are not known, and who is neither
// the owner nor a user that the list names.
func anyGroup(a drive.Access) uint8 {
	all := a.Group & a.Other
	for _, g := range a.Groups {
		all &= g.Rights
	}
	return all
}

// user is what this user may for certain.
func user(a drive.Access, uid uint32) uint8 {
	if uid == a.UID {
		return a.Owner
	}
	for _, u := range a.Users {
		if u.ID == uid {
			return u.Rights
		}
	}
	return anyGroup(a)
}

// allUsersBut is what every owner and every user whom the list names may, this one aside.
func allUsersBut(a drive.Access, uid uint32) uint8 {
	all := mayAll
	if a.UID != uid {
		all = a.Owner
	}
	for _, u := range a.Users {
		if u.ID != uid && u.ID != a.UID {
			all &= u.Rights
		}
	}
	return all
}

// member is what everybody in this group may for certain who is not this user.
func member(a drive.Access, uid, gid uint32) uint8 {
	if gid == a.GID {
		return allUsersBut(a, uid) & a.Group
	}
	for _, g := range a.Groups {
		if g.ID == gid {
			return allUsersBut(a, uid) & g.Rights
		}
	}
	return allUsersBut(a, uid) & anyGroup(a)
}

// stranger is what everybody may for certain who is neither this user nor in this group.
func stranger(a drive.Access, uid, gid uint32) uint8 {
	all := a.Other
	if a.GID != gid {
		all &= a.Group
	}
	for _, g := range a.Groups {
		if g.ID != gid {
			all &= g.Rights
		}
	}
	return allUsersBut(a, uid) & all
}

// withoutList is the mode that says what can be said without an access control list, owner and
// group staying what they are.
func withoutList(a drive.Access) (mode uint32) {
	return triple(a.Owner, member(a, a.UID, a.GID), stranger(a, a.UID, a.GID))
}

func triple(owner, group, other uint8) uint32 {
	return uint32(owner)<<6 | uint32(group)<<3 | uint32(other)
}

// granted is an owner, a group and a mode that say who may what.
type granted struct {
	uid, gid uint32
	mode     uint32
}

// express says what the gates leave of the rights to something. Where one owner and group
// say more of it than others they are taken, first of all for the mount's owner, me: he
// reads the drive with his own rights, so that whatever is shown to him is his. To root
// nothing is denied anyway.
func express(of drive.Access, gates []drive.Access, me uint32) granted {
	uids, gids := candidates(of, gates, me)
	var best granted
	var most score
	for i, uid := range uids {
		for j, gid := range gids {
			s, worth := expressAs(of, gates, me, uid, gid)
			if i+j == 0 || worth.better(most) {
				best, most = s, worth
			}
		}
	}
	return best
}

// candidates are the owners and groups that may say it best, those of the thing itself first.
func candidates(of drive.Access, gates []drive.Access, me uint32) (uids, gids []uint32) {
	uids, gids = []uint32{of.UID, me, 0}, []uint32{of.GID}
	for _, g := range gates {
		uids, gids = append(uids, g.UID), append(gids, g.GID)
	}
	for _, g := range gates {
		for _, u := range g.Users {
			uids = append(uids, u.ID)
		}
		for _, n := range g.Groups {
			gids = append(gids, n.ID)
		}
	}
	return firstOf(uids), firstOf(gids)
}

func firstOf(ids []uint32) (list []uint32) {
	for _, id := range ids {
		if len(list) < mostFrom && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// score compares ways to say it: how much the mount's owner may, all others, the group;
// whether the owner may what others may, as he would be denied it; and how much he may. To
// root being the owner is neither good nor bad.
type score [5]int

func (s score) better(than score) bool { return slices.Compare(s[:], than[:]) > 0 }

func expressAs(of drive.Access, gates []drive.Access, me, uid, gid uint32) (granted, score) {
	owner, group, other := user(of, uid), member(of, uid, gid), stranger(of, uid, gid)
	for _, g := range gates {
		owner &= user(g, uid)
		group &= member(g, uid, gid)
		other &= stranger(g, uid, gid)
	}
	mine := group & other
	if uid == me {
		if me != 0 { // he is through the gates, and the drive decides at each call
			owner = of.Owner
			if of.UID != me {
				owner |= of.Group | of.Other
			}
		}
		mine = owner
	}
	if me == 0 {
		mine = 0 // no matter
	}
	count := func(rights uint8) int { return bits.OnesCount8(rights & mayLook) }
	kept, his := 0, count(owner)
	if uid == 0 {
		kept, his = 1, 0
	} else if (group|other)&^owner&mayLook == 0 {
		kept = 1
	}
	return granted{uid, gid, triple(owner, group, other)}, score{count(mine), count(other), count(group), kept, his}
}
