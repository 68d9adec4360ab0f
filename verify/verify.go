// Package verify answers one question: is this file what its manifest says?
//
// It reads files of a drive and compares their bytes with recorded checksums. It
// knows nothing of rolls, dates, databases or mounts.
package verify

// Status is a file's status, the one vocabulary of attributes, reports and output.
type Status string

// The statuses of a file, worst first.
const (
	Mismatch     Status = "mismatch"
	Missing      Status = "missing"
	Rejected     Status = "rejected"
	NoManifest   Status = "no-manifest"
	Unreadable   Status = "unreadable"
	Pending      Status = "pending"
	Unverifiable Status = "unverifiable"
	Unlisted     Status = "unlisted"
	SizeOnly     Status = "size-only"
	Verified     Status = "verified"
	Ignored      Status = "ignored"
	Manifest     Status = "manifest"
)

// rank ranks statuses, worst highest. What no manifest speaks of ranks below what one does.
var rank = map[Status]int{
	Mismatch: 12, Missing: 11, Rejected: 10, NoManifest: 9, Unreadable: 8, Pending: 7,
	Unverifiable: 6, Unlisted: 5, SizeOnly: 4, Verified: 3, Ignored: 2, Manifest: 1,
}

// Worse is true where s is a worse status than t.
func (s Status) Worse(t Status) bool { return rank[s] > rank[t] }

// Worst is the worst of statuses, "" of none.
func Worst(statuses ...Status) Status {
	var worst Status
	for _, s := range statuses {
		if s.Worse(worst) {
			worst = s
		}
	}
	return worst
}
