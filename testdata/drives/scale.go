package drives

import (
	"fmt"
	"path"
	"time"
)

// Scale writes a drive of so many sealed rolls with so many files of size bytes each,
// ten rolls a day. The files are sparse, all zero, and take no room: five million of
// them need inodes only.
func Scale(dir string, rolls, files int, size int64) error {
	t := newEmptyTree(dir)
	same, err := zeros(size)
	t.do(err)
	first := day("2023-01-01")
	for i := range rolls {
		at := first.AddDate(0, 0, i/10).Add(9 * time.Hour)
		dayFolder := at.Format("20060102") + fmt.Sprintf("_EP%03d_Day%03d_MU", 101+i/100, i/10+1)
		roll := fmt.Sprintf("%s/Camera_Media/%c%03dR%dAB", dayFolder, 'A'+i%10, 1+i/10%999, i/9990)
		t.folder(roll)
		var entries []Entry
		for n := range files {
			name := fmt.Sprintf("%sC%05d.mxf", path.Base(roll)[:4], n+1)
			t.sparse(roll+"/"+name, size, at)
			entries = append(entries, Entry{name, size, at, same})
		}
		t.seal(roll, at.Add(8*time.Hour), entries)
	}
	return t.settle(first)
}

// Frames writes a drive with one ARRIRAW roll of n frames of size bytes in clips of
// 1,600, sealed. Up to 64 KiB the frames differ; above they are sparse and equal.
func Frames(dir string, n int, size int64) error {
	const clip, distinct = 1600, 64 << 10
	t := newEmptyTree(dir)
	var same []Hash
	if size > distinct {
		var err error
		same, err = zeros(size)
		t.do(err)
	}
	at := day("2023-05-10").Add(9 * time.Hour)
	roll := "20230510_EP103_Day05_MU/Camera_Media/A001R1AB"
	var entries []Entry
	for i := range n {
		name := fmt.Sprintf("A001C%03d_230510_R1AB", i/clip+1)
		name = fmt.Sprintf("%s/4448x3096/%s.%07d.ari", name, name, 86400+i)
		e := Entry{name, size, at, same}
		if size > distinct {
			t.sparse(roll+"/"+name, size, at)
		} else {
			e.Hashes = t.frame(roll+"/"+name, i, size, at)
		}
		entries = append(entries, e)
	}
	t.seal(roll, at.Add(8*time.Hour), entries)
	return t.settle(at)
}

// frame writes the frame of this number and returns its checksum.
func (t *tree) frame(name string, number int, size int64, at time.Time) []Hash {
	data := make([]byte, size)
	copy(data, fmt.Sprintf("ARRI%08d", number))
	if t.folder(path.Dir(name)); t.err != nil {
		return nil
	}
	t.do(writeAt(t.abs(name), data, at))
	text, err := Digest(xxh64, data)
	t.do(err)
	return []Hash{{Element: xxh64, Text: text}}
}

// seal writes an MHL 1.1 with these entries into a roll.
func (t *tree) seal(roll string, at time.Time, entries []Entry) {
	if t.err == nil {
		_, err := WriteLegacy(t.abs(roll), at, entries)
		t.do(err)
	}
}

// zeros is the checksum of so many zero bytes.
func zeros(size int64) ([]Hash, error) {
	d, err := newDigester(xxh64)
	if err != nil {
		return nil, err
	}
	chunk := make([]byte, 1<<20)
	for ; size > 0; size -= int64(len(chunk)) {
		d.Write(chunk[:min(size, int64(len(chunk)))])
	}
	return []Hash{{Element: xxh64, Text: d.text(d.Sum(nil))}}, nil
}
