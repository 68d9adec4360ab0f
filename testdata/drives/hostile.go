package drives

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The hostile drive's day folders.
const (
	dayHonest  = "20230701_EP106_Day20_MU"
	dayNames   = "20230702_EP106_Day21_MU"
	dayKinds   = "20230703_EP106_Day22_MU"
	dayBombs   = "20230704_EP106_Day23_MU"
	dayEscapes = "20230705_EP106_Day24_MU"
)

// Canary is a file at the hostile drive's root, outside of every roll, to which
// manifests, chains and links lead: nothing may ever open it.
const Canary = "canary.txt"

// Hostile writes a drive that means harm: names that break terminals, spreadsheets and
// listings, links, FIFOs, sockets, planted attributes, manifests that lead out of their
// rolls or explode, a sparse clip of 1 TiB. Where the user may not make something (a
// device) or the file system cannot hold it, it is left out. Two honest rolls lie on it.
func Hostile(dir string) error {
	t := newEmptyTree(dir)
	clean(t.site(dayHonest + "/Camera_Media/H001R1AB"))
	clean(t.site(dayHonest + "/Sound_Media/S020"))
	t.file(Canary, []byte("nothing may read this\n"), brokenShot)
	t.hostileNames()
	t.hostileKinds()
	t.bombs()
	t.escapes()
	t.do(t.settle(day("2023-07-01")))
	t.deep(300) // last: its paths are too long for settle
	return t.err
}

// HonestRolls are the rolls of the hostile drive with which nothing is wrong.
func HonestRolls() []Roll {
	return []Roll{
		{dayHonest + "/Camera_Media/H001R1AB", "camera", "2023-07-01", "verified"},
		{dayHonest + "/Sound_Media/S020", "sound", "2023-07-01", "verified"},
	}
}

// HostileNames are names of clips that break careless programs; each is a file of the
// roll H002R1AB on the hostile drive, verified.
func HostileNames() []string {
	return []string{
		"comma,quote\".mxf", "line\nbreak.mxf", "tab\there.mxf", "=cmd|' -C calc'!A0.mxf", "+1.mxf", "-rf.mxf", "@sum.mxf",
		"'apostrophe.mxf", "back\\slash.mxf", "\\u0041.mxf", "\x1b[31mred\x1b]0;title\x07.mxf", "bidi\u202egpj.mxf",
		"line\u2028separator.mxf", "latin1\xe9.mxf", "\xff\xfe.mxf", "nfc\u00e9.mxf", "nfd-e\u0301.mxf", "twin\u00e9.mxf",
		"twine\u0301.mxf", " leading.mxf", "trailing.mxf ", "a001.mxf", "A001.mxf", "percent%s%n.mxf", "report.csv",
		strings.Repeat("x", 251) + ".mxf", ".hidden", "del\x7f.mxf", "c1\u0085.mxf", "emoji🎬.mxf", "null.mxf", "NUL",
	}
}

// HostileRolls are names of rolls and folders that collide or break; each is a sealed
// roll of day 21.
func HostileRolls() []string {
	return []string{"report.csv", "problems.csv", "-rf", "=cmd", "nfc\u00e9", "nfce\u0301", "X001", "x001", "new\nline", "a,b", "\xff"}
}

func (t *tree) hostileNames() {
	s := t.site(dayNames + "/Camera_Media/H002R1AB")
	for _, name := range HostileNames() {
		s.clip(name)
	}
	s.sealEscaped()
	for _, name := range HostileRolls() {
		roll := t.site(dayNames + "/Camera_Media/" + name)
		roll.clip("clip.mxf")
		roll.seal(xxh64)
	}
}

// sealEscaped seals what XML can spell; a name with control characters or bytes that
// are not UTF-8 cannot be listed and is left unlisted.
func (s *site) sealEscaped() {
	var entries []Entry
	for _, e := range s.list(xxh64) {
		if strings.ToValidUTF8(e.Path, "") == e.Path && !strings.ContainsFunc(e.Path, unspellable) {
			entries = append(entries, e)
		}
	}
	s.write(entries)
}

