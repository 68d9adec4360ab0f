package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
)

// errDamaged says that a stored row is not what was stored.
var errDamaged = errors.New("a stored record is damaged")

// algorithmCodes number the algorithms in packed observations; a code is never reused.
var algorithmCodes = map[checksum.Algorithm]byte{
	checksum.MD5: 1, checksum.SHA1: 2, checksum.XXH32: 3, checksum.XXH64: 4,
	checksum.XXH3: 5, checksum.XXH128: 6, checksum.C4: 7,
}

var algorithmOfCode = func() map[byte]checksum.Algorithm {
	m := map[byte]checksum.Algorithm{}
	for a, c := range algorithmCodes {
		m[c] = a
	}
	return m
}()

// sealBlob appends the checksum of a blob and its row's key.
func sealBlob(blob []byte, key string) []byte {
	return binary.BigEndian.AppendUint64(blob, blobSum(blob, key))
}

func blobSum(blob []byte, key string) uint64 {
	h := checksum.New(checksum.XXH3)
	h.Write(blob) // a hash never fails
	h.Write([]byte(key))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// openBlob checks and removes the checksum that sealBlob appended.
func openBlob(blob []byte, key string) ([]byte, error) {
	if len(blob) < 8 {
		return nil, errDamaged
	}
	body := blob[:len(blob)-8]
	if binary.BigEndian.Uint64(blob[len(blob)-8:]) != blobSum(body, key) {
		return nil, errDamaged
	}
	return body, nil
}

// packSeen packs the observations of one folder, sorted by name.
func packSeen(list []roll.Named, key string) []byte {
	slices.SortFunc(list, byName)
	b := make([]byte, 0, 64+96*len(list))
	b = append(b, 1) // layout version
	b = binary.AppendUvarint(b, uint64(len(list)))
	for i := range list {
		b = appendString(b, list[i].Name)
		b = appendObservation(b, &list[i].Observation)
	}
	return sealBlob(b, key)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendObservation(b []byte, o *roll.Observation) []byte {
	b = binary.AppendVarint(b, o.Size)
	b = binary.AppendVarint(b, o.ModTime)
	b = binary.AppendVarint(b, o.ChangeTime)
	b = binary.AppendUvarint(b, o.Inode)
	b = binary.AppendVarint(b, o.ReadAt)
	b = binary.AppendVarint(b, o.FirstAt)
	b = binary.AppendVarint(b, o.OtherAt)
	b = binary.AppendVarint(b, o.Plug)
	b = appendString(b, o.Failure)
	b = append(b, byte(len(o.Sums)))
	for _, s := range o.Sums {
		b = append(b, algorithmCodes[s.Algorithm])
		b = appendString(b, packDigest(s))
	}
	return b
}

// packDigest halves hex digests; a C4 ID is kept as text.
func packDigest(s checksum.Sum) string {
	if s.Algorithm == checksum.C4 {
		return s.Digest
	}
	raw, err := hex.DecodeString(s.Digest)
	if err != nil {
		return ""
	}
	return string(raw)
}

// unpackSeen is packSeen's inverse; anything else than what was packed is errDamaged.
func unpackSeen(blob []byte, key string) ([]roll.Named, error) {
	body, err := openBlob(blob, key)
	if err != nil {
		return nil, err
	}
	r := unpacker{b: body}
	if r.byte() != 1 {
		return nil, fmt.Errorf("observations in an unknown layout: %w", errDamaged)
	}
	n := r.count()
	list := make([]roll.Named, 0, n)
	r.sums = make([]checksum.Sum, 0, n)
	for range n {
		list = append(list, roll.Named{Name: r.string(), Observation: r.observation()})
	}
	if r.bad || len(r.b) > 0 {
		return nil, errDamaged
	}
	return list, nil
}

// unpacker reads packed fields; after the first bad one everything is zero and bad is set.
// What it returns keeps nothing of b.
type unpacker struct {
	b     []byte
	bad   bool
	texts strings.Builder // holds many strings in one piece of memory
	sums  []checksum.Sum  // likewise
}

// keep makes a string of b.
func (r *unpacker) keep(b []byte) string {
	if r.texts.Cap()-r.texts.Len() < len(b) {
		r.texts.Reset() // those that were made stay
		r.texts.Grow(max(4096, len(b)))
	}
	start := r.texts.Len()
	r.texts.Write(b)
	return r.texts.String()[start:]
}

func (r *unpacker) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *unpacker) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *unpacker) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count is a number of things that take at least a byte each: never more than what is left.
func (r *unpacker) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *unpacker) string() string { return r.keep(r.bytes()) }

func (r *unpacker) bytes() []byte {
	n := r.count()
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *unpacker) observation() roll.Observation {
	o := roll.Observation{Look: roll.Look{Size: r.int(), ModTime: r.int(), ChangeTime: r.int(), Inode: r.uint()}}
	o.ReadAt, o.FirstAt, o.OtherAt, o.Plug = r.int(), r.int(), r.int(), r.int()
	o.Failure = r.string()
	if n := int(r.byte()); n > 0 {
		start := len(r.sums)
		for range n {
			r.sums = append(r.sums, r.sum())
		}
		o.Sums = slices.Clip(r.sums[start:])
	}
	return o
}

func (r *unpacker) sum() checksum.Sum {
	a, known := algorithmOfCode[r.byte()]
	if !known {
		r.bad = true
	}
	digest := r.bytes()
	if a == checksum.C4 {
		return checksum.Sum{Algorithm: a, Digest: r.keep(digest)}
	}
	var room [64]byte
	return checksum.Sum{Algorithm: a, Digest: r.keep(hex.AppendEncode(room[:0], digest))}
}
