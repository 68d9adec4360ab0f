package fs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/verify/drive"
)

const (
	root, alice, bob, carol   = 0, 1001, 1002, 1003
	wheel, editors, assistant = 0, 2001, 2002
)

// of is who may what by a mode.
func of(uid, gid uint32, mode uint32) drive.Access {
	return drive.Access{UID: uid, GID: gid, Owner: uint8(mode >> 6 & 7), Group: uint8(mode >> 3 & 7), Other: uint8(mode & 7)}
}

// and adds users and groups of an access control list.
func and(a drive.Access, users, groups []drive.Named) drive.Access {
	a.Users, a.Groups = users, groups
	return a
}

func named(list ...drive.Named) []drive.Named { return list }

func TestWithoutList(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    drive.Access
		want uint32
	}{
		{"no list", of(alice, editors, 0o754), 0o754},
		{"a user shut out", and(of(alice, editors, 0o644), named(drive.Named{ID: bob}), nil), 0o600},
		{"a user let in", and(of(alice, editors, 0o600), named(drive.Named{ID: bob, Rights: 7}), nil), 0o600},
		{"a user let in where all may", and(of(alice, editors, 0o755), named(drive.Named{ID: bob, Rights: 7}), nil), 0o755},
		{"a group shut out", and(of(alice, editors, 0o644), nil, named(drive.Named{ID: assistant})), 0o640},
		{"the owner named", and(of(alice, editors, 0o644), named(drive.Named{ID: alice}), nil), 0o644},
		{"the owning group named again", and(of(alice, editors, 0o644), nil, named(drive.Named{ID: editors})), 0o644},
		{"group denied, others not", of(alice, editors, 0o705), 0o705},
	} {
		if got := withoutList(tt.a); got != tt.want {
			t.Errorf("%s: got %o, want %o", tt.name, got, tt.want)
		}
	}
}

func TestExpress(t *testing.T) {
	pass := func(a drive.Access) drive.Access { return gate(a, mayPass) }
	for _, tt := range []struct {
		name  string
		of    drive.Access
		gates []drive.Access
		me    uint32
		want  granted
	}{
		{"another's closed day", of(root, wheel, 0o755), []drive.Access{pass(of(alice, editors, 0o700))}, root, granted{alice, wheel, 0o500}},
		{"his own closed day", of(alice, editors, 0o755), []drive.Access{pass(of(alice, editors, 0o700))}, root, granted{alice, editors, 0o700}},
		{"a day for a group", of(alice, assistant, 0o755), []drive.Access{pass(of(root, editors, 0o750))}, root, granted{root, editors, 0o550}},
		{"a day for all but a group", of(alice, assistant, 0o755), []drive.Access{pass(of(alice, editors, 0o705))}, root, granted{alice, editors, 0o705}},
		{"two groups", of(root, wheel, 0o755), []drive.Access{pass(of(root, editors, 0o750)), pass(of(root, assistant, 0o750))}, root, granted{root, wheel, 0o700}},
		{"two groups, and the mount's owner is in both", of(root, wheel, 0o755),
			[]drive.Access{pass(of(root, editors, 0o750)), pass(of(root, assistant, 0o750))}, alice, granted{alice, wheel, 0o700}},
		{"a desktop's folder of a user's drives", of(alice, editors, 0o755),
			[]drive.Access{pass(and(of(root, wheel, 0o750), named(drive.Named{ID: alice, Rights: 5}), nil))}, root, granted{alice, wheel, 0o750}},
		{"a folder of ours before that folder", of(root, wheel, 0o555),
			[]drive.Access{pass(and(of(root, wheel, 0o750), named(drive.Named{ID: alice, Rights: 5}), nil))}, root, granted{alice, wheel, 0o550}},
		{"a user shut out of the day", of(alice, editors, 0o755),
			[]drive.Access{pass(and(of(alice, editors, 0o755), named(drive.Named{ID: bob}), nil))}, root, granted{bob, editors, 0o055}},
		{"nobody may pass", of(alice, editors, 0o755), []drive.Access{pass(of(alice, editors, 0))}, root, granted{alice, editors, 0}},
	} {
		if got := express(tt.of, tt.gates, tt.me); got != tt.want {
			t.Errorf("%s: got %d:%d %o, want %d:%d %o", tt.name, got.uid, got.gid, got.mode, tt.want.uid, tt.want.gid, tt.want.mode)
		}
	}
}

// somebody is a user with his groups.
type somebody struct {
	uid    uint32
	groups []uint32
}

// may is what the kernel grants somebody by a mode and an access control list: of the groups
// that are his, one that grants what he asks for is enough. wants is one bit.
func (s somebody) may(a drive.Access, wants uint8) bool {
	if s.uid == a.UID {
		return a.Owner&wants != 0
	}
	for _, u := range a.Users {
		if u.ID == s.uid {
			return u.Rights&wants != 0
		}
	}
	in := false
	for _, g := range append([]drive.Named{{ID: a.GID, Rights: a.Group}}, a.Groups...) {
		if slices.Contains(s.groups, g.ID) {
			if in = true; g.Rights&wants != 0 {
				return true
			}
		}
	}
	return !in && a.Other&wants != 0
}

