package catalog

import (
	"strings"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

const (
	quarterHour = int64(15 * time.Minute)
	// widest is how far apart the clocks of two time zones can be.
	widest = int64(26 * time.Hour)
	// coarse is the step of FAT's times.
	coarse = int64(2 * time.Second)
)

// findShift recognises that all files of a roll on a file system without time zones
// moved by one same multiple of 15 minutes since they were observed under another plug-in.
// What is read meanwhile is kept as if nothing had moved, so that it is of one kind with
// the rest; one file that did not move with the others means that they were not moved by a
// time zone, and one file alone proves nothing.
func (inv *inventory) findShift(ds *driveState) int64 {
	if !coarseTimes(ds.fs) {
		return 0
	}
	var shift int64
	n := 0
	for i := range inv.entries {
		e := &inv.entries[i]
		if e.obs == nil || !e.there || e.obs.Size != e.look.Size {
			continue
		}
		moved := e.look.ModTime - e.obs.ModTime
		steps := (moved + quarterHour/2*sign(moved)) / quarterHour
		rest := moved - steps*quarterHour
		if steps == 0 || rest > coarse || rest < -coarse || n > 0 && steps*quarterHour != shift {
			return 0
		}
		shift = steps * quarterHour
		n++
	}
	if n < 2 || shift > widest || shift < -widest {
		return 0
	}
	return shift
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// coarseTimes is true for file systems that keep neither change time nor a usable inode
// number, and whose times are coarse and without a time zone.
func coarseTimes(f drive.FileSystem) bool {
	switch f.Kind {
	case "exfat", "vfat", "msdos", "fat", "ntfs", "ntfs3", "udf", "cifs", "smb3", "smbfs":
		return true
	}
	return strings.HasPrefix(f.Kind, "fuse")
}

// holds is true where an observation was made of the file as it looks now.
func (inv *inventory) holds(o *roll.Observation, l roll.Look, ds *driveState) bool {
	switch {
	case o == nil || o.Size != l.Size:
		return false
	case !coarseTimes(ds.fs):
		// Other file systems that we do not name keep these four while they are mounted.
		return o.Look == l
	case o.Plug == ds.plug.Load():
		was := o.ModTime + inv.shift
		return was == l.ModTime || steppedTime(was, l.ModTime)
	}
	moved := l.ModTime - inv.shift - o.ModTime
	return moved <= coarse && moved >= -coarse
}

// steppedTime is true where now is was, cut or rounded to one of the steps that these
// file systems keep on disk: the finer time lived in memory until the file was evicted.
func steppedTime(was, now int64) bool {
	for _, step := range []int64{int64(10 * time.Millisecond), int64(time.Second), coarse} {
		if now%step == 0 && now-was < step && was-now < step {
			return true
		}
	}
	return false
}

// strong is true where nothing can have changed without a sign since the observation.
func strong(o *roll.Observation, ds *driveState) bool {
	return ds.fs.Strong && (ds.fs.Serial || o.Plug == ds.plug.Load())
}

// tooYoung is true while a change could hide behind the step of the file system's clock:
// a file changed within it looks the same before and after.
func tooYoung(ds *driveState, l roll.Look, now time.Time) bool { return youngFor(ds, l, now) > 0 }

// youngFor is for how long that lasts still.
func youngFor(ds *driveState, l roll.Look, now time.Time) time.Duration {
	step := 20 * time.Millisecond
	times := [...]int64{l.ModTime, l.ChangeTime}
	if coarseTimes(ds.fs) {
		step = time.Duration(coarse) + time.Second
		times[1] = l.ModTime
	}
	var left time.Duration
	for _, t := range times {
		if age := time.Duration(now.UnixNano() - t); age < step && age > -step {
			left = max(left, step-age)
		}
	}
	return left
}
