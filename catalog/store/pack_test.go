package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
)

var someSeen = []roll.Named{
	{Name: "A001C001.mov", Observation: roll.Observation{Look: roll.Look{Size: 1 << 40, ModTime: 1_700_000_000_000_000_001, ChangeTime: -5, Inode: 1<<64 - 1}, ReadAt: 7, FirstAt: 3, Plug: -1,
		Sums: []checksum.Sum{{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}, {Algorithm: checksum.C4,
			Digest: "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp"}}}},
	{Name: "\xff\n.wav", Observation: roll.Observation{Failure: "input/output error"}},
	{Name: "", Observation: roll.Observation{}},
}

func TestPackedObservationsComeBack(t *testing.T) {
	blob := packSeen(append([]roll.Named(nil), someSeen...), "seen 1 A001")
	got, err := unpackSeen(blob, "seen 1 A001")
	if err != nil {
		t.Fatal(err)
	}
	want := []roll.Named{someSeen[2], someSeen[0], someSeen[1]} // by name
	if d := cmp.Diff(want, got, cmp.AllowUnexported(roll.Named{}, roll.Observation{}, roll.Look{})); d != "" {
		t.Errorf("unpacked observations differ (-want +got):\n%s", d)
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	blob := packSeen(append([]roll.Named(nil), someSeen...), "key")
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
	f.Add(packSeen(append([]roll.Named(nil), someSeen...), "k"))
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
	old := []roll.Named{
		{Name: "differs", Observation: roll.Observation{Sums: sum("aa"), ReadAt: 1, FirstAt: 1}},
		{Name: "failed", Observation: roll.Observation{Failure: "EIO", ReadAt: 1}},
		{Name: "same", Observation: roll.Observation{Look: roll.Look{Size: 1}, Sums: sum("aa"), ReadAt: 1, FirstAt: 1}},
	}
	var replaced []string
	got := mergeSeen(old, []roll.Named{
		{Name: "same", Observation: roll.Observation{Look: roll.Look{Size: 1}, Sums: sum("aa"), ReadAt: 9, FirstAt: 9}},
		{Name: "differs", Observation: roll.Observation{Sums: sum("bb"), ReadAt: 9, FirstAt: 9}},
		{Name: "failed", Observation: roll.Observation{Sums: sum("cc"), ReadAt: 9, FirstAt: 9}},
		{Name: "new", Observation: roll.Observation{Sums: sum("dd"), ReadAt: 9, FirstAt: 9}},
	}, func(n roll.Named) { replaced = append(replaced, n.Name) })
	if d := cmp.Diff([]string{"differs", "failed"}, replaced); d != "" {
		t.Errorf("replaced results (-want +got):\n%s", d)
	}
	if !slices.IsSortedFunc(got, byName) {
		t.Errorf("got %v, not sorted by name", got)
	}
	first := map[string]int64{}
	for _, n := range got {
		first[n.Name] = n.FirstAt
	}
	if d := cmp.Diff(map[string]int64{"same": 1, "differs": 9, "failed": 9, "new": 9}, first); d != "" {
		t.Errorf("first read at (-want +got):\n%s", d)
	}
}
