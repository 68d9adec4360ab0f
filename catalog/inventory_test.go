package catalog

import (
	"fmt"
	"testing"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// coarseDrive is a drive of an exFAT file system under its second plug-in.
func coarseDrive() *driveState {
	ds := &driveState{fs: drive.FileSystem{Kind: "exfat"}}
	ds.plug.Store(2)
	return ds
}

// seenAt is an inventory of files that were observed at one time, and look as of another:
// both in seconds, with the plug-in of the observation.
func seenAt(files ...[3]int64) *inventory {
	inv := &inventory{}
	for i, f := range files {
		look := roll.Look{Size: 7, ModTime: f[1] * int64(time.Second)}
		seen := look
		seen.ModTime = f[0] * int64(time.Second)
		inv.entries = append(inv.entries, entry{
			item: &mhl.Item{Path: fmt.Sprint(i), Kind: mhl.Listed, Size: 7}, there: true, look: look,
			obs: &roll.Observation{Look: seen, Plug: f[2], ReadAt: 1, Sums: []checksum.Sum{{Algorithm: checksum.MD5}}},
		})
	}
	return inv
}

func TestTimesThatMovedAsBetweenTimeZones(t *testing.T) {
	const hour = 3600
	for _, test := range []struct {
		name  string
		files [][3]int64 // observed, now, plug-in
		shift int64      // seconds
		holds []bool
	}{
		{"nothing moved", [][3]int64{{100, 100, 1}, {200, 200, 1}}, 0, []bool{true, true}},
		{"coarser now", [][3]int64{{101, 100, 1}, {201, 202, 1}}, 0, []bool{true, true}},
		{"an hour", [][3]int64{{100, 100 + hour, 1}, {200, 200 + hour, 1}}, hour, []bool{true, true}},
		{"back, and coarse", [][3]int64{{7200, 7200 - hour, 1}, {9001, 9000 - hour, 1}}, -hour, []bool{true, true}},
		{"one file alone", [][3]int64{{100, 100 + hour, 1}}, 0, []bool{false}},
		{"one of several", [][3]int64{{100, 100 + hour, 1}, {200, 200, 1}}, 0, []bool{false, true}},
		{"two ways", [][3]int64{{100, 100 + hour, 1}, {200, 200 + 2*hour, 1}}, 0, []bool{false, false}},
		{"no quarter of an hour", [][3]int64{{100, 100 + 1000, 1}, {200, 200 + 1000, 1}}, 0, []bool{false, false}},
		{"further than time zones", [][3]int64{{100, 100 + 40*hour, 1}, {200, 200 + 40*hour, 1}}, 0, []bool{false, false}},
		{"read since, kept like the rest", [][3]int64{{100, 100 + hour, 1}, {200, 200 + hour, 1}, {300, 300 + hour, 2}}, hour, []bool{true, true, true}},
		{"one that did not move was read since", [][3]int64{{100, 100 + hour, 1}, {200, 200 + hour, 1}, {300, 300, 2}}, 0, []bool{false, false, true}},
		{"the same plug-in is exact", [][3]int64{{100, 101, 2}, {200, 200, 2}}, 0, []bool{false, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ds := coarseDrive()
			inv := seenAt(test.files...)
			inv.shift = inv.findShift(ds)
			if got := inv.shift / int64(time.Second); got != test.shift {
				t.Errorf("got a shift of %d s, want %d", got, test.shift)
			}
			for i := range inv.entries {
				if got := inv.holds(inv.entries[i].obs, inv.entries[i].look, ds); got != test.holds[i] {
					t.Errorf("file %d: holds is %v, want %v", i, got, test.holds[i])
				}
			}
		})
	}
}

func TestHowLongAChangeMayHide(t *testing.T) {
	const ms = int64(time.Millisecond)
	now := time.Unix(1_700_000_000, 0)
	at := func(d int64) int64 { return now.UnixNano() + d }
	strong := &driveState{fs: drive.FileSystem{Kind: "ext4", Strong: true}}
	for _, test := range []struct {
		name  string
		ds    *driveState
		look  roll.Look
		young bool
	}{
		{"old", strong, roll.Look{ModTime: at(-1000 * ms), ChangeTime: at(-1000 * ms)}, false},
		{"changed now", strong, roll.Look{ModTime: at(-1000 * ms), ChangeTime: at(-5 * ms)}, true},
		{"changed now, its time set ahead", strong, roll.Look{ModTime: at(1e6 * ms), ChangeTime: at(-5 * ms)}, true},
		{"coarse", coarseDrive(), roll.Look{ModTime: at(-2500 * ms), ChangeTime: at(0)}, true},
		{"coarse and old", coarseDrive(), roll.Look{ModTime: at(-3500 * ms), ChangeTime: at(0)}, false},
	} {
		if got := tooYoung(test.ds, test.look, now); got != test.young {
			t.Errorf("%s: got %v, want %v", test.name, got, test.young)
		}
	}
}