func unspellable(r rune) bool { return r < ' ' && r != '\t' && r != '\n' }

// deep makes folder below folder below folder in a sealed roll: longer than any path
// that a system call takes at once.
func (t *tree) deep(levels int) {
	roll := t.site(dayNames + "/Camera_Media/H003R1AB")
	roll.clips("", 1)
	roll.seal(xxh64)
	if t.err != nil {
		return
	}
	fd, err := unix.Open(t.abs(roll.path), unix.O_DIRECTORY|unix.O_RDONLY, 0)
	for range levels {
		if t.do(err); t.err != nil {
			return
		}
		t.do(unix.Mkdirat(fd, "level-of-many-levels", 0o755))
		below, openErr := unix.Openat(fd, "level-of-many-levels", unix.O_DIRECTORY|unix.O_RDONLY, 0)
		unix.Close(fd)
		fd, err = below, openErr
	}
	t.do(err)
	unix.Close(fd)
}

// hostileKinds has what is no file, and files that are not what they seem.
func (t *tree) hostileKinds() {
	s := t.site(dayKinds + "/Camera_Media/H004R1AB")
	s.clips("", 2)
	s.seal(xxh64)
	for name, target := range map[string]string{
		"loop.mxf": "loop.mxf", "out.mxf": "../../../" + Canary, "abs.mxf": "/etc/hostname", "up": "..", "dangling.mxf": "nowhere",
	} {
		t.symlink(s.path+"/"+name, target)
	}
	t.fifo(s.path + "/fifo.mxf")
	t.socket(s.path + "/socket.mxf")
	t.device(s.path + "/zero.mxf")
	t.plant(s.path+"/"+s.name(1), "user.footagefs.status", "verified")
	if t.err == nil {
		t.do(os.Chmod(t.abs(s.path+"/"+s.name(2)), 0o755|os.ModeSetuid))
	}

	fifo := t.site(dayKinds + "/Camera_Media/H005R1AB")
	fifo.clips("", 1)
	t.fifo(fifo.path + "/" + sealedAs("H005R1AB")) // a manifest that never ends

	link := t.site(dayKinds + "/Camera_Media/H006R1AB")
	link.clips("", 1)
	t.symlink(link.path+"/"+sealedAs("H006R1AB"), "../H004R1AB/"+sealedAs("H004R1AB"))

	planted := t.site(dayKinds + "/Camera_Media/H007R1AB") // unlisted, but says verified
	planted.clips("", 1)
	t.plant(planted.path+"/"+planted.name(1), "user.footagefs.status", "verified")
	t.plant(planted.path, "user.footagefs.status", "verified")

	huge := t.site(dayKinds + "/Camera_Media/H008R1AB")
	t.sparse(huge.path+"/"+huge.name(1), 1<<40, brokenShot)
	huge.write([]Entry{{huge.name(1), 1 << 40, brokenShot, []Hash{{Element: xxh64, Text: "0123456789abcdef"}}}})
}

// socket binds a Unix socket by a short relative path, as the kernel wants it.
func (t *tree) socket(path string) {
	if t.err != nil {
		return
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if t.do(err); t.err != nil {
		return
	}
	defer unix.Close(fd)
	if len(t.abs(path)) < 100 { // the kernel's limit is 108
		t.do(unix.Bind(fd, &unix.SockaddrUnix{Name: t.abs(path)}))
	}
}

// device makes /dev/zero's twin where the user may.
func (t *tree) device(path string) {
	if t.err == nil {
		if err := unix.Mknod(t.abs(path), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))); err != nil && err != syscall.EPERM {
			t.do(err)
		}
	}
}

// plant sets an extended attribute where the file system has them.
func (t *tree) plant(path, name, value string) {
	if t.err == nil {
		if err := unix.Setxattr(t.abs(path), name, []byte(value), 0); err != nil && err != unix.ENOTSUP {
			t.do(err)
		}
	}
}

