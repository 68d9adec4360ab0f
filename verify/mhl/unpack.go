package mhl

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"footagefs/verify/checksum"
)

// packSizes are how long digests are, in the order of packAlgorithms. C4 IDs are kept as
// they are spelled: from bytes they take long to make.
var packSizes = func() (sizes [len(packAlgorithms)]uint64) {
	for i, a := range packAlgorithms {
		sizes[i] = uint64(checksum.New(a).Size())
		if a == checksum.C4 {
			sizes[i] = uint64(len(c4Max))
		}
	}
	return sizes
}()

var errPacked = errors.New("not a packed manifest, or a damaged one")

// ErrOtherForm says that another version of this package has packed a manifest.
var ErrOtherForm = errors.New("packed by another version")

// UnmarshalBinary unpacks what MarshalBinary packed. Any damage is an error, and so is
// another version's form (ErrOtherForm); it leaves the manifest as it was. Entries share one
// text and a few slices.
func (m *Manifest) UnmarshalBinary(b []byte) error {
	body, version := len(b)-packSum, len(packMagic)-1
	if body <= version || string(b[:version]) != packMagic[:version] {
		return fmt.Errorf("unpacking a manifest: %w", errPacked)
	}
	sum, err := packChecksum(b[:body])
	if err != nil || !bytes.Equal(sum, b[body:]) {
		return fmt.Errorf("unpacking a manifest: %w", errors.Join(errPacked, err))
	}
	if b[version] != packMagic[version] {
		return fmt.Errorf("unpacking a manifest: %w", ErrOtherForm)
	}
	u := unpacker{b: b[len(packMagic):body]}
	unpacked := u.manifest()
	if u.failed || len(u.b) > 0 {
		return fmt.Errorf("unpacking a manifest: %w", errPacked)
	}
	*m = *unpacked
	return nil
}

// unpacker takes values from the front of b. Once one is not as it should be all that
// follows is zero, and failed is set.
type unpacker struct {
	b      []byte
	failed bool
	text   strings.Builder // of all entries, with room for it
	path   string          // of the last entry
	hashes []Hash
	sums   []checksum.Sum
	names  []string
}

func (u *unpacker) fail() {
	u.failed = true
	u.b = nil
}

func (u *unpacker) uint() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.fail()
		return 0
	}
	u.b = u.b[n:]
	return v
}

// count takes how many values follow somewhere, each at least so many bytes long.
func (u *unpacker) count(each int) int {
	n := u.uint()
	if n > uint64(len(u.b)/each) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *unpacker) bytes(n uint64) []byte {
	if n > uint64(len(u.b)) {
		u.fail()
		return nil
	}
	taken := u.b[:n]
	u.b = u.b[n:]
	return taken
}

func (u *unpacker) byte() byte {
	if b := u.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// enum takes a value of an enumeration.
func enum[T any](u *unpacker, all []T, i int) (v T) {
	if i >= len(all) {
		u.fail()
		return v
	}
	return all[i]
}

func (u *unpacker) time() time.Time {
	seconds, n := binary.Varint(u.b)
	if n <= 0 {
		u.fail()
		return time.Time{}
	}
	u.b = u.b[n:]
	nanos := u.uint()
	if nanos >= 1e9 {
		u.fail()
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanos)).UTC()
}

func (u *unpacker) manifest() *Manifest {
	m := &Manifest{Format: enum(u, packFormats[:], int(u.byte()))}
	for _, to := range []*string{&m.Digest, &m.Tool} {
		*to = string(u.bytes(u.uint()))
	}
	m.Created = u.time()
	for range u.count(1) {
		m.Ignore = append(m.Ignore, string(u.bytes(u.uint())))
	}
	for range u.count(2) {
		m.References = append(m.References, Reference{Path: string(u.bytes(u.uint())), C4: string(u.bytes(u.uint()))})
	}
	entries := u.makeRoom()
	m.Content, m.Structure = u.takeSums(), u.takeSums()
	if entries > 0 {
		m.Entries = make([]Entry, entries)
	}
	for i := range m.Entries {
		u.entry(&m.Entries[i])
		if u.failed {
			break
		}
	}
	return m
}

