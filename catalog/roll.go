package catalog

import (
	"slices"
	"sort"
	"sync"
	"time"

	"footagefs/catalog/profile"
	"footagefs/catalog/structure"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// rollState is a roll of a drive that is here (or was). Lock order: refreshing, then
// Catalog.mu, then mu; mu is never held over I/O, SQL or a callback.
type rollState struct {
	id    RollID
	drive *driveState
	found structure.Roll // its RootSum and Inode are guarded by mu

	refreshing sync.Mutex // one inventory at a time; held over I/O

	mu       sync.Mutex
	dbID     int64      // its row, 0 where it could not be registered
	order    int64      // when it was first seen
	inv      *inventory // nil: not looked at yet, or let go of to save memory
	sum      summary
	revision int64 // of the stored observations that inv and sum are made from
	wasRead  bool  // since Verify last asked
	usedAt   time.Time
	freshness
}

// fsPath is the roll's path from its file system's root.
func (r *rollState) fsPath() string { return drive.Join(r.drive.fs.Prefix, r.found.Path) }

// summary is what a mount shows of a roll at once: derived, and kept with the roll only so
// that it need not be derived again before the first look.
type summary struct {
	Status        RollStatus
	Counts        Counts
	ChecksumTypes []string
	Manifest      string
	Format        string
	Generation    int
	Created       time.Time
	Tool          string
	Oldest        string
	VerifiedAt    time.Time
	Evidence      string
	PendingBytes  int64
	Findings      []Finding // of the roll itself, its manifests and folders
	FileErrors    int
	FileWarnings  int
	Message       string // of its worst finding
	Changed       time.Time
	Covered       bool
	Revision      int64  // of the observations it was made from
	RootSum       uint64 // of the roll's root as it was then
	Zone          zone
}

// derive makes the summary of an inventory as it stands.
func (r *rollState) derive(inv *inventory, p *profile.Profile) summary {
	c := inv.comparison
	s := summary{
		Manifest: c.Manifest, Format: string(c.Format), Generation: c.Generation, Created: c.Created,
		Tool: c.Tool, Oldest: c.Oldest, Findings: inv.findings, Covered: c.Covered,
		Revision: r.revision, RootSum: inv.rootSum, Zone: zone{r.drive.plug.Load(), inv.shift},
	}
	s.Counts.Known, s.Counts.Listed = !inv.blind(), c.Listed
	types := map[checksum.Algorithm]bool{}
	var last checksum.Algorithm // most files have the same
	var oldest int64            // reading of a verified file, 0 before the first
	var worst worstFinding
	for i := range inv.findings {
		worst.add(&inv.findings[i])
	}
	weak, checked := false, 0
	for i := range inv.entries {
		e := &inv.entries[i]
		v := inv.judge(r, e, e.look, e.there)
		s.Counts.add(e, v)
		for k := range e.item.Records {
			if a := e.item.Records[k].Algorithm; a != last {
				last, types[a] = a, true
			}
		}
		if v.status == verify.Pending {
			s.PendingBytes += e.look.Size
		}
		if v.status == verify.Verified {
			checked++
			weak = weak || !strong(v.obs, r.drive)
			if oldest == 0 || v.obs.ReadAt < oldest {
				oldest = v.obs.ReadAt
			}
		}
		for _, f := range fileFindings(r, e, v, p) {
			worst.add(&f)
			if f.Severity == Error {
				s.FileErrors++
			} else {
				s.FileWarnings++
			}
		}
	}
	for t := range types {
		s.ChecksumTypes = append(s.ChecksumTypes, string(t))
	}
	sort.Strings(s.ChecksumTypes)
	s.Message = worst.message
	s.Status = r.status(inv, &s, checked)
	if (s.Status == RollVerified || s.Status == RollWarning) && checked > 0 {
		s.VerifiedAt = time.Unix(0, oldest).UTC().Truncate(time.Second)
	}
	switch {
	case s.VerifiedAt.IsZero():
	case weak:
		s.Evidence = weakEvidence
	default:
		s.Evidence = strongEvidence
	}
	return s
}

// worstFinding keeps the first message of the worst severity.
type worstFinding struct {
	severity Severity
	message  string
}

func (w *worstFinding) add(f *Finding) {
	if w.severity == "" || w.severity == Warning && f.Severity == Error {
		w.severity, w.message = f.Severity, f.Message()
	}
}

// add counts one file.
func (c *Counts) add(e *entry, v verdict) {
	if e.there && v.status != verify.Ignored && v.status != verify.Manifest && e.item.Kind != mhl.Rejected {
		c.Found++
		c.Size += e.look.Size
	}
	switch v.status {
	case verify.Verified:
		c.Verified++
	case verify.Mismatch:
		c.Mismatch++
	case verify.Missing:
		c.Missing++
	case verify.Unlisted:
		c.Unlisted++
	case verify.Pending:
		c.Pending++
	case verify.Unreadable:
		c.Unreadable++
	case verify.Ignored:
		c.Ignored++
	case verify.Unverifiable, verify.SizeOnly, verify.Rejected, verify.NoManifest:
		c.Unverifiable++
	}
}

// status ranks what was counted; checked is how many files agree by a checksum.
func (r *rollState) status(inv *inventory, s *summary, checked int) RollStatus {
	rejected, comparable := false, false
	for i := range inv.entries {
		item := inv.entries[i].item
		rejected = rejected || item.Kind == mhl.Rejected
		listed := item.Kind == mhl.Listed || item.Kind == mhl.Missing // in a folder that cannot be read
		comparable = comparable || listed && len(item.Records)+len(item.Failed) > 0
	}
	n := s.Counts
	switch {
	case n.Mismatch > 0 || n.Missing > 0 || rejected:
		return RollFailed
	case inv.brokenManifest():
		return RollInvalidManifest
	case inv.mayBeUncovered():
		return RollUnreadable
	case !inv.comparison.Covered || !comparable && !inv.manifestUnreadable():
		return RollUnverified
	case n.Unreadable > 0 || len(inv.unreadable) > 0 || inv.manifestUnreadable():
		return RollUnreadable
	case n.Pending > 0:
		return RollPending
	case n.Unlisted > 0 || n.Unverifiable > 0 || hasDagger(inv.findings) || checked == 0:
		return RollWarning
	}
	return RollVerified
}

// brokenManifest is true where a manifest is there and cannot be used or trusted.
func (inv *inventory) brokenManifest() bool {
	for _, f := range inv.findings {
		if finding.Of(f.Code).Effect != finding.Invalidates {
			continue
		}
		// A manifest of which one entry leads out of the roll is used for its others.
		if f.Code != finding.ManifestUnsafe || !inv.comparison.Usable {
			return true
		}
	}
	return inv.comparison.Covered && !inv.comparison.Usable && !inv.manifestUnreadable()
}

// blind is true where the roll's own folder could not be listed.
func (inv *inventory) blind() bool { return slices.Contains(inv.unreadable, ".") }

// mayBeUncovered is true where the drive could not read what covers the roll, or the
// folder in which that may be.
func (inv *inventory) mayBeUncovered() bool {
	return len(inv.unreadable) > 0 && !inv.comparison.Covered || inv.manifestUnreadable() && !inv.comparison.Usable
}

// manifestUnreadable is true also where a folder is unreadable, in which one may lie.
func (inv *inventory) manifestUnreadable() bool {
	for _, f := range inv.findings {
		if f.Code == finding.Unreadable {
			return true
		}
	}
	return false
}

// hasDagger is true where a finding keeps a roll from being more than a warning.
func hasDagger(list []Finding) bool {
	for _, f := range list {
		if finding.Of(f.Code).Effect == finding.Warns {
			return true
		}
	}
	return false
}

// value is the roll as others see it. The caller holds r.mu.
func (r *rollState) value(offline bool) Roll {
	s := &r.sum
	v := Roll{
		ID: r.id, Drive: r.drive.id, DriveName: r.drive.name,
		Name: r.found.Name, Type: r.found.Type, Date: r.found.Date, Episode: r.found.Episode,
		Day: r.found.Day, Unit: r.found.Unit, Path: r.found.Path, DayFolder: r.found.DayFolder,
		DayName: r.found.DayName, Order: r.order,
		Status: s.Status, Counts: s.Counts, ChecksumTypes: s.ChecksumTypes, Manifest: s.Manifest,
		Format: s.Format, Generation: s.Generation, Created: s.Created, Tool: s.Tool,
		VerifiedAt: s.VerifiedAt, Evidence: s.Evidence, Message: s.Message, Changed: s.Changed,
		HasError: s.FileErrors > 0, PendingBytes: s.PendingBytes, Oldest: s.Oldest,
	}
	v.Looked = !r.fresh.AsOf.IsZero()
	v.Known = v.Status
	if v.Status == "" || !r.fresh.Confirmed && (v.Status == RollVerified || v.Status == RollWarning) {
		v.Status = RollPending
	}
	if !r.fresh.Confirmed && !offline { // of a drive that is away the last counts are kept
		v.Counts.Pending, v.Counts.Verified = v.Counts.Pending+v.Counts.Verified, 0
	}
	for _, f := range s.Findings {
		v.HasError = v.HasError || f.Severity == Error
	}
	if offline {
		v.Status, v.Known = RollOffline, RollOffline
	}
	return v
}

// rollRank ranks statuses, worst highest; offline is in no ranking.
var rollRank = map[RollStatus]int{
	RollVerified: 1, RollWarning: 2, RollPending: 3, RollUnreadable: 4,
	RollUnverified: 5, RollInvalidManifest: 6, RollFailed: 7,
}

// WorstRoll is the worst status of rolls: "" where there is none, offline where all are.
func WorstRoll(rolls []Roll) RollStatus {
	var worst RollStatus
	for i := range rolls {
		if s := rolls[i].Status; worst == "" || rollRank[s] > rollRank[worst] {
			worst = s
		}
	}
	return worst
}
