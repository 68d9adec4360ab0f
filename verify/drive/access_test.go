package drive

import (
	"encoding/binary"
	"errors"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is one of an access control list.
type entry struct {
	tag, rights uint16
	id          uint32
}

// listOf is an access control list as the kernel gives it.
func listOf(entries ...entry) []byte {
	list := binary.LittleEndian.AppendUint32(nil, listVersion)
	for _, e := range entries {
		list = binary.LittleEndian.AppendUint16(list, e.tag)
		list = binary.LittleEndian.AppendUint16(list, e.rights)
		list = binary.LittleEndian.AppendUint32(list, e.id)
	}
	return list
}

func TestAccess(t *testing.T) {
	whole := listOf(entry{tagOwner, 6, 0}, entry{tagUser, 7, 12}, entry{tagUser, 0, 13}, entry{tagOwned, 6, 0},
		entry{tagGroup, 6, 14}, entry{tagMask, 4, 0}, entry{tagOther, 4, 0})
	closed := Access{UID: 10, GID: 11, Owner: 6}
	for _, tt := range []struct {
		name string
		mode uint32
		list []byte
		err  error
		want Access
	}{
		{"no list", 0o644, nil, errNoXattr, Access{UID: 10, GID: 11, Owner: 6, Group: 4, Other: 4}},
		{"a file system without lists", 0o644, nil, syscall.ENOTSUP, Access{UID: 10, GID: 11, Owner: 6, Group: 4, Other: 4}},
		{"the mask holds for all but the owner and others", 0o644, whole, nil, Access{UID: 10, GID: 11, Owner: 6, Group: 4, Other: 4,
			Users: []Named{{12, 4}, {13, 0}}, Groups: []Named{{14, 4}}}},
		{"unreadable", 0o644, nil, syscall.EIO, closed},
		{"gone", 0o644, nil, errors.New("gone"), closed},
		{"too short", 0o644, whole[:3], nil, closed},
		{"cut off", 0o644, whole[:len(whole)-1], nil, closed},
		{"of another version", 0o644, append([]byte{3, 0, 0, 0}, whole[4:]...), nil, closed},
		{"of another kind", 0o644, listOf(entry{0x40, 7, 0}), nil, closed},
	} {
		info := &Info{Kind: Regular, Mode: tt.mode, UID: 10, GID: 11}
		got := info.withList(func() ([]byte, error) { return tt.list, tt.err })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestListMatters(t *testing.T) {
	for _, tt := range []struct {
		info Info
		want bool
	}{
		{Info{Kind: Regular, Mode: 0o644}, true},
		{Info{Kind: Folder, Mode: 0o705}, true}, // a mask without rights denies whom the list names
		{Info{Kind: Folder, Mode: 0o700}, false},
		{Info{Kind: Foreign, Mode: 0o555}, false},
		{Info{Kind: Symlink, Mode: 0o777}, false},
	} {
		if got := tt.info.listMatters(); got != tt.want {
			t.Errorf("%+v: got %v", tt.info, got)
		}
	}
}

func TestUserOf(t *testing.T) {
	for _, tt := range []struct {
		options string
		user    uint32
		alone   bool
	}{
		{"rw,user_id=1000,group_id=1000", 1000, true},
		{"ro,user_id=0,group_id=0,default_permissions", 0, true},
		{"rw,user_id=1000,group_id=1000,default_permissions,allow_other", 0, false},
		{"rw", 0, false},
	} {
		if user, alone := userOf(tt.options); user != tt.user || alone != tt.alone {
			t.Errorf("%s: got %d, %v", tt.options, user, alone)
		}
	}
}