// Whatever the folders say, nobody may by what is shown what he may not on the drive; the
// mount's owner aside, who comes to the drive with his own rights.
func TestExpressNeverWidens(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	ids, gids := []uint32{alice, bob, carol}, []uint32{2000, 2001, 2002}
	some := func() drive.Access {
		mode := uint32(0o755)
		if rnd.IntN(2) == 0 {
			mode = rnd.Uint32N(0o1000)
		}
		a := of(ids[rnd.IntN(3)], gids[rnd.IntN(3)], mode)
		for _, id := range rnd.Perm(3)[:rnd.IntN(3)] {
			a.Users = append(a.Users, drive.Named{ID: ids[id], Rights: uint8(rnd.IntN(8))})
		}
		for _, id := range rnd.Perm(3)[:rnd.IntN(3)] {
			a.Groups = append(a.Groups, drive.Named{ID: gids[id], Rights: uint8(rnd.IntN(8))})
		}
		return a
	}
	for range 20000 {
		self := some()
		var above, gates []drive.Access
		for range 1 + rnd.IntN(3) {
			a := some()
			above, gates = append(above, a), append(gates, gate(a, mayPass))
		}
		mode := withoutList(self)
		alone := of(self.UID, self.GID, mode)
		is := express(alone, gates, root)
		shown := of(is.uid, is.gid, is.mode)
		for _, uid := range append(ids, 1004) {
			for in := range 8 {
				s := somebody{uid: uid}
				for i, gid := range gids {
					if in>>i&1 != 0 {
						s.groups = append(s.groups, gid)
					}
				}
				for _, bit := range []uint8{mayRead, mayPass} {
					if s.may(alone, bit) && !s.may(self, bit) {
						t.Fatalf("%+v may %d by %+v, not by %+v", s, bit, alone, self)
					}
					passes := !slices.ContainsFunc(above, func(a drive.Access) bool { return !s.may(a, mayPass) })
					if s.may(shown, bit) && !(passes && s.may(self, bit)) {
						t.Fatalf("%+v may %d by %+v, not by %+v below %+v", s, bit, shown, self, above)
					}
				}
			}
		}
	}
}

func TestGateLetsThrough(t *testing.T) {
	a := and(of(alice, editors, 0o751), named(drive.Named{ID: bob, Rights: 1}), named(drive.Named{ID: assistant, Rights: 4}))
	for _, tt := range []struct {
		needs uint8
		want  string
	}{
		{mayPass, "7 7 7 [{1002 7}] [{2002 0}]"},
		{mayLook, "7 7 0 [{1002 0}] [{2002 0}]"},
	} {
		g := gate(a, tt.needs)
		if got := fmt.Sprint(g.Owner, g.Group, g.Other, g.Users, g.Groups); got != tt.want {
			t.Errorf("needs %d: got %s, want %s", tt.needs, got, tt.want)
		}
	}
}

// Whom uid= and gid= name has what the drive's owner and group have, and nobody else has more
// by it.
func TestAskedForOwners(t *testing.T) {
	id := func(n uint32) *uint32 { return &n }
	for _, tt := range []struct {
		name     string
		o        owner
		is, want granted
	}{
		{"nothing asked for", owner{}, granted{alice, editors, 0o705}, granted{alice, editors, 0o705}},
		{"another owner", owner{uid: id(carol)}, granted{alice, editors, 0o750}, granted{carol, editors, 0o750}},
		{"another owner where the first may less than others", owner{uid: id(carol)}, granted{bob, editors, 0o055}, granted{carol, editors, 0o500}},
		{"the same owner", owner{uid: id(bob)}, granted{bob, editors, 0o055}, granted{bob, editors, 0o055}},
		{"another group where the first may less than others", owner{gid: id(assistant)}, granted{alice, editors, 0o705}, granted{alice, assistant, 0o700}},
		{"a mask takes", owner{umask: id(0o027)}, granted{alice, editors, 0o755}, granted{alice, editors, 0o750}},
		{"a mask gives nothing", owner{umask: id(0)}, granted{alice, editors, 0o600}, granted{alice, editors, 0o600}},
	} {
		a := fuse.Attr{Mode: fuse.S_IFDIR | tt.is.mode, Owner: fuse.Owner{Uid: tt.is.uid, Gid: tt.is.gid}}
		tt.o.apply(&a)
		if got := (granted{a.Uid, a.Gid, a.Mode & permission}); got != tt.want {
			t.Errorf("%s: got %d:%d %o, want %d:%d %o", tt.name, got.uid, got.gid, got.mode, tt.want.uid, tt.want.gid, tt.want.mode)
		}
	}
}
