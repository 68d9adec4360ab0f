package catalog

import (
	"slices"
	"strings"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// verdict is what is true of one file at one look.
type verdict struct {
	status  verify.Status
	reason  string
	message string            // one sentence, "" where all is well
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
	v.message = describe(e, l, v)
	return v
}

func (inv *inventory) judgeListed(e *entry, l roll.Look, there bool, obs *roll.Observation) verdict {
	switch {
	case !there:
		return verdict{status: verify.Missing}
	case obs != nil && obs.Failure != "":
		if early := verify.Judge(e.item, l.Size, nil); early.Status == verify.Mismatch {
			return verdict{status: early.Status, reason: early.Reason, message: early.Message}
		}
		return verdict{status: verify.Unreadable, obs: obs}
	case obs != nil:
		j := verify.Judge(e.item, l.Size, obs.Sums)
		return verdict{status: j.Status, reason: j.Reason, message: j.Message, obs: obs}
	}
	j := verify.Judge(e.item, l.Size, nil)
	return verdict{status: j.Status, reason: j.Reason, message: j.Message}
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
		Path: e.item.Path, Status: v.status, Reason: v.reason, Message: v.message,
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

// describe says in one sentence what is wrong with a file and what to do about it; where
// nothing is, how it was matched.
func describe(e *entry, l roll.Look, v verdict) string {
	path, why := e.item.Path, v.message
	switch v.status {
	case verify.Mismatch:
		return join(path+": "+orElse(why, "the bytes are not those that the manifest records"), "copy it again from the card and verify it again", earlier(v))
	case verify.Missing:
		return join(path+": is listed in "+orElse(e.item.Manifest, "the manifest")+" and is not on the drive", "copy it from the card", e.item.Note)
	case verify.Rejected:
		if v.reason == "symlink" {
			return path + ": the entry leads to a symbolic link and was refused; copy the file itself from the card"
		}
		return path + ": the entry leads out of the roll and was refused; have the manifest made again"
	case verify.Unreadable:
		reason := orElse(v.because, "the drive could not read it")
		if v.obs != nil && v.obs.Failure != "" {
			reason += " (" + v.obs.Failure + ")"
		}
		return path + ": " + reason + "; check cable and drive, then verify again"
	case verify.Unlisted:
		return path + ": is in the roll and in no manifest; ask who added it, or remove it from the copy"
	case verify.SizeOnly:
		return path + ": the manifest records no checksum for it; its size agrees, its bytes are not proven"
	case verify.Unverifiable:
		return join(path+": "+orElse(why, unverifiable[v.reason]), e.item.Note)
	case verify.Pending:
		return join(heldBack(e), e.item.Contradiction)
	case verify.Verified:
		return join(why, e.item.Note)
	}
	return ""
}

// unverifiable says why nothing can be compared.
var unverifiable = map[string]string{
	"unknown-hash": "its recorded checksum is of a kind that is not known; have the manifest made again with a usual one",
	"no-hash":      "the manifest lists it without a checksum; have the manifest made again",
	"version":      "its manifest is of a version that is not known",
	"manifest":     "its manifest cannot be used",
	"chain":        "its manifests' chain is broken, so they cannot be trusted",
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

// join puts the parts of a sentence that are not empty together.
func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" && !(len(kept) > 0 && strings.Contains(kept[0], p)) {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "; ")
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
