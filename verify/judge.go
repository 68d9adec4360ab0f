package verify

import (
	"fmt"
	"slices"
	"strings"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// The reasons of a mismatch.
const (
	ReasonSize = "size"
	ReasonHash = "hash"
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
func Algorithms(item *mhl.Item) []checksum.Algorithm {
	var list []checksum.Algorithm
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
// least one trusted record, every trusted record was computed and agrees, no failed record
// agrees, and the sources do not contradict each other.
func Judge(item *mhl.Item, size int64, got []checksum.Sum) Verdict {
	switch {
	case item.Size >= 0 && item.Size != size:
		return Verdict{Mismatch, ReasonSize, fmt.Sprintf("the manifest records %d bytes, the drive has %d", item.Size, size)}
	case len(item.Records) == 0 && item.SizeOnly:
		return Verdict{Status: SizeOnly}
	case len(item.Records)+len(item.Failed) == 0:
		return Verdict{Status: Unverifiable, Reason: reasonOr(item.Reason, "no-hash")}
	case got == nil:
		return Verdict{Status: Pending}
	}
	if r := equalOne(item.Failed, got); r != nil {
		return Verdict{Mismatch, ReasonHash, fmt.Sprintf("these are the bytes that %s records as failed (%s)", r.Manifest, r.Sum)}
	}
	return judgeRecords(item, got)
}

func judgeRecords(item *mhl.Item, got []checksum.Sum) Verdict {
	var agree, differ, missing, swapped []string
	for i := range item.Records {
		r := &item.Records[i]
		found, ok := digestOf(got, r.Algorithm)
		switch {
		case !ok:
			missing = append(missing, string(r.Algorithm))
		case found == r.Digest:
			agree = append(agree, r.Manifest)
		case r.Swapped && found == checksum.Swap(r.Digest):
			agree = append(agree, r.Manifest)
			swapped = append(swapped, r.Sum.String())
		default:
			differ = append(differ, fmt.Sprintf("%s recorded in %s, found %s", r.Sum, r.Manifest, found))
		}
	}
	switch {
	case len(differ) > 0:
		return Verdict{Mismatch, ReasonHash, strings.Join(differ, ", ") + agreeing(agree)}
	case len(missing) > 0:
		return Verdict{Status: Pending}
	case item.Contradiction != "":
		return Verdict{Mismatch, ReasonHash, item.Contradiction + agreeing(agree)}
	case len(item.Records) == 0:
		return Verdict{Status: Unverifiable, Reason: reasonOr(item.Reason, "no-hash")}
	case len(swapped) > 0:
		return Verdict{Status: Verified, Message: "recorded in the other byte order (" + strings.Join(swapped, ", ") + ")"}
	}
	return Verdict{Status: Verified}
}

// agreeing names the sources that the bytes agree with although others differ.
func agreeing(manifests []string) string {
	manifests = slices.Compact(manifests)
	if len(manifests) == 0 {
		return ""
	}
	return "; the bytes agree with " + strings.Join(manifests, " and ")
}

// equalOne is the first record that the computed checksums equal.
func equalOne(records []mhl.Record, got []checksum.Sum) *mhl.Record {
	for i := range records {
		r := &records[i]
		if found, ok := digestOf(got, r.Algorithm); ok && (found == r.Digest || r.Swapped && found == checksum.Swap(r.Digest)) {
			return r
		}
	}
	return nil
}

func digestOf(sums []checksum.Sum, a checksum.Algorithm) (string, bool) {
	for _, s := range sums {
		if s.Algorithm == a {
			return s.Digest, true
		}
	}
	return "", false
}

func reasonOr(reason, other string) string {
	if reason != "" {
		return reason
	}
	return other
}
