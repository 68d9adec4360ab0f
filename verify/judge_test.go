package verify

import (
	"strings"
	"testing"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

func record(a checksum.Algorithm, digest string) mhl.Record {
	return mhl.Record{Hash: mhl.Hash{Sum: checksum.Sum{Algorithm: a, Digest: digest}}, Manifest: "A001.mhl"}
}

func swapped(digest string) mhl.Record {
	r := record(checksum.XXH64, digest)
	r.Swapped = true
	return r
}

func TestJudge(t *testing.T) {
	md5 := func(c string) mhl.Record { return record(checksum.MD5, strings.Repeat(c, 32)) }
	xxh := func(c string) mhl.Record { return record(checksum.XXH64, strings.Repeat(c, 16)) }
	for name, v := range map[string]struct {
		item           mhl.Item
		size           int64
		got            []checksum.Sum
		status, reason string
		message        string // a part of it
	}{
		"size differs, not read":                {mhl.Item{Size: 7, Records: []mhl.Record{md5("a")}}, 8, nil, "mismatch", "size", "7 bytes"},
		"size differs of a null entry":          {mhl.Item{Size: 7, SizeOnly: true}, 8, nil, "mismatch", "size", ""},
		"null entry":                            {mhl.Item{Size: 8, SizeOnly: true}, 8, nil, "size-only", "", ""},
		"not read":                              {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}}, 8, nil, "pending", "", ""},
		"agrees":                                {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}}, 8, []checksum.Sum{md5("a").Sum}, "verified", "", ""},
		"no size recorded":                      {mhl.Item{Size: -1, Records: []mhl.Record{md5("a")}}, 8, []checksum.Sum{md5("a").Sum}, "verified", "", ""},
		"differs":                               {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}}, 8, []checksum.Sum{md5("b").Sum}, "mismatch", "hash", "A001.mhl"},
		"one of two differs":                    {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), xxh("1")}}, 8, []checksum.Sum{md5("a").Sum, xxh("2").Sum}, "mismatch", "hash", "agree with"},
		"one of two not computed":               {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), xxh("1")}}, 8, []checksum.Sum{md5("a").Sum}, "pending", "", ""},
		"nothing computed that counts":          {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}}, 8, []checksum.Sum{xxh("1").Sum}, "pending", "", ""},
		"equals a failed one":                   {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}, Failed: []mhl.Record{xxh("1")}}, 8, []checksum.Sum{md5("a").Sum, xxh("1").Sum}, "mismatch", "hash", "failed"},
		"only a failed one, not it":             {mhl.Item{Size: 8, Failed: []mhl.Record{xxh("1")}}, 8, []checksum.Sum{xxh("2").Sum}, "unverifiable", "no-hash", ""},
		"equals a failed one, other byte order": {mhl.Item{Size: 8, Failed: []mhl.Record{swapped("5866e7b8f057d32f")}}, 8, []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "2fd357f0b8e76658"}}, "mismatch", "hash", "failed"},
		"failed one not computed":               {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}, Failed: []mhl.Record{xxh("1")}}, 8, []checksum.Sum{md5("a").Sum}, "pending", "", ""},
		"null entry and a failed one":           {mhl.Item{Size: 8, SizeOnly: true, Failed: []mhl.Record{xxh("1")}}, 8, []checksum.Sum{xxh("1").Sum}, "mismatch", "hash", "failed"},
		"null entry, not the failed one":        {mhl.Item{Size: 8, SizeOnly: true, Failed: []mhl.Record{xxh("1")}}, 8, []checksum.Sum{xxh("2").Sum}, "size-only", "", ""},
		"differs, another not computed":         {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), xxh("1")}}, 8, []checksum.Sum{xxh("2").Sum}, "mismatch", "hash", ""},
		"read, and nothing computed":            {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}}, 8, []checksum.Sum{}, "pending", "", ""},
		"contradiction, one not computed":       {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), xxh("1")}, Contradiction: "x and y"}, 8, []checksum.Sum{md5("a").Sum}, "pending", "", ""},
		"contradiction, not read":               {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), md5("b")}, Contradiction: "x and y"}, 8, nil, "pending", "", ""},
		"contradiction":                         {mhl.Item{Size: 8, Records: []mhl.Record{md5("a"), md5("b")}, Contradiction: "x and y"}, 8, []checksum.Sum{md5("a").Sum}, "mismatch", "hash", "agree with A001.mhl"},
		"sizes contradict, hashes agree":        {mhl.Item{Size: 8, Records: []mhl.Record{md5("a")}, Contradiction: "sizes"}, 8, []checksum.Sum{md5("a").Sum}, "mismatch", "hash", "sizes"},
		"other byte order":                      {mhl.Item{Size: 8, Records: []mhl.Record{swapped("5866e7b8f057d32f")}}, 8, []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "2fd357f0b8e76658"}}, "verified", "", "byte order"},
		"other byte order, not legacy":          {mhl.Item{Size: 8, Records: []mhl.Record{record(checksum.XXH64, "5866e7b8f057d32f")}}, 8, []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "2fd357f0b8e76658"}}, "mismatch", "hash", ""},
		"unknown hash":                          {mhl.Item{Size: 8, Reason: "unknown-hash"}, 8, nil, "unverifiable", "unknown-hash", ""},
		"no hash":                               {mhl.Item{Size: 8}, 8, nil, "unverifiable", "no-hash", ""},
	} {
		got := Judge(&v.item, v.size, v.got)
		if string(got.Status) != v.status || got.Reason != v.reason || !strings.Contains(got.Message, v.message) {
			t.Errorf("%s: got %+v, want %s %q %q", name, got, v.status, v.reason, v.message)
		}
	}
}

