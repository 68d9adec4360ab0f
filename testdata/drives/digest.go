package drives

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/zeebo/xxh3"
)

// digester computes the text of one hash element.
type digester struct {
	hash.Hash
	text func([]byte) string
}

// newDigester knows the hash elements of both families by their names in XML. XXH32
// (legacy xxhash) is missing: no library of ours has it, and vectors serve.
func newDigester(element string) (digester, error) {
	switch element {
	case "md5":
		return digester{md5.New(), hex.EncodeToString}, nil
	case "sha1":
		return digester{sha1.New(), hex.EncodeToString}, nil
	case "xxhash64be", "xxh64":
		return digester{xxhash.New(), hex.EncodeToString}, nil
	case "xxhash64":
		return digester{xxhash.New(), reversedHex}, nil
	case "xxh3":
		return digester{xxh3.New(), hex.EncodeToString}, nil
	case "xxh128":
		return digester{hash128{xxh3.New()}, hex.EncodeToString}, nil
	case "c4":
		return digester{sha512.New(), c4ID}, nil
	}
	return digester{}, fmt.Errorf("no hash element %q", element)
}

// hash128 makes XXH3's 128 bits the sum of a hash.Hash.
type hash128 struct{ *xxh3.Hasher }

func (h hash128) Size() int { return 16 }

func (h hash128) Sum(b []byte) []byte {
	sum := h.Sum128().Bytes()
	return append(b, sum[:]...)
}

func reversedHex(sum []byte) string {
	sum = slices.Clone(sum)
	slices.Reverse(sum)
	return hex.EncodeToString(sum)
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// c4ID spells a SHA-512 as a C4 ID: c4 and 88 digits of base 58.
func c4ID(sum []byte) string {
	n, radix, digit := new(big.Int).SetBytes(sum), big.NewInt(58), new(big.Int)
	id := []byte("c4" + strings.Repeat("1", 88))
	for i := len(id) - 1; n.Sign() > 0; i-- {
		n.DivMod(n, radix, digit)
		id[i] = base58[digit.Int64()]
	}
	return string(id)
}

// decode is the sum that a hash text spells.
func decode(element, text string) ([]byte, error) {
	if element != "c4" {
		return hex.DecodeString(text)
	}
	n := new(big.Int)
	for _, c := range text[2:] {
		n.Mul(n, big.NewInt(58))
		n.Add(n, big.NewInt(int64(strings.IndexRune(base58, c))))
	}
	return n.FillBytes(make([]byte, sha512.Size)), nil
}

// Digest is the text of a hash element (md5, sha1, xxhash64, xxhash64be of MHL 1.1;
// c4, md5, sha1, xxh128, xxh3, xxh64 of ASC MHL) for these bytes.
func Digest(element string, data []byte) (string, error) {
	d, err := newDigester(element)
	if err != nil {
		return "", err
	}
	d.Write(data)
	return d.text(d.Sum(nil)), nil
}

// digestFile reads a file once for all elements.
func digestFile(path string, elements []string) ([]Hash, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []digester
	var writers []io.Writer
	for _, element := range elements {
		if element == "null" {
			continue
		}
		d, err := newDigester(element)
		if err != nil {
			return nil, err
		}
		all, writers = append(all, d), append(writers, d)
	}
	if len(writers) > 0 {
		if _, err := io.Copy(io.MultiWriter(writers...), f); err != nil {
			return nil, err
		}
	}
	var hashes []Hash
	for _, element := range elements {
		if element == "null" {
			hashes = append(hashes, Hash{Element: "null"})
			continue
		}
		hashes = append(hashes, Hash{Element: element, Text: all[0].text(all[0].Sum(nil))})
		all = all[1:]
	}
	return hashes, nil
}
