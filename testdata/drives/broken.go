package drives

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"
	"time"
)

// fault is a folder of the broken drive: how it is made, and what is then found.
type fault struct {
	path     string // relative to the drive
	status   string // of the roll; "" where it is none
	make     func(s *site)
	findings []Finding // paths relative to path
}

// site is where a fault is being made.
type site struct {
	*tree
	path string
	reel string // A004 of A004R1AB: what its clips' names begin with
}

func (t *tree) site(folder string) *site {
	reel := path.Base(folder)
	return &site{t, folder, reel[:min(4, len(reel))]}
}

// Everything on the broken drive was shot and sealed at the same times.
var (
	brokenShot   = day("2023-05-12").Add(9 * time.Hour)
	brokenSealed = day("2023-05-12").Add(18 * time.Hour)
)

// The broken drive's day folders, one for each family of faults.
const (
	dayFiles     = "20230512_EP104_Day07_MU"
	dayManifests = "20230513_EP104_Day08_MU"
	dayAbove     = "20230514_EP104_Day09_MU"
	dayPlaces    = "20230516_EP104_Day10_MU"
)

// Broken writes a drive with every kind of finding that a drive at rest can have,
// each where BrokenFindings says, and nothing else wrong. What needs a fault of the
// device, a mount inside the drive or a drive's past is missing: unreadable,
// other-file-system, roll-gone, mtime-shifted; and no-rolls, which a drive with rolls
// cannot have.
func Broken(dir string) error {
	t := newEmptyTree(dir)
	for _, f := range brokenFaults() {
		if t.folder(f.path); t.err == nil {
			f.make(t.site(f.path))
		}
	}
	return t.settle(day("2023-05-12"))
}

// BrokenFindings are all findings of the broken drive.
func BrokenFindings() []Finding {
	var all []Finding
	for _, f := range brokenFaults() {
		for _, found := range f.findings {
			// Entries that lead out of their roll stand as listed, not cleaned.
			found.Path = strings.TrimSuffix(f.path+"/"+found.Path, "/")
			all = append(all, found)
		}
	}
	return all
}

// BrokenRolls are the broken drive's rolls and their statuses once all was read.
func BrokenRolls() []Roll {
	var rolls []Roll
	for _, f := range brokenFaults() {
		if f.status == "" {
			continue
		}
		kind := "camera"
		if strings.Contains(f.path, "/Sound_Media/") {
			kind = "sound"
		}
		rolls = append(rolls, Roll{f.path, kind, f.path[:4] + "-" + f.path[4:6] + "-" + f.path[6:8], f.status})
	}
	return rolls
}

func brokenFaults() []fault {
	all := fileFaults()
	all = append(all, manifestFaults()...)
	all = append(all, chainFaults()...)
	return append(all, placeFaults()...)
}

// name is a clip of the roll: A004C001.mxf.
func (s *site) name(clip int) string { return fmt.Sprintf("%sC%03d.mxf", s.reel, clip) }

// clips writes clips 1 to n into a folder of the roll.
func (s *site) clips(folder string, n int) {
	for i := range n {
		s.clip(path.Join(folder, s.name(i+1)))
	}
}

// clip writes a small file whose bytes are its own.
func (s *site) clip(name string) {
	data := strings.Repeat(fmt.Sprintf("footage of %s/%s\n", s.path, name), 20)
	s.file(s.path+"/"+name, []byte(data), brokenShot)
}

// seal writes an MHL 1.1 over what is there now.
func (s *site) seal(elements ...string) { s.write(s.list(elements...)) }

// write writes an MHL 1.1 with these entries.
func (s *site) write(entries []Entry) {
	if s.err == nil {
		_, err := WriteLegacy(s.abs(s.path), brokenSealed, entries)
		s.do(err)
	}
}

func (s *site) list(elements ...string) []Entry {
	if s.err != nil {
		return nil
	}
	entries, err := List(s.abs(s.path), elements...)
	s.do(err)
	return entries
}

// sealASC appends a generation.
func (s *site) sealASC(g Generation) {
	if s.err == nil {
		g.At = brokenSealed
		s.do(SealASC(s.abs(s.path), g))
	}
}

// edit changes a file's bytes and keeps its time.
func (s *site) edit(name string, change func([]byte) []byte) {
	if s.err != nil {
		return
	}
	file := s.path + "/" + name
	info, err := os.Stat(s.abs(file))
	s.do(err)
	data, err := os.ReadFile(s.abs(file))
	s.do(err)
	if s.err == nil {
		s.file(file, change(data), info.ModTime())
	}
}

func (s *site) remove(name string) {
	if s.err == nil {
		s.do(os.Remove(s.abs(s.path + "/" + name)))
	}
}

// sealedAs is the name of the MHL 1.1 that seal writes into a folder.
func sealedAs(folder string) string { return folder + "_2023-05-12_180000.mhl" }

// generation is the path of a generation that sealASC writes for a roll.
func generation(number int, roll string) string {
	return "ascmhl/" + generationName(number, roll, brokenSealed)
}

// flip changes one bit in the middle.
func flip(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)/2] ^= 0x10
	return data
}

// replaceLast replaces the last occurrence of old.
func replaceLast(data []byte, old, replacement string) []byte {
	i := bytes.LastIndex(data, []byte(old))
	return bytes.Join([][]byte{data[:i], data[i+len(old):]}, []byte(replacement))
}
