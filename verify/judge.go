package verify

import (
	"fmt"
	"slices"
	"strings"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// The reasons of a mismatch, and of an unverifiable file where its item gives none.
const (
	ReasonSize   = "size"
	ReasonHash   = "hash"
	ReasonNoHash = "no-hash"
)

// Verdict is what follows from what manifests record of a file and what its bytes are.
type Verdict struct {
	Status  Status
	Reason  string
	Message string // what differs, or how a digest was matched; no path, no full stop
}

// Algorithms are the checksums that one reading of the item must compute, the manifests'
// order, each once: those of trusted records, and those of failed ones, which condemn
// bytes that equal them.
func Algorithms(item *mhl.Item) []checksum.Algorithm { return AppendAlgorithms(nil, item) }

// AppendAlgorithms is Algorithms with the room of a list that is used again, and empty.
func AppendAlgorithms(list []checksum.Algorithm, item *mhl.Item) []checksum.Algorithm {
	for _, records := range [][]mhl.Record{item.Records, item.Failed} {
		for i := range records {
			if a := records[i].Algorithm; !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// Judge holds a listed item's records against the file's size in bytes and the checksums
// that were computed from all of its bytes; got is nil where it was not read.
//
// A size that differs condemns without reading. A file is Verified only where there is at
// least one trusted record, every trusted record was computed and agrees, every failed one
// was computed and differs, and the sources do not contradict each other.
func Judge(item *mhl.Item, size int64, got []checksum.Sum) Verdict {
	switch {
	case item.Size >= 0 && item.Size != size:
		return Verdict{Mismatch, ReasonSize, fmt.Sprintf("the manifest records %d bytes, the drive has %d", item.Size, size)}
	case len(item.Records)+len(item.Failed) == 0:
		return unproven(item)
	case got == nil:
		return Verdict{Status: Pending}
	}
	condemned, complete := hold(item.Failed, got)
	if len(condemned.agree) > 0 {
		r := condemned.agree[0]
		return Verdict{Mismatch, ReasonHash, fmt.Sprintf("these are the bytes that %s records as failed (%s)", r.Manifest, r.Sum)}
	}
	trusted, computed := hold(item.Records, got)
	switch {
	case len(trusted.differ) > 0:
		return Verdict{Mismatch, ReasonHash, trusted.disagreement() + trusted.agreement()}
	case !complete || !computed:
		return Verdict{Status: Pending}
	case item.Contradiction != "":
		return Verdict{Mismatch, ReasonHash, item.Contradiction + trusted.agreement()}
	case len(item.Records) == 0:
		return unproven(item)
	}
	return Verdict{Status: Verified, Message: trusted.swaps()}
}

// unproven is the verdict on an item for which no trusted checksum is recorded.
func unproven(item *mhl.Item) Verdict {
	switch {
	case item.SizeOnly:
		return Verdict{Status: SizeOnly}
	case item.Reason == "":
		return Verdict{Status: Unverifiable, Reason: ReasonNoHash}
	}
	return Verdict{Status: Unverifiable, Reason: item.Reason}
}

// held are records held against computed checksums.
type held struct {
	agree, differ []*mhl.Record
	found         []string // the digests that differ was held against
	swapped       []*mhl.Record
}

// hold holds records against checksums; complete is false where one was not computed.
func hold(records []mhl.Record, got []checksum.Sum) (h held, complete bool) {
	complete = true
	for i := range records {
		r := &records[i]
		found, ok := checksum.Find(got, r.Algorithm)
		switch {
		case !ok:
			complete = false
		case found == r.Digest:
			h.agree = append(h.agree, r)
		case r.Swapped && found == checksum.Swap(r.Digest):
			h.agree = append(h.agree, r)
			h.swapped = append(h.swapped, r)
		default:
			h.differ, h.found = append(h.differ, r), append(h.found, found)
		}
	}
	return h, complete
}

// disagreement says what differs from which manifest's record.
func (h *held) disagreement() string {
	var parts []string
	for i, r := range h.differ {
		parts = append(parts, fmt.Sprintf("%s recorded in %s, found %s", r.Sum, r.Manifest, h.found[i]))
	}
	return strings.Join(parts, ", ")
}

// agreement names the sources that the bytes agree with although others differ.
func (h *held) agreement() string {
	var names []string
	for _, r := range h.agree {
		if !slices.Contains(names, r.Manifest) {
			names = append(names, r.Manifest)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; the bytes agree with " + strings.Join(names, " and ")
}

// swaps notes which digests are recorded in the other byte order.
func (h *held) swaps() string {
	var sums []string
	for _, r := range h.swapped {
		sums = append(sums, r.Sum.String())
	}
	if len(sums) == 0 {
		return ""
	}
	return "recorded in the other byte order (" + strings.Join(sums, ", ") + ")"
}