// Whatever the records and the bytes: verified is never said unless all of them agree.
func TestJudgeNeverSaysVerifiedWithoutProof(t *testing.T) {
	algorithms := []checksum.Algorithm{checksum.MD5, checksum.XXH64}
	digests := []string{"1111111111111111", "2222222222222222"}
	var records [][]mhl.Record
	for mask := range 16 {
		var list []mhl.Record
		for i := range 4 {
			if mask>>i&1 == 1 {
				list = append(list, record(algorithms[i/2], digests[i%2]))
			}
		}
		records = append(records, list)
	}
	var sums [][]checksum.Sum
	for i := range 9 {
		var list []checksum.Sum
		for k, d := range []int{i % 3, i / 3} {
			if d > 0 {
				list = append(list, checksum.Sum{Algorithm: algorithms[k], Digest: digests[d-1]})
			}
		}
		sums = append(sums, list)
	}
	for _, trusted := range records {
		for _, failed := range records {
			for _, got := range sums {
				for _, size := range []int64{-1, 8, 9} {
					for _, contradiction := range []string{"", "x and y"} {
						item := mhl.Item{Size: size, Records: trusted, Failed: failed, Contradiction: contradiction, SizeOnly: len(failed) == 1}
						v := Judge(&item, 8, got)
						if want := proven(&item, got); (v.Status == Verified) != want {
							t.Fatalf("%s, want verified %t: records %v, failed %v, size %d, %q, got %v", v.Status, want, trusted, failed, size, contradiction, got)
						}
						if (v.Status == Mismatch) != (v.Message != "") || v.Status == Mismatch && v.Reason == "" {
							t.Fatalf("%+v", v)
						}
					}
				}
			}
		}
	}
}

// proven is true where every trusted record and no failed one is among the computed sums,
// and each failed one could be told from them.
func proven(item *mhl.Item, got []checksum.Sum) bool {
	has := func(s checksum.Sum) bool {
		for _, g := range got {
			if g == s {
				return true
			}
		}
		return false
	}
	for _, r := range item.Failed {
		if _, computed := checksum.Find(got, r.Algorithm); has(r.Sum) || !computed {
			return false
		}
	}
	for _, r := range item.Records {
		if !has(r.Sum) {
			return false
		}
	}
	return item.Contradiction == "" && len(item.Records) > 0 && (item.Size == -1 || item.Size == 8)
}

func TestWorst(t *testing.T) {
	order := []Status{Mismatch, Missing, Rejected, NoManifest, Unreadable, Pending, Unverifiable, Unlisted, SizeOnly, Verified, Ignored, Manifest}
	for i, s := range order {
		for _, better := range order[i+1:] {
			if !s.Worse(better) || better.Worse(s) || Worst(better, s, better) != s {
				t.Errorf("%s is not worse than %s", s, better)
			}
		}
	}
	if Worst() != "" {
		t.Error("the worst of none is something")
	}
}
