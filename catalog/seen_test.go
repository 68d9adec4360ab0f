package catalog

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/checksum"
)

var someSeen = []named{
	{"A001C001.mov", observation{look: look{1 << 40, 1_700_000_000_000_000_001, -5, 1<<64 - 1}, readAt: 7, firstAt: 3, plug: -1,
		sums: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}, {Algorithm: checksum.C4,
			Digest: "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp"}}}},
	{"\xff\n.wav", observation{look: look{0, 0, 0, 0}, failure: "input/output error"}},
	{"", observation{}},
}

func TestPackedObservationsComeBack(t *testing.T) {
	blob := packSeen(append([]named(nil), someSeen...), "seen 1 A001")
	got, err := unpackSeen(blob, "seen 1 A001")
	if err != nil {
		t.Fatal(err)
	}
	want := []named{someSeen[2], someSeen[0], someSeen[1]} // by name
	if d := cmp.Diff(want, got, cmp.AllowUnexported(named{}, observation{}, look{})); d != "" {
		t.Errorf("unpacked observations differ (-want +got):\n%s", d)
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	blob := packSeen(append([]named(nil), someSeen...), "key")
	for i := range len(blob) * 8 {
		bad := append([]byte(nil), blob...)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := unpackSeen(bad, "key"); !errors.Is(err, errDamaged) {
			t.Fatalf("bit %d flipped: got error %v, want errDamaged", i, err)
		}
	}
	if _, err := unpackSeen(blob, "another key"); !errors.Is(err, errDamaged) {
		t.Errorf("a blob in the wrong row: got error %v, want errDamaged", err)
	}
}

func FuzzUnpackSeen(f *testing.F) {
	f.Add(packSeen(append([]named(nil), someSeen...), "k"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		// With a right checksum even nonsense gets as far as the fields.
		list, err := unpackSeen(sealBlob(append([]byte{1}, body...), "k"), "k")
		if err == nil && len(list) > len(body) {
			t.Errorf("%d observations from %d bytes", len(list), len(body))
		}
	})
}

func TestMergeKeepsWhatAgreesAndHandsOverWhatDiffers(t *testing.T) {
	sum := func(d string) []checksum.Sum { return []checksum.Sum{{Algorithm: checksum.XXH3, Digest: d}} }
	old := []named{
		{"differs", observation{sums: sum("aa"), readAt: 1, firstAt: 1}},
		{"failed", observation{failure: "EIO", readAt: 1}},
		{"same", observation{look: look{size: 1}, sums: sum("aa"), readAt: 1, firstAt: 1}},
	}
	var replaced []string
	got := mergeSeen(old, []named{
		{"same", observation{look: look{size: 1}, sums: sum("aa"), readAt: 9, firstAt: 9}},
		{"differs", observation{sums: sum("bb"), readAt: 9, firstAt: 9}},
		{"failed", observation{sums: sum("cc"), readAt: 9, firstAt: 9}},
		{"new", observation{sums: sum("dd"), readAt: 9, firstAt: 9}},
	}, func(n named) { replaced = append(replaced, n.name) })
	if d := cmp.Diff([]string{"differs", "failed"}, replaced); d != "" {
		t.Errorf("replaced results (-want +got):\n%s", d)
	}
	if !slices.IsSortedFunc(got, byName) {
		t.Errorf("got %v, not sorted by name", got)
	}
	first := map[string]int64{}
	for _, n := range got {
		first[n.name] = n.firstAt
	}
	if d := cmp.Diff(map[string]int64{"same": 1, "differs": 9, "failed": 9, "new": 9}, first); d != "" {
		t.Errorf("first read at (-want +got):\n%s", d)
	}
}
