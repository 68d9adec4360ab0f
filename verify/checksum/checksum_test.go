package checksum

import (
	"bytes"
	"io"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// vectors were computed by other programs (xxhsum, md5sum, and two MHL tools).
var vectors = []struct {
	name  string
	input []byte
	sums  []string
}{
	{"empty", nil, []string{
		"md5:d41d8cd98f00b204e9800998ecf8427e", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"xxh64:ef46db3751d8e999", "xxh3:2d06800538d394c2", "xxh128:99aa06d3014798d86001c324468d497f",
		"c4:c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
	}},
	{"abc", []byte("abc"), []string{
		"md5:900150983cd24fb0d6963f7d28e17f72", "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
		"xxh64:44bc2cf5ad770999", "xxh3:78af5f94892f3950", "xxh128:06b05ab6733a618578af5f94892f3950",
		"c4:c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp",
	}},
	{"bytes", manyBytes(), []string{
		"md5:b2ea9f7fcea831a4a63b213f41a8855b", "sha1:5b00669c480d5cffbdfa8bdba99561160f2d1b77",
		"xxh64:6f3914f18fe4df57", "xxh3:a870f92984398d22", "xxh128:83885e853bb6640ca870f92984398d22",
		"c4:c427trij8ZAmBykX1pCBSULVcDqNfxftJojNdk2ButkxNyTraMjVuRRaEu9x4BWxaTMcQnQfiXwC2pKeXFfxUM8xpK",
	}},
	{"1 MiB", bytes.Repeat([]byte("a"), 1<<20), []string{
		"md5:7202826a7791073fe2787f0c94603278", "xxh64:9d385e3eb52113f1", "xxh128:d9c8388c188701b8c9b8a70a3f30f7b1",
	}},
}

// decimals are the same inputs' XXH32 as MHL 1.x writes it.
var decimals = map[string]string{"empty": "0046947589", "abc": "0852579327", "bytes": "1483033946", "1 MiB": "2966415755"}

func manyBytes() []byte {
	b := make([]byte, 1024)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		want := v.sums
		x, err := FromDecimal(decimals[v.name])
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, x.String())
		var algorithms []Algorithm
		for _, text := range want {
			a, digest, _ := strings.Cut(text, ":")
			s, err := Canonical(Algorithm(a), digest)
			if err != nil {
				t.Fatal(err)
			}
			algorithms = append(algorithms, s.Algorithm)
			if got := Of(v.input, s.Algorithm); got != s {
				t.Errorf("%s: Of gives %s, want %s", v.name, got, s)
			}
		}
		for how, r := range map[string]io.Reader{"whole": bytes.NewReader(v.input), "halves": iotest.HalfReader(bytes.NewReader(v.input))} {
			sums, err := Read(t.Context(), r, algorithms...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range sums {
				got = append(got, s.String())
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s read %s (-want +got):\n%s", v.name, how, d)
			}
		}
	}
}

func TestC4(t *testing.T) {
	for _, v := range []struct {
		digest []byte
		id     string
	}{
		{make([]byte, 64), "c4" + strings.Repeat("1", 88)},
		{bytes.Repeat([]byte{0xff}, 64), "c467rpwLCuS5DGA8KGZXKsVQ7dnPb9goRLoKfgGbLfQg9WoLUgNY77E2jT11fem3coV9nAkguBACzrU1iyZM4B8roQ"},
	} {
		if got := FromBytes(C4, v.digest).Digest; got != v.id {
			t.Errorf("got %s, want %s", got, v.id)
		}
		if got, err := (Sum{C4, v.id}).Bytes(); err != nil || !bytes.Equal(got, v.digest) {
			t.Errorf("%s: got %x and error %v, want %x", v.id, got, err, v.digest)
		}
	}
}

