package mhl

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/checksum"
)

// everything is a manifest in which every field is set.
func everything() *Manifest {
	c4 := checksum.Sum{Algorithm: checksum.C4, Digest: c4Max}
	xxh := checksum.Sum{Algorithm: checksum.XXH64, Digest: "0ea03b369a463d9d"}
	return &Manifest{
		Format: ASC, Digest: c4Max, Created: time.Date(2020, 1, 16, 9, 15, 0, 500, time.UTC), Tool: "tool 1",
		Ignore: []string{".DS_Store", "ascmhl/"}, Content: []checksum.Sum{xxh, c4}, Structure: []checksum.Sum{xxh},
		References: []Reference{{Path: "A/ascmhl/1.mhl", C4: c4Max}, {Path: "B"}},
		Entries: []Entry{
			{Path: "Clips/A.mov", Size: 0, Null: true, Unknown: []string{"sha256", "crc"}, Hashes: []Hash{
				{Sum: xxh, Action: Verified, Swapped: true}, {Sum: c4, Action: Failed},
				{Sum: checksum.Sum{Algorithm: checksum.XXH32, Digest: "32d15153"}, Action: Original},
			}},
			{Path: "Clips", Folder: true, Size: -1, Previous: "Klips", Content: []checksum.Sum{xxh}, Structure: []checksum.Sum{c4}},
			{Path: "Clips/\xff\n", Size: 1<<63 - 1},
			{Size: -1},
		},
	}
}

func TestPackKeepsEverything(t *testing.T) {
	manifests := []*Manifest{everything(), {Format: Legacy}}
	for name, b := range samples(t) {
		if m, err := Parse(bytes.NewReader(b)); err == nil {
			manifests = append(manifests, m)
		} else if !bytes.Contains(b, []byte("ascmhldirectory")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range manifests {
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		got := new(Manifest)
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("unpacked differs (-want +got):\n%s", d)
		}
	}
}

func TestAnotherVersionsFormIsNoDamage(t *testing.T) {
	b, err := everything().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	b = b[:len(b)-packSum]
	b[len(packMagic)-1]--
	sum, err := packChecksum(b)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, sum...)
	if err := new(Manifest).UnmarshalBinary(b); !errors.Is(err, ErrOtherForm) {
		t.Errorf("got %v, want ErrOtherForm", err)
	}
}

func TestPackNoticesEveryFlippedBit(t *testing.T) {
	b, err := everything().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	want := &Manifest{Tool: "as it was"}
	for i := range len(b) * 8 {
		damaged := bytes.Clone(b)
		damaged[i/8] ^= 1 << (i % 8)
		m := &Manifest{Tool: "as it was"}
		if err := m.UnmarshalBinary(damaged); err == nil || !cmp.Equal(m, want) {
			t.Fatalf("bit %d: got %v, %+v, want an error and nothing changed", i, err, m)
		}
	}
	for n := range b {
		if err := new(Manifest).UnmarshalBinary(b[:n]); err == nil {
			t.Fatalf("cut off after %d bytes: got no error", n)
		}
	}
}

func TestPackRefusesWhatItHasNoFormFor(t *testing.T) {
	hash := func(a checksum.Algorithm, digest string, action Action) *Manifest {
		return &Manifest{Format: ASC, Entries: []Entry{{Path: "a", Hashes: []Hash{{Sum: checksum.Sum{Algorithm: a, Digest: digest}, Action: action}}}}}
	}
	for _, m := range []*Manifest{
		{Format: "other"},
		hash("sha256", "00", Original), hash(checksum.MD5, "00", Original), hash(checksum.XXH64, "0EA03B369A463D9D", Original),
		hash(checksum.C4, "c4", Original), hash(checksum.XXH64, "0ea03b369a463d9d", "new"),
	} {
		if _, err := m.MarshalBinary(); err == nil {
			t.Errorf("%+v: got no error", m)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	for _, b := range samples(f) {
		if m, err := Parse(bytes.NewReader(b)); err == nil {
			packed, err := m.MarshalBinary()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(packed[:len(packed)-packSum])
		}
	}
	b, err := everything().MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:len(b)-packSum])
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := new(Manifest).UnmarshalBinary(b); err == nil {
			t.Fatal("unpacked without a checksum")
		}
		sum, err := packChecksum(b)
		if err != nil {
			t.Fatal(err)
		}
		m := new(Manifest)
		if err := m.UnmarshalBinary(append(bytes.Clone(b), sum...)); err != nil {
			return
		}
		again, err := m.MarshalBinary()
		if err != nil {
			t.Fatalf("unpacked, but cannot be packed: %v", err)
		}
		if err := new(Manifest).UnmarshalBinary(again); err != nil {
			t.Fatalf("packed again, but cannot be unpacked: %v", err)
		}
	})
}

func TestUnpackRandomBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		b := append([]byte(packMagic), make([]byte, random.IntN(200))...)
		for i := len(packMagic); i < len(b); i++ {
			b[i] = byte(random.IntN(256) >> random.IntN(8))
		}
		sum, err := packChecksum(b)
		if err != nil {
			t.Fatal(err)
		}
		_ = new(Manifest).UnmarshalBinary(append(b, sum...)) // must not panic
	}
}

func BenchmarkUnpack(b *testing.B) {
	m, err := Parse(bytes.NewReader(frames(100_000)))
	if err != nil {
		b.Fatal(err)
	}
	packed, err := m.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(packed))/100_000, "bytes/entry")
	b.ReportAllocs()
	for b.Loop() {
		if err := new(Manifest).UnmarshalBinary(packed); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(packed))/100_000, "bytes/entry")
}

func BenchmarkPack(b *testing.B) {
	m, err := Parse(bytes.NewReader(frames(100_000)))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.MarshalBinary(); err != nil {
			b.Fatal(err)
		}
	}
}
