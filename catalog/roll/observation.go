package roll

import (
	"slices"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// Look is what must not have moved for an observation to hold. Times are nanoseconds since
// the epoch.
type Look struct {
	Size, ModTime, ChangeTime int64
	Inode                     uint64
}

// LookOf is the look of a file with this information.
func LookOf(i drive.Info) Look {
	return Look{Size: i.Size, ModTime: i.ModTime, ChangeTime: i.ChangeTime, Inode: i.Inode}
}

// Observation is one complete reading of a file, or one that the drive refused: what
// the file looked like, and what was computed from its bytes. It is a fact about bytes;
// verdicts are derived from it and today's manifests. Times are nanoseconds since the epoch.
type Observation struct {
	Look
	Sums    []checksum.Sum
	ReadAt  int64  // when the reading ended
	FirstAt int64  // when these very bytes were first read
	OtherAt int64  // when other bytes were last read at this path; 0 where none were
	Plug    int64  // the plug-in of the drive under which it was made
	Failure string // why the drive could not be read; "" for a complete reading
}

// ReadTime is when the reading ended.
func (o *Observation) ReadTime() time.Time { return time.Unix(0, o.ReadAt) }

// Named is an observation of a file by its name in a folder.
type Named struct {
	Name string
	Observation
}

// Merge is what is known of a file after a new reading: where the result is the same, when
// it first came out is kept, and digests of other algorithms while the file is unchanged.
func Merge(old, new Observation) Observation {
	if !SameResult(&old, &new) {
		new.OtherAt = old.OtherAt
		if old.Failure == "" {
			new.OtherAt = old.ReadAt
		}
		return new
	}
	new.OtherAt = old.OtherAt
	if new.Failure == "" && old.FirstAt != 0 {
		new.FirstAt = old.FirstAt
	}
	if new.Look == old.Look {
		new.Sums = unionSums(new.Sums, old.Sums)
	}
	return new
}

// SameResult is true where both readings failed, or both succeeded and no algorithm
// gave different digests.
func SameResult(a, b *Observation) bool {
	if (a.Failure == "") != (b.Failure == "") {
		return false
	}
	for _, x := range a.Sums {
		for _, y := range b.Sums {
			if x.Algorithm == y.Algorithm && x.Digest != y.Digest {
				return false
			}
		}
	}
	return true
}

// unionSums adds the digests of algorithms that the new reading did not compute.
func unionSums(new, old []checksum.Sum) []checksum.Sum {
	for _, o := range old {
		if !slices.ContainsFunc(new, func(n checksum.Sum) bool { return n.Algorithm == o.Algorithm }) {
			new = append(slices.Clip(new), o)
		}
	}
	return new
}