// FuzzC4 holds the arithmetic against that of math/big.
func FuzzC4(f *testing.F) {
	f.Add(make([]byte, 64))
	f.Add(bytes.Repeat([]byte{0xff}, 64))
	f.Add(append(make([]byte, 63), 58))
	f.Fuzz(func(t *testing.T, digest []byte) {
		if len(digest) != 64 {
			return
		}
		n, digit, id := new(big.Int).SetBytes(digest), new(big.Int), []byte("c4"+strings.Repeat("1", 88))
		for i := len(id) - 1; n.Sign() > 0; i-- {
			n.DivMod(n, big.NewInt(58), digit)
			id[i] = c4Alphabet[digit.Int64()]
		}
		got := FromBytes(C4, digest)
		if got.Digest != string(id) {
			t.Errorf("%x: got %s, want %s", digest, got.Digest, id)
		}
		if back, err := got.Bytes(); err != nil || !bytes.Equal(back, digest) {
			t.Errorf("%s comes back as %x, %v, want %x", got, back, err, digest)
		}
	})
}

func TestCanonical(t *testing.T) {
	for _, v := range []struct {
		a        Algorithm
		in, want string
	}{
		{MD5, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"},
		{MD5, "d41d8cd98f00b204e9800998ecf8427", ""},
		{XXH64, "ef46db3751d8e999", "ef46db3751d8e999"},
		{XXH64, "ef46db3751d8e99g", ""},
		{C4, "c4" + strings.Repeat("z", 88), ""}, // more than 512 bits
		{C4, c4Max, c4Max},
		{C4, c4Max[:89] + "R", ""}, // one more than 512 bits hold
		{C4, "c4" + strings.Repeat("1", 87), ""},
		{C4, "c4" + strings.Repeat("1", 87) + "l", ""},
		{C4, "c4" + strings.Repeat("1", 40) + "0" + strings.Repeat("1", 47), ""},
		{C4, "C4" + strings.Repeat("1", 88), ""},
		{MD5, strings.Repeat("g", 32), ""},
		{MD5, " d41d8cd98f00b204e9800998ecf8427", ""},
		{XXH32, "0046947589", ""}, // decimal
		{"sha256", strings.Repeat("0", 64), ""},
	} {
		got, err := Canonical(v.a, v.in)
		if got.Digest != v.want || (err == nil) != (v.want != "") {
			t.Errorf("Canonical(%s, %s) = %s, %v; want %s", v.a, v.in, got, err, v.want)
		}
	}
	if got := Swap("5866e7b8f057d32f"); got != "2fd357f0b8e76658" {
		t.Errorf("Swap gives %s", got)
	}
	for _, bad := range []string{"", "-1", "+1", "1_0", "4294967296", "00046947589", "x"} {
		if s, err := FromDecimal(bad); err == nil {
			t.Errorf("FromDecimal(%q) = %s, want an error", bad, s)
		}
	}
	if s, err := FromDecimal("46947589"); err != nil || s != Of(nil, XXH32) {
		t.Errorf("unpadded decimal: got %s, %v", s, err)
	}
	if d, err := Of(nil, XXH32).Decimal(); err != nil || d != "0046947589" {
		t.Errorf("Decimal: got %s, %v", d, err)
	}
}

func TestAlgorithms(t *testing.T) {
	if len(Algorithms()) != len(table) {
		t.Errorf("got %d algorithms, want %d", len(Algorithms()), len(table))
	}
	for _, a := range Algorithms() {
		if h := New(a); !a.Known() || h.Size() != size(a) || len(h.Sum(nil)) != size(a) {
			t.Errorf("%s: known %t, size %d", a, a.Known(), h.Size())
		}
	}
	if Algorithm("sha256").Known() || New("sha256") != nil {
		t.Error("sha256 is known")
	}
}

func FuzzCanonicalComesBack(f *testing.F) {
	f.Add("c4", "c4"+strings.Repeat("1", 88))
	f.Add("md5", strings.Repeat("aF", 16))
	f.Fuzz(func(t *testing.T, a, text string) {
		s, err := Canonical(Algorithm(a), text)
		if err != nil {
			return
		}
		raw, err := s.Bytes()
		if err != nil || FromBytes(s.Algorithm, raw) != s {
			t.Errorf("%s does not come back: %v", s, err)
		}
		if size(s.Algorithm)%2 == 0 && s.Algorithm != C4 && Swap(Swap(s.Digest)) != s.Digest {
			t.Errorf("%s swapped twice is %s", s, Swap(Swap(s.Digest)))
		}
	})
}