// makeRoom takes how much the entries hold and returns how many there are.
func (u *unpacker) makeRoom() int {
	entries, hashes, sums, names := u.count(4), u.count(5), u.count(5), u.count(1)
	text := u.uint()
	if text > maxKept {
		u.fail()
	}
	if u.failed {
		return 0
	}
	u.hashes = make([]Hash, 0, hashes)
	u.sums = make([]checksum.Sum, 0, sums)
	u.names = make([]string, 0, names)
	u.text.Grow(int(text))
	return entries
}

// keep adds parts to the text of all entries and returns them as one string.
func (u *unpacker) keep(prefix string, b []byte) string {
	start := u.text.Len()
	if len(prefix)+len(b) > u.text.Cap()-start {
		u.fail()
		return ""
	}
	u.text.WriteString(prefix)
	u.text.Write(b)
	return u.text.String()[start:]
}

func (u *unpacker) entry(e *Entry) {
	flags := u.byte()
	shared := u.uint()
	if shared > uint64(len(u.path)) {
		u.fail()
		return
	}
	e.Path = u.keep(u.path[:shared], u.bytes(u.uint()))
	u.path = e.Path
	e.Null, e.Folder, e.Size = flags&packNull != 0, flags&packFolder != 0, -1
	if flags&packPrevious != 0 {
		e.Previous = u.keep("", u.bytes(u.uint()))
	}
	if flags&packSize != 0 {
		if e.Size = int64(u.uint()); e.Size < 0 {
			u.fail()
		}
	}
	e.Hashes = u.takeHashes()
	if flags&packUnknown != 0 {
		e.Unknown = u.takeNames()
	}
	if flags&packSums != 0 {
		e.Content, e.Structure = u.takeSums(), u.takeSums()
	}
}

func (u *unpacker) takeHashes() []Hash {
	n, start := u.uint(), len(u.hashes)
	if n > uint64(cap(u.hashes)-start) {
		u.fail()
		return nil
	}
	for range n {
		u.hashes = append(u.hashes, u.hash())
	}
	return clip(u.hashes, start)
}

func (u *unpacker) hash() Hash {
	b := u.byte()
	h := Hash{
		Action:  enum(u, packActions[:], int(b>>3&3)),
		Swapped: b&(1<<5) != 0,
	}
	h.Sum = u.sum(b & 7)
	if b >= 1<<6 {
		u.fail()
	}
	return h
}

func (u *unpacker) takeSums() []checksum.Sum {
	n, start := u.uint(), len(u.sums)
	if n > uint64(cap(u.sums)-start) {
		u.fail()
		return nil
	}
	for range n {
		u.sums = append(u.sums, u.sum(u.byte()))
	}
	return clip(u.sums, start)
}

func (u *unpacker) sum(algorithm byte) checksum.Sum {
	a, size := enum(u, packAlgorithms[:], int(algorithm)), enum(u, packSizes[:], int(algorithm))
	b := u.bytes(size)
	if a == checksum.C4 {
		id := u.keep("", b)
		if !isC4(id) {
			u.fail()
		}
		return checksum.Sum{Algorithm: a, Digest: id}
	}
	var text [64]byte
	return checksum.Sum{Algorithm: a, Digest: u.keep("", text[:hex.Encode(text[:], b)])}
}

func (u *unpacker) takeNames() []string {
	n, start := u.uint(), len(u.names)
	if n > uint64(cap(u.names)-start) {
		u.fail()
		return nil
	}
	for range n {
		u.names = append(u.names, u.keep("", u.bytes(u.uint())))
	}
	return clip(u.names, start)
}

// clip is what was appended to all since start, nil where nothing was.
func clip[T any](all []T, start int) []T {
	if start == len(all) {
		return nil
	}
	return all[start:len(all):len(all)]
}
