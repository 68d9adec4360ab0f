package catalog

import (
	"testing"
	"time"

	"footagefs/catalog/profile"
	"footagefs/catalog/roll"
	"footagefs/catalog/structure"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// A file of a roll as its inventory has it.
var (
	sumA = checksum.Sum{Algorithm: checksum.MD5, Digest: "0cc175b9c0f1b6a831c399e269772661"}
	sumB = checksum.Sum{Algorithm: checksum.MD5, Digest: "92eb5ffee6ae2fec3ad71c777531578f"}
)

func listedAs(path string, sum checksum.Sum) mhl.Item {
	return mhl.Item{Path: path, Kind: mhl.Listed, Size: -1, Records: []mhl.Record{{Hash: mhl.Hash{Sum: sum, Action: mhl.Original}, Manifest: "m.mhl"}}}
}

func missingAs(path string, sum checksum.Sum) mhl.Item {
	item := listedAs(path, sum)
	item.Kind = mhl.Missing
	return item
}

// readEntry is an entry of a file of which these bytes were read; none are of one not read yet.
func readEntry(item mhl.Item, sums ...checksum.Sum) entry {
	e := entry{item: &item, there: true}
	if len(sums) > 0 {
		e.obs = &roll.Observation{Sums: sums, ReadAt: 1}
	}
	return e
}

func absent(item mhl.Item) entry { return entry{item: &item} }

func ofKind(kind mhl.ItemKind) entry {
	return entry{item: &mhl.Item{Path: "x", Kind: kind, Size: -1, Reason: "path"}, there: kind != mhl.Missing && kind != mhl.Rejected}
}

func failed(item mhl.Item) entry {
	return entry{item: &item, there: true, obs: &roll.Observation{Failure: "input/output error", ReadAt: 1}}
}

func TestStatusOfARoll(t *testing.T) {
	good, open, bad := readEntry(listedAs("a", sumA), sumA), readEntry(listedAs("a", sumA)), readEntry(listedAs("a", sumA), sumB)
	sizeOnly := readEntry(mhl.Item{Path: "s", Kind: mhl.Listed, Size: 0, SizeOnly: true})
	noHash := readEntry(mhl.Item{Path: "n", Kind: mhl.Listed, Size: -1})
	for _, test := range []struct {
		name    string
		entries []entry
		codes   []string // findings of the roll
		compare mhl.Comparison
		hidden  []string // folders that could not be read
		want    RollStatus
	}{
		{name: "all agree", entries: []entry{good, good}, want: RollVerified},
		{name: "litter and manifests beside", entries: []entry{good, ofKind(mhl.Ignored), ofKind(mhl.ManifestFile)}, want: RollVerified},
		{name: "nothing", want: RollUnverified},
		{name: "one is left", entries: []entry{good, open}, want: RollPending},
		{name: "one is wrong", entries: []entry{good, open, bad}, want: RollFailed},
		{name: "one is missing", entries: []entry{good, absent(listedAs("b", sumA))}, want: RollFailed},
		{name: "one is rejected", entries: []entry{good, ofKind(mhl.Rejected)}, want: RollFailed},
		{name: "one is unreadable", entries: []entry{good, open, failed(listedAs("u", sumA))}, want: RollUnreadable},
		{name: "a folder is unreadable", entries: []entry{good}, codes: []string{"unreadable"}, hidden: []string{"sub"}, want: RollUnreadable},
		{name: "what is missing may be in it", entries: []entry{good, absent(mhl.Item{Path: "sub/b", Kind: mhl.Missing, Size: -1})}, hidden: []string{"sub"}, want: RollUnreadable},
		{name: "all may be in it", entries: []entry{absent(missingAs("sub/a", sumA))}, codes: []string{"unreadable"}, hidden: []string{"sub"}, want: RollUnreadable},
		{name: "its own folder is unreadable", codes: []string{"unreadable"}, hidden: []string{"."}, compare: mhl.Comparison{Oldest: "-"}, want: RollUnreadable},
		{name: "a second manifest is unreadable, the first has nothing to compare with", entries: []entry{sizeOnly}, codes: []string{"unreadable"}, want: RollUnreadable},
		{name: "a second manifest is unreadable", entries: []entry{good}, codes: []string{"unreadable"}, want: RollUnreadable},
		{name: "one is unlisted", entries: []entry{good, ofKind(mhl.Unlisted)}, want: RollWarning},
		{name: "one has its size only", entries: []entry{good, sizeOnly}, want: RollWarning},
		{name: "one has no hash", entries: []entry{good, noHash}, want: RollWarning},
		{name: "all have their size only", entries: []entry{sizeOnly}, want: RollUnverified},
		{name: "a dagger", entries: []entry{good}, codes: []string{"directory-hash"}, want: RollWarning},
		{name: "no dagger", entries: []entry{good}, codes: []string{"illegal-name", "mtime-shifted", "manifest-not-in-chain"}, want: RollVerified},
		{name: "a broken chain beside", entries: []entry{good}, codes: []string{"chain-mismatch"}, want: RollInvalidManifest},
		{name: "a broken chain beside, and one wrong", entries: []entry{bad}, codes: []string{"chain-mismatch"}, want: RollFailed},
		{name: "untrusted", entries: []entry{ofKind(mhl.Untrusted)}, codes: []string{"manifest-malformed"}, compare: mhl.Comparison{Covered: true}, want: RollInvalidManifest},
		{name: "uncovered", entries: []entry{ofKind(mhl.Uncovered)}, codes: []string{"no-manifest"}, compare: mhl.Comparison{Oldest: "-"}, want: RollUnverified},
	} {
		t.Run(test.name, func(t *testing.T) {
			ds := &driveState{fs: drive.FileSystem{Kind: "ext4", Strong: true, Serial: true}}
			r := &rollState{drive: ds, found: structure.Roll{Name: "A001R1AB", Path: "A001R1AB"}}
			inv := &inventory{entries: test.entries, unreadable: test.hidden, comparison: test.compare}
			if test.compare.Oldest == "" && !test.compare.Covered {
				inv.comparison.Covered, inv.comparison.Usable = true, true
			}
			for _, code := range test.codes {
				inv.findings = append(inv.findings, r.finding(finding.Code(code), ".", code))
			}
			p, err := profile.Load("")
			if err != nil {
				t.Fatal(err)
			}
			s := r.derive(inv, p)
			if s.FileErrors > 0 && len(test.hidden) > 0 {
				t.Errorf("got %d findings of files, want that of their folder only", s.FileErrors)
			}
			if s.Status != test.want {
				t.Errorf("got %s, want %s (counts %+v)", s.Status, test.want, s.Counts)
			}
			if s.Status == RollVerified && s.Evidence != strongEvidence {
				t.Errorf("got evidence %q, want strong", s.Evidence)
			}
		})
	}
}

func TestTheWorstStatusOfRolls(t *testing.T) {
	of := func(statuses ...RollStatus) (list []Roll) {
		for _, s := range statuses {
			list = append(list, Roll{Status: s})
		}
		return list
	}
	for _, test := range []struct {
		rolls []Roll
		want  RollStatus
	}{
		{nil, ""},
		{of(RollOffline, RollOffline), RollOffline},
		{of(RollOffline, RollVerified), RollVerified},
		{of(RollVerified, RollOffline), RollVerified},
		{of(RollVerified, RollWarning, RollPending), RollPending},
		{of(RollFailed, RollInvalidManifest), RollFailed},
		{of(RollUnreadable, RollUnverified), RollUnverified},
	} {
		if got := WorstRoll(test.rolls); got != test.want {
			t.Errorf("%v: got %q, want %q", test.rolls, got, test.want)
		}
	}
}

func TestWhatIsRememberedIsDoubted(t *testing.T) {
	r := &rollState{drive: &driveState{}, sum: summary{Status: RollVerified, Counts: Counts{Known: true, Verified: 3, Listed: 3}}}
	got := r.value(false)
	if got.Status != RollPending || got.Known != RollVerified {
		t.Errorf("before it is looked at again it is %s (known as %s), want pending (verified)", got.Status, got.Known)
	}
	if got.Counts.Pending != 3 || got.Counts.Verified != 0 {
		t.Errorf("before it is looked at again %d files are pending and %d verified, want 3 and 0", got.Counts.Pending, got.Counts.Verified)
	}
	r.sum.Status = RollFailed
	if got := r.value(false).Status; got != RollFailed {
		t.Errorf("a roll that failed is %s, want failed still", got)
	}
	r.beginLook(time.Now())
	if !r.endLook(&inventory{}, time.Now(), 0) {
		t.Error("the look changes what is shown, and it is not said")
	}
	r.sum.Status = RollVerified
	if got := r.value(false).Status; got != RollVerified {
		t.Errorf("after the look it is %s, want verified", got)
	}
}