// bomb is a roll whose manifest is text that this function writes.
func (t *tree) bomb(roll string, text []byte) {
	s := t.site(dayBombs + "/Camera_Media/" + roll)
	s.clips("", 1)
	s.file(s.path+"/"+sealedAs(roll), text, brokenSealed)
}

// bombs are manifests that explode when read carelessly.
func (t *tree) bombs() {
	const head, tail = `<?xml version="1.0" encoding="UTF-8"?>` + "\n", "</hashlist>\n"
	entry := "<hash><file>K001C001.mxf</file><size>1</size><md5>00</md5></hash>"
	t.bomb("K001R1AB", []byte(head+laughs(10)+`<hashlist version="1.1"><hash><file>&l9;</file></hash>`+tail))
	t.bomb("K002R1AB", []byte(head+`<!DOCTYPE hashlist [<!ENTITY x SYSTEM "file:///etc/hostname">]>`+
		`<hashlist version="1.1"><hash><file>&x;</file></hash>`+tail))
	t.bomb("K003R1AB", []byte(head+`<hashlist version="1.1">`+strings.Repeat("<a>", 100_000)))
	t.bomb("K004R1AB", []byte(head+`<hashlist version="1.1"><hash><file>`+strings.Repeat("x", 32<<20)+"</file></hash>"+tail))
	t.bomb("K005R1AB", []byte(head+`<hashlist version="1.1">`+strings.Repeat(entry+"\n", 200_000)+tail))
	t.bomb("K006R1AB", bytes.Repeat([]byte{0}, 1<<20))
	t.bomb("K007R1AB", []byte(head+`<hashlist version="1.1" `+strings.Repeat(`a="b" `, 100_000)+">"+tail))
	t.bomb("K008R1AB", []byte(head+`<hashlist version="1.1"><hash><file>K008C001.mxf`))
	t.bomb("K009R1AB", nil)
	sparse := t.site(dayBombs + "/Camera_Media/K010R1AB")
	sparse.clips("", 1)
	t.sparse(sparse.path+"/"+sealedAs("K010R1AB"), 1<<36, brokenSealed)
}

// laughs is a document type in which each entity is ten of the one before.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE hashlist [<!ENTITY l0 "ha">`)
	for i := range levels - 1 {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	return b.String() + "]>\n"
}

// escapes are manifests whose paths lead out of their roll; all are rejected.
func (t *tree) escapes() {
	s := t.site(dayEscapes + "/Camera_Media/E001R1AB")
	s.clips("", 1)
	entries := s.list(xxh64)
	for _, out := range EscapingPaths() {
		e := entries[0]
		e.Path = out
		entries = append(entries, e)
	}
	s.write(entries)

	c := t.site(dayEscapes + "/Camera_Media/E002R1AB") // a chain that leads out
	history(c, 1)
	c.edit("ascmhl/ascmhl_chain.xml", func(data []byte) []byte {
		return bytes.Replace(data, []byte("<path>0001_"), []byte("<path>../../../../"+Canary+"</path><path>0001_"), 1)
	})
	c.do(writeAt(t.abs(path.Join(c.path, "ascmhl/notes.txt")), []byte("not part of the history\n"), brokenSealed))
}

// EscapingPaths are entries that lead out of their roll, each in its own way.
func EscapingPaths() []string {
	return []string{
		"../../../" + Canary, "x/../../../../" + Canary, "..\\..\\..\\" + Canary, "C:\\" + Canary, "\\\\server\\share\\" + Canary,
		"file:///etc/hostname", "..",
	}
}

// Manifest writes a legacy manifest of n entries of which none is there: the size and
// shape of a million-frame list.
func Manifest(file string, n int, at time.Time) error {
	entries := make([]Entry, 0, n)
	for i := range n {
		entries = append(entries, Entry{fmt.Sprintf("clip/%07d.ari", i), 1, at, []Hash{{Element: xxh64, Text: "0123456789abcdef"}}})
	}
	return writeAt(file, Legacy(at, entries), at)
}
