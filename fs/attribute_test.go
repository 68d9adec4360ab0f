package fs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog"
	"footagefs/verify"
	"footagefs/verify/checksum"
)

// all lists a subject's attributes as getfattr -d would.
func all(s subject) []string {
	var list []string
	for _, a := range inOrder {
		if v := a.of(nil, &s); len(v) > 0 {
			list = append(list, strings.TrimPrefix(a.name, xattrPrefix)+"="+string(v))
		}
	}
	return list
}

func TestAttributes(t *testing.T) {
	at := time.Date(2023, 5, 12, 10, 30, 0, 5e8, time.FixedZone("", 2*3600))
	r := catalog.Roll{
		Name: "A001R1AB", Type: catalog.Camera, Date: "20230510", Episode: "EP103", Day: "Day05", Unit: "MU",
		Status: catalog.RollVerified, VerifiedAt: at, Evidence: "strong", Manifest: "ascmhl/0002.mhl", Generation: 2,
		Counts: catalog.Counts{Known: true, Listed: 3, Verified: 3},
	}
	failed := r
	failed.Status, failed.Message, failed.Counts.Verified = catalog.RollFailed, "clip.mxf: mismatch", 2
	pending := catalog.Roll{Status: catalog.RollPending}
	facts := []string{
		"footagefs.roll=A001R1AB", "footagefs.roll_type=camera", "footagefs.shoot_date=2023-05-10",
		"footagefs.unit=MU", "footagefs.episode=EP103", "footagefs.shoot_day=Day05",
	}
	for _, c := range []struct {
		name string
		s    subject
		want []string
	}{
		{"nothing", subject{}, nil},
		{"verified file", subject{kind: aFile, roll: r, file: catalog.File{
			Status: verify.Verified, Recorded: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}, {Algorithm: checksum.MD5, Digest: "d41d8cd98f00b204e9800998ecf8427e"}},
			Found:      []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}, {Algorithm: checksum.MD5, Digest: "d41d8cd98f00b204e9800998ecf8427e"}},
			VerifiedAt: at, Evidence: "weak", Manifest: "A001R1AB.mhl",
		}}, join3([]string{
			"footagefs.status=verified",
			"footagefs.checksum=xxh64:0ea03b369a463d9d md5:d41d8cd98f00b204e9800998ecf8427e",
			"footagefs.checksum.found=xxh64:0ea03b369a463d9d md5:d41d8cd98f00b204e9800998ecf8427e",
			"footagefs.verified_at=2023-05-12T08:30:00Z", "footagefs.evidence=weak", "footagefs.manifest=A001R1AB.mhl",
		}, facts, []string{"xdg.tags=verified"})},
		{"mismatch", subject{kind: aFile, roll: r, file: catalog.File{
			Status: verify.Mismatch, Reason: "hash", Recorded: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}}, Found: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "ffffffffffffffff"}},
			VerifiedAt: at, Evidence: "strong", Generation: 1, Message: "the bytes differ",
		}}, join3([]string{
			"footagefs.status=mismatch", "footagefs.reason=hash", "footagefs.checksum=xxh64:0ea03b369a463d9d",
			"footagefs.checksum.found=xxh64:ffffffffffffffff", "footagefs.generation=1",
		}, facts, []string{"footagefs.message=the bytes differ", "xdg.tags=mismatch"})},
		{"folder", subject{kind: aFolder, roll: r, file: catalog.File{Status: verify.Pending, Manifest: "of no folder"}},
			join3([]string{"footagefs.status=pending"}, facts, []string{"xdg.tags=pending"})},
		{"empty folder", subject{kind: aFolder, roll: r}, facts},
		{"roll", subject{kind: aRoll, roll: r}, join3([]string{
			"footagefs.status=verified", "footagefs.verified_at=2023-05-12T08:30:00Z", "footagefs.evidence=strong",
			"footagefs.manifest=ascmhl/0002.mhl", "footagefs.generation=2",
		}, facts, []string{"footagefs.files=3/3 verified", "xdg.tags=verified"})},
		{"failed roll", subject{kind: aRoll, roll: failed}, join3([]string{
			"footagefs.status=failed", "footagefs.verified_at=2023-05-12T08:30:00Z", "footagefs.evidence=strong",
			"footagefs.manifest=ascmhl/0002.mhl", "footagefs.generation=2",
		}, facts, []string{"footagefs.files=2/3 verified", "footagefs.message=clip.mxf: mismatch", "xdg.tags=failed"})},
		{"date without lists", subject{kind: aGroup | counted, rolls: []catalog.Roll{pending}}, statusOf(pending)},
		{"date", subject{kind: aGroup | counted, rolls: []catalog.Roll{r, failed, pending}},
			append([]string{"footagefs.status=" + string(catalog.WorstRoll([]catalog.Roll{r, failed, pending})), "footagefs.files=5/6 verified"},
				"xdg.tags="+string(catalog.WorstRoll([]catalog.Roll{r, failed, pending})))},
		{"stray", subject{kind: aStray, file: catalog.File{Message: "rename it", Status: verify.Verified}}, []string{"footagefs.message=rename it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, all(c.s)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func statusOf(r catalog.Roll) []string {
	worst := string(catalog.WorstRoll([]catalog.Roll{r}))
	return []string{"footagefs.status=" + worst, "xdg.tags=" + worst}
}

func join3(a, b, c []string) []string {
	return append(append(append([]string(nil), a...), b...), c...)
}

// The list of names stays far below what programs give room for.
func TestNamesAreShort(t *testing.T) {
	length := 0
	for _, a := range inOrder {
		length += len(a.name) + 1
	}
	if length > 1024 {
		t.Errorf("the names of all attributes take %d bytes, want at most 1024", length)
	}
}

func TestAnswerCostsNoAllocation(t *testing.T) {
	s := subject{kind: aFile, file: catalog.File{Status: verify.Verified, Recorded: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}}, VerifiedAt: time.Now()}}
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		for _, a := range inOrder {
			buf = a.of(buf[:0], &s)
		}
	}); n != 0 {
		t.Errorf("writing all values: got %v allocations, want 0", n)
	}
}

// Whatever bytes names and paths of a drive are, a value is one line of UTF-8 without
// anything that a terminal obeys, and can be undone.
func TestAttributesAreOneLineOfText(t *testing.T) {
	const evil, harmless = "a\nb\x1b[31m\\\xff\u202e\u009b日本", `a\u000ab\u001b[31m\\\xff\u202e\u009b日本`
	sums := []checksum.Sum{{Algorithm: checksum.MD5, Digest: evil}}
	s := subject{
		file: catalog.File{Status: evil, Reason: evil, Recorded: sums, Found: sums, Manifest: evil, Message: evil, Evidence: evil},
		roll: catalog.Roll{Name: evil, Type: evil, Episode: evil, Day: evil, Unit: evil, Status: evil, Manifest: evil, Message: evil, Evidence: evil},
	}
	seen := map[string]bool{}
	for _, kind := range []subjects{aFile, aFolder, aRoll, aStray} {
		s.kind = kind
		for _, text := range all(s) {
			name, value, _ := strings.Cut(text, "=")
			if seen[name] = true; strings.TrimPrefix(value, "md5:") != harmless {
				t.Errorf("%s of %d: got %q, want %q", name, kind, value, harmless)
			}
		}
	}
	for _, name := range []string{"message", "roll", "roll_type", "unit", "episode", "shoot_day", "manifest", "reason", "checksum", "checksum.found"} {
		if !seen["footagefs."+name] {
			t.Errorf("%s was not looked at", name)
		}
	}
}
