package mhl

import (
	"encoding/binary"
	"fmt"
	"time"

	"footagefs/verify/checksum"
)

// packMagic begins a packed manifest; its last byte is the version of the form. A packed
// manifest is kept for long, but can always be made again from the file: other versions
// are refused, not read. In every version the checksum is the last.
const packMagic = "mhl\x02"

// packSum is the length of the XXH3 that ends a packed manifest, over all before it.
const packSum = 8

// Flags of a packed entry.
const (
	packNull = 1 << iota
	packFolder
	packPrevious
	packUnknown
	packSums
	packSize
)

// The order of these is part of the form.
var (
	packAlgorithms = [...]checksum.Algorithm{
		checksum.MD5, checksum.SHA1, checksum.XXH32, checksum.XXH64, checksum.XXH3, checksum.XXH128, checksum.C4,
	}
	packActions = [...]Action{Original, Verified, Failed}
	packFormats = [...]Format{Legacy, ASC}
)

// MarshalBinary packs a manifest as Parse gives it: compact, and with a checksum over all.
func (m *Manifest) MarshalBinary() ([]byte, error) {
	p := packer{b: make([]byte, 0, 1024+64*len(m.Entries))}
	p.b = append(p.b, packMagic...)
	p.byte(indexOf(packFormats[:], m.Format), "format", string(m.Format))
	for _, s := range []string{m.Digest, m.Tool} {
		p.text(s)
	}
	p.time(m.Created)
	p.uint(len(m.Ignore))
	for _, s := range m.Ignore {
		p.text(s)
	}
	p.uint(len(m.References))
	for _, r := range m.References {
		p.text(r.Path)
		p.text(r.C4)
	}
	p.counts(m)
	p.sums(m.Content)
	p.sums(m.Structure)
	for i := range m.Entries {
		p.entry(&m.Entries[i])
	}
	if p.err != nil {
		return nil, fmt.Errorf("packing a manifest: %w", p.err)
	}
	sum, err := packChecksum(p.b)
	return append(p.b, sum...), err
}

func packChecksum(b []byte) ([]byte, error) { return checksum.Of(b, checksum.XXH3).Bytes() }

func indexOf[T comparable](all []T, v T) int {
	for i := range all {
		if all[i] == v {
			return i
		}
	}
	return -1
}

// packer appends to b; its first error stays.
type packer struct {
	b    []byte
	err  error
	path string // of the last entry
}

func (p *packer) uint(n int) { p.b = binary.AppendUvarint(p.b, uint64(n)) }

// byte appends what an enumeration's value is known by.
func (p *packer) byte(v int, what, spelled string) {
	if v < 0 && p.err == nil {
		p.err = fmt.Errorf("no form for the %s %q", what, spelled)
	}
	p.b = append(p.b, byte(v))
}

func (p *packer) text(s string) {
	p.uint(len(s))
	p.b = append(p.b, s...)
}

func (p *packer) time(t time.Time) {
	p.b = binary.AppendVarint(p.b, t.Unix())
	p.uint(t.Nanosecond())
}

// counts appends how much the entries and root hashes hold, so that room is made once.
func (p *packer) counts(m *Manifest) {
	hashes, sums, names, text := 0, len(m.Content)+len(m.Structure), 0, 0
	for _, s := range [][]checksum.Sum{m.Content, m.Structure} {
		text += digestsLength(s)
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		hashes += len(e.Hashes)
		sums += len(e.Content) + len(e.Structure)
		names += len(e.Unknown)
		text += len(e.Path) + len(e.Previous) + digestsLength(e.Content) + digestsLength(e.Structure)
		for j := range e.Hashes {
			text += len(e.Hashes[j].Digest)
		}
		for _, name := range e.Unknown {
			text += len(name)
		}
	}
	for _, n := range []int{len(m.Entries), hashes, sums, names, text} {
		p.uint(n)
	}
}

func digestsLength(sums []checksum.Sum) (n int) {
	for i := range sums {
		n += len(sums[i].Digest)
	}
	return n
}

func (p *packer) entry(e *Entry) {
	p.b = append(p.b, p.flags(e))
	shared := sharedPrefix(p.path, e.Path)
	p.uint(shared)
	p.text(e.Path[shared:])
	p.path = e.Path
	if e.Previous != "" {
		p.text(e.Previous)
	}
	if e.Size >= 0 {
		p.b = binary.AppendUvarint(p.b, uint64(e.Size))
	}
	p.uint(len(e.Hashes))
	for i := range e.Hashes {
		p.hash(&e.Hashes[i])
	}
	if len(e.Unknown) > 0 {
		p.uint(len(e.Unknown))
		for _, name := range e.Unknown {
			p.text(name)
		}
	}
	if len(e.Content)+len(e.Structure) > 0 {
		p.sums(e.Content)
		p.sums(e.Structure)
	}
}

func (p *packer) flags(e *Entry) (f byte) {
	set := func(on bool, flag byte) {
		if on {
			f |= flag
		}
	}
	set(e.Null, packNull)
	set(e.Folder, packFolder)
	set(e.Previous != "", packPrevious)
	set(len(e.Unknown) > 0, packUnknown)
	set(len(e.Content)+len(e.Structure) > 0, packSums)
	set(e.Size >= 0, packSize)
	return f
}

func sharedPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func (p *packer) hash(h *Hash) {
	algorithm, action := indexOf(packAlgorithms[:], h.Algorithm), indexOf(packActions[:], h.Action)
	if algorithm < 0 || action < 0 {
		p.byte(-1, "hash", h.String()+" "+string(h.Action))
		return
	}
	b := byte(algorithm) | byte(action)<<3
	if h.Swapped {
		b |= 1 << 5
	}
	p.b = append(p.b, b)
	p.digest(h.Sum)
}

func (p *packer) sums(sums []checksum.Sum) {
	p.uint(len(sums))
	for _, s := range sums {
		p.byte(indexOf(packAlgorithms[:], s.Algorithm), "algorithm", string(s.Algorithm))
		p.digest(s)
	}
}

// digest appends a digest as bytes: those that its hex stands for, or a C4's characters.
func (p *packer) digest(s checksum.Sum) {
	if s.Algorithm == checksum.C4 {
		if !isC4(s.Digest) && p.err == nil {
			p.err = fmt.Errorf("no form for the digest %s", s)
		}
		p.b = append(p.b, s.Digest...)
		return
	}
	b, err := s.Bytes()
	if (err != nil || checksum.FromBytes(s.Algorithm, b) != s) && p.err == nil {
		p.err = fmt.Errorf("no form for the digest %s", s)
	}
	p.b = append(p.b, b...)
}
