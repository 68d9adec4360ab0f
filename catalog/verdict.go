package catalog

import (
	"slices"
	"strings"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// verdict is what is true of one file at one look.
type verdict struct {
	status  verify.Status
	reason  string
	why     string            // what differs, or how a digest was matched, where bytes were judged
	obs     *roll.Observation // the one that holds for the look; nil where none does
	because string            // unreadable because something else is, which is the finding
}

// judge derives a file's verdict from its manifests' item, what was observed, and how it
// looks now. An observation counts only while the look is the one it was made under.
func (inv *inventory) judge(r *rollState, e *entry, l roll.Look, there bool) verdict {
	v := verdict{}
	if there && inv.holds(e.obs, l, r.drive) {
		v.obs = e.obs
	}
	switch e.item.Kind {
	case mhl.Unlisted:
		v.status = verify.Unlisted
	case mhl.Ignored:
		v.status = verify.Ignored
	case mhl.ManifestFile:
		v.status = verify.Manifest
	case mhl.Rejected:
		v.status, v.reason = verify.Rejected, e.item.Reason
	case mhl.Untrusted:
		v.status, v.reason = verify.Unverifiable, e.item.Reason
		if e.item.Reason == unreadableManifest {
			v.status, v.reason, v.because = verify.Unreadable, "", "the drive could not read its manifest"
		}
	case mhl.Uncovered:
		v.status = verify.NoManifest
	case mhl.Missing:
		v.status = verify.Missing
		if there {
			v.status = verify.Pending // it came after the inventory, which is taken again
		}
		if inv.hidden(e.item.Path) {
			v.status, v.because = verify.Unreadable, "the drive could not read the folder in which it lies"
		}
	default:
		v = inv.judgeListed(e, l, there, v.obs)
	}
	return v
}

func (inv *inventory) judgeListed(e *entry, l roll.Look, there bool, obs *roll.Observation) verdict {
	switch {
	case !there:
		return verdict{status: verify.Missing}
	case obs != nil && obs.Failure != "":
		if early := verify.Judge(e.item, l.Size, nil); early.Status == verify.Mismatch {
			return verdict{status: early.Status, reason: early.Reason, why: early.Message}
		}
		return verdict{status: verify.Unreadable, obs: obs}
	case obs != nil:
		j := verify.Judge(e.item, l.Size, obs.Sums)
		return verdict{status: j.Status, reason: j.Reason, why: j.Message, obs: obs}
	}
	j := verify.Judge(e.item, l.Size, nil)
	return verdict{status: j.Status, reason: j.Reason, why: j.Message}
}

// hidden is true for what could not be looked at, or lies in a folder that could not be read.
func (inv *inventory) hidden(path string) bool {
	for _, f := range inv.unreadable {
		if f == "" || f == "." || path == f || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

// file is the verdict as users see it.
func (v verdict) file(r *rollState, e *entry, l roll.Look, there bool) File {
	f := File{
		Path: e.item.Path, Status: v.status, Reason: v.reason, Message: v.message(e),
		Manifest: e.item.Manifest, Generation: e.item.Generation,
		SizeListed: e.item.Size, SizeFound: -1,
		Recorded: recorded(e.item),
	}
	if there {
		f.SizeFound = l.Size
	}
	if v.obs == nil || v.obs.Failure != "" {
		return f
	}
	f.Found = foundSums(e.item, v.obs)
	if v.status == verify.Verified {
		f.VerifiedAt = v.obs.ReadTime().UTC().Truncate(time.Second)
		f.Evidence = evidenceOf(v.obs, r.drive)
	}
	return f
}

// unreadableManifest is an item's reason where the drive could not read its manifest,
// which says nothing about the manifest.
const unreadableManifest = "unreadable"

// The two kinds of evidence.
const (
	strongEvidence = "strong"
	weakEvidence   = "weak"
)

// evidenceOf is the kind of evidence that an observation is.
func evidenceOf(o *roll.Observation, ds *driveState) string {
	if strong(o, ds) {
		return strongEvidence
	}
	return weakEvidence
}

// recorded are the recorded checksums, the manifests' order, each once.
func recorded(item *mhl.Item) []checksum.Sum {
	list := make([]checksum.Sum, 0, len(item.Records))
	for i := range item.Records {
		list = appendOnce(list, item.Records[i].Sum)
	}
	return list
}

// foundSums are the computed checksums in the order of the recorded ones; where none of them
// is of a recorded algorithm, all of them.
func foundSums(item *mhl.Item, o *roll.Observation) []checksum.Sum {
	list := make([]checksum.Sum, 0, len(o.Sums))
	for _, r := range item.Records {
		for _, s := range o.Sums {
			if s.Algorithm == r.Algorithm {
				list = appendOnce(list, s)
			}
		}
	}
	if len(list) == 0 {
		list = append(list, o.Sums...)
	}
	return list
}

func appendOnce(list []checksum.Sum, s checksum.Sum) []checksum.Sum {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// finding is what is wrong with the file of an item; ok is false where nothing is, or
// nothing is known yet.
func (v verdict) finding(item *mhl.Item) (f finding.Finding, ok bool) {
	if v.status == verify.Verified || v.status == verify.Pending {
		return f, false // most are
	}
	f = finding.New(finding.Code(v.status), item.Path, "")
	switch v.status {
	case verify.Mismatch:
		f.What, f.Note = orElse(v.why, "the bytes are not those that the manifest records"), earlier(v)
	case verify.Missing:
		f.What, f.Note = "is listed in "+orElse(item.Manifest, "the manifest")+" and is not on the drive", item.Note
	case verify.Rejected:
		f.What = "the entry leads out of the roll and was refused"
		if v.reason == "symlink" {
			f.What, f.Do = "the entry leads to a symbolic link and was refused", "copy the file itself from the card"
		}
	case verify.Unreadable:
		f.What, f.Do = orElse(v.because, "the drive could not read it"), "check cable and drive, then verify again"
		if v.obs != nil && v.obs.Failure != "" {
			f.What += " (" + v.obs.Failure + ")"
		}
	case verify.Unlisted:
		f.What = "is in the roll and in no manifest"
	case verify.SizeOnly:
		f.What = "the manifest records no checksum for it; its size agrees, its bytes are not proven"
	case verify.Unverifiable:
		u := unverifiable[v.reason]
		f.What, f.Do, f.Note = orElse(v.why, u.what), u.do, item.Note
	default:
		return f, false
	}
	return f, true
}

// message says in one sentence what is wrong with a file and what to do about it; where
// nothing is, how it was matched, or why it is not read yet.
func (v verdict) message(e *entry) string {
	if f, bad := v.finding(e.item); bad {
		return f.Message(f.Path)
	}
	switch v.status {
	case verify.Pending:
		return finding.Sentence(heldBack(e), e.item.Contradiction)
	case verify.Verified:
		return finding.Sentence(v.why, e.item.Note)
	}
	return ""
}

// unverifiable says why nothing can be compared, and what to do where no finding of the
// manifest says it.
var unverifiable = map[string]struct{ what, do string }{
	"unknown-hash": {"its recorded checksum is of a kind that is not known", "have the manifest made again with a usual one"},
	"no-hash":      {"the manifest lists it without a checksum", finding.Of(finding.Unverifiable).Do},
	"version":      {"its manifest is of a version that is not known", ""},
	"manifest":     {"its manifest cannot be used", ""},
	"chain":        {"its manifests' chain is broken, so they cannot be trusted", ""},
}

func heldBack(e *entry) string {
	if e.hold == "" {
		return ""
	}
	return e.item.Path + ": " + e.hold
}

// earlier says of a mismatch that other bytes were read at this path before: the file was
// changed since, on this drive.
func earlier(v verdict) string {
	if v.obs == nil || v.obs.OtherAt == 0 {
		return ""
	}
	return "other bytes were read here on " + time.Unix(0, v.obs.OtherAt).UTC().Format(time.RFC3339)
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
