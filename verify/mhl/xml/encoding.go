package xml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// decode returns a reader of the input's text in UTF-8, without byte order mark, and
// whether it was another encoding, in which U+FFFD stands for bytes that cannot be read.
//
// A byte order mark outranks the declaration, and so does the evident width of the
// bytes: tools are known to declare UTF-8 in front of UTF-16.
func decode(r io.Reader) (text io.Reader, converted bool, err error) {
	b := bufio.NewReaderSize(r, 4096)
	head, err := b.Peek(1024)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	if mark, unit, big := orderMark(head); mark > 0 {
		if _, err := b.Discard(mark); err != nil {
			return nil, false, err
		}
		return wide(b, unit, big), false, nil
	}
	if unit, big := evidentWidth(head); unit > 1 {
		return wide(b, unit, big), false, nil
	}
	return narrow(b, declaredEncoding(head))
}

// orderMark returns the length of a byte order mark, the bytes of a unit, and its order.
func orderMark(b []byte) (mark, unit int, big bool) {
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE, 0, 0}):
		return 4, 4, false
	case bytes.HasPrefix(b, []byte{0, 0, 0xFE, 0xFF}):
		return 4, 4, true
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return 2, 2, false
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return 2, 2, true
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return 3, 1, false
	}
	return 0, 0, false
}

// evidentWidth tells from where the zero bytes lie in the first characters, which in any
// manifest are ASCII.
func evidentWidth(b []byte) (unit int, big bool) {
	if len(b) < 4 {
		return 1, false
	}
	switch [4]bool{b[0] == 0, b[1] == 0, b[2] == 0, b[3] == 0} {
	case [4]bool{true, true, true, false}:
		return 4, true
	case [4]bool{false, true, true, true}:
		return 4, false
	case [4]bool{true, false, true, false}:
		return 2, true
	case [4]bool{false, true, false, true}:
		return 2, false
	}
	return 1, false
}

// declaredEncoding is the encoding that the XML declaration names, "" where none does.
// A declaration that is no good is left to the scanner.
func declaredEncoding(head []byte) string {
	if !isDeclaration(head) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, label, _ := parseDeclaration(head[len("<?xml"):end])
	return label
}

// narrow reads an encoding in which ASCII is one byte each. A declaration of a wide one
// contradicts the bytes, which are then taken for UTF-8.
func narrow(b *bufio.Reader, label string) (io.Reader, bool, error) {
	if label == "" || isWideLabel(label) {
		return b, false, nil
	}
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, false, malformed("its encoding %.40q is not known", label)
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "utf-8", "utf-16le", "utf-16be":
		return b, false, nil
	case "replacement":
		return nil, false, malformed("its encoding %.40q is not read", label)
	}
	return enc.NewDecoder().Reader(b), true, nil
}

func isWideLabel(label string) bool {
	label = strings.ToLower(label)
	for _, prefix := range []string{"utf-32", "utf32", "ucs-4", "ucs4", "ucs-2", "ucs2", "iso-10646-ucs", "utf16"} {
		if strings.HasPrefix(label, prefix) {
			return true
		}
	}
	return false
}

// wideReader turns UTF-16 and UTF-32 into UTF-8. Unlike the usual decoders it refuses
// what is no character rather than replacing it: a replaced name is another name.
type wideReader struct {
	r    io.Reader
	unit int // bytes: 2 or 4
	big  bool
	raw  []byte // read, not decoded yet
	out  []byte // decoded, not delivered yet
	buf  []byte // what out lies in
	err  error
}

func wide(r io.Reader, unit int, big bool) io.Reader {
	if unit == 1 {
		return r
	}
	return &wideReader{r: r, unit: unit, big: big, raw: make([]byte, 0, 8192)}
}

func (w *wideReader) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		w.fill()
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// fill reads once and decodes all whole characters.
func (w *wideReader) fill() {
	n, err := w.r.Read(w.raw[len(w.raw):cap(w.raw)])
	w.raw = w.raw[:len(w.raw)+n]
	w.buf = w.buf[:0]
	used := 0
	for {
		r, size := w.char(w.raw[used:])
		if size == 0 {
			break
		}
		if !utf8.ValidRune(r) {
			w.err = malformed("its text is not UTF-%d", 8*w.unit)
			break
		}
		w.buf = utf8.AppendRune(w.buf, r)
		used += size
	}
	w.out = w.buf
	w.raw = w.raw[:copy(w.raw, w.raw[used:])]
	switch {
	case w.err != nil:
	case err == io.EOF && len(w.raw) > 0:
		w.err = malformed("it ends within a character")
	case err != nil:
		w.err = err
	}
}

// char decodes the first character of b; its size is 0 where b does not hold it whole.
func (w *wideReader) char(b []byte) (rune, int) {
	if len(b) < w.unit {
		return 0, 0
	}
	first := w.value(b)
	if w.unit == 4 || !utf16.IsSurrogate(first) {
		return first, w.unit
	}
	if len(b) < 4 {
		return 0, 0
	}
	r := utf16.DecodeRune(first, w.value(b[2:]))
	if r == utf8.RuneError {
		r = -1 // half of a pair
	}
	return r, 4
}

func (w *wideReader) value(b []byte) rune {
	var v uint32
	for i := range w.unit {
		if w.big {
			v = v<<8 | uint32(b[i])
		} else {
			v |= uint32(b[i]) << (8 * i)
		}
	}
	if v > utf8.MaxRune {
		return -1
	}
	return rune(v)
}
