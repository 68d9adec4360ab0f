package fs

import "testing"

func TestParseMount(t *testing.T) {
	for _, c := range []struct {
		line string
		want mounted
		ok   bool
	}{
		{
			`36 35 0:52 / /mnt/my\040footage rw,nosuid,nodev,relatime shared:1 - fuse.footagefs /dev/sdb1 ro,user_id=1000,group_id=1000`,
			mounted{"/mnt/my footage", "fuse.footagefs", 1000}, true,
		},
		{
			`22 27 0:20 / / rw,relatime - ext4 /dev/vda rw`,
			mounted{"/", "ext4", -1}, true,
		},
		{`36 35 0:52 / /a\134b rw - fuse.footagefs none rw,user_id=x`, mounted{`/a\b`, "fuse.footagefs", -1}, true},
		{`36 35 0:52 / /trailing\04 rw - ext4 x rw`, mounted{`/trailing\04`, "ext4", -1}, true},
		{"", mounted{}, false},
		{"36 35 0:52 / /mnt rw", mounted{}, false},
		{" - ", mounted{}, false},
	} {
		got, ok := parseMount(c.line)
		if got != c.want || ok != c.ok {
			t.Errorf("parseMount(%q): got %+v, %v, want %+v, %v", c.line, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseMount(f *testing.F) {
	f.Add(`36 35 0:52 / /mnt/my\040footage rw - fuse.footagefs /dev/sdb1 ro,user_id=1000`)
	f.Fuzz(func(t *testing.T, line string) { parseMount(line) })
}
