package fs

import (
	"strconv"
	"time"

	"footagefs/catalog"
	rows "footagefs/catalog/table"
	"footagefs/verify"
	"footagefs/verify/checksum"
)

// subjects are the things that attributes are on.
type subjects uint8

const (
	aFile    subjects = 1 << iota // a file in a roll
	aFolder                       // a folder in a roll
	aRoll                         // a roll's folder
	aGroup                        // a date, Camera Rolls, Sound Rolls, the library, the root
	counted                       // a group whose files are counted: a date, the library
	aStray                        // on a drive, in no roll
	inRolls  = aFile | aFolder | aRoll
	rankable = inRolls | aGroup
)

// needs is what of a subject an attribute speaks of.
type needs uint8

const (
	needFile needs = 1 << iota // the verdict on a file or folder
	needRoll                   // facts of its roll
	needAll  = needFile | needRoll
)

// subject is one thing, with what attributes may say of it.
type subject struct {
	kind  subjects
	file  catalog.File // of a file; of a folder its worst status
	roll  catalog.Roll // of a roll and below
	rolls []catalog.Roll
}

// attribute is one name. Its value is appended to a buffer; nothing appended: absent.
type attribute struct {
	name  string
	on    subjects
	needs needs
	value func(buf []byte, s *subject) []byte
	kind  kindOfValue
}

// kindOfValue says whether a value is for people or for Finder.
type kindOfValue uint8

const (
	textValue   kindOfValue = iota // one line of UTF-8
	binaryValue                    // bytes of a form that another program wants
)

// of appends the attribute's value, nothing where the subject has none. Names and paths of
// a drive are any bytes: in a text they are escaped as in the reports.
func (a *attribute) of(b []byte, s *subject) []byte {
	if s.kind&a.on == 0 {
		return b
	}
	start := len(b)
	if b = a.value(b, s); a.kind == binaryValue {
		return b
	}
	return rows.AppendEscaped(b, start)
}

// inOrder are all attributes, as they are listed.
var inOrder = append([]*attribute{
	own("status", rankable, needFile, status),
	own("reason", aFile, needFile, func(b []byte, s *subject) []byte { return append(b, s.file.Reason...) }),
	own("checksum", aFile, needFile, func(b []byte, s *subject) []byte { return checksum.AppendSpelled(b, s.file.Recorded) }),
	own("checksum.found", aFile, needFile, func(b []byte, s *subject) []byte { return checksum.AppendSpelled(b, s.file.Found) }),
	own("verified_at", aFile|aRoll, needFile, verifiedAt),
	own("evidence", aFile|aRoll, needFile, evidence),
	own("manifest", aFile|aRoll, needFile, manifest),
	own("generation", aFile|aRoll, needFile, generation),
	own("roll", inRolls, needRoll, func(b []byte, s *subject) []byte { return append(b, s.roll.Name...) }),
	own("roll_type", inRolls, needRoll, func(b []byte, s *subject) []byte { return append(b, s.roll.Type...) }),
	own("shoot_date", inRolls, needRoll, shootDate),
	own("unit", inRolls, needRoll, func(b []byte, s *subject) []byte { return append(b, s.roll.Unit...) }),
	own("episode", inRolls, needRoll, func(b []byte, s *subject) []byte { return append(b, s.roll.Episode...) }),
	own("shoot_day", inRolls, needRoll, func(b []byte, s *subject) []byte { return append(b, s.roll.Day...) }),
	own("files", aRoll|counted, needRoll, files),
	own("message", inRolls|aStray, needFile, message),
	{xattrPrefix + "xdg.tags", rankable, needFile, status, textValue},
}, platformAttributes...)

// attributes finds them by name.
var attributes = byName(inOrder)

func own(name string, on subjects, needs needs, value func([]byte, *subject) []byte) *attribute {
	return &attribute{xattrPrefix + "footagefs." + name, on, needs, value, textValue}
}

func byName(list []*attribute) map[string]*attribute {
	m := make(map[string]*attribute, len(list))
	for _, a := range list {
		m[a.name] = a
	}
	return m
}

func status(b []byte, s *subject) []byte { return append(b, s.status()...) }

// status is a word of the one vocabulary, "" where there is nothing to judge.
func (s *subject) status() string {
	switch {
	case s.kind&aGroup != 0:
		return string(catalog.WorstRoll(s.rolls))
	case s.kind == aRoll:
		return string(s.roll.Status)
	}
	return string(s.file.Status)
}

// verifiedAt is when bytes were last read and found right, of files that are verified.
func verifiedAt(b []byte, s *subject) []byte {
	at := s.roll.VerifiedAt
	if s.kind == aFile {
		if at = s.file.VerifiedAt; s.file.Status != verify.Verified {
			return b
		}
	}
	if at.IsZero() {
		return b
	}
	return at.UTC().AppendFormat(b, time.RFC3339)
}

func evidence(b []byte, s *subject) []byte {
	if s.kind == aRoll {
		return append(b, s.roll.Evidence...)
	}
	if s.file.Status != verify.Verified {
		return b
	}
	return append(b, s.file.Evidence...)
}

func manifest(b []byte, s *subject) []byte {
	if s.kind == aRoll {
		return append(b, s.roll.Manifest...)
	}
	return append(b, s.file.Manifest...)
}

func generation(b []byte, s *subject) []byte {
	n := s.file.Generation
	if s.kind == aRoll {
		n = s.roll.Generation
	}
	if n == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// shootDate is 2023-05-10.
func shootDate(b []byte, s *subject) []byte {
	d := s.roll.Date
	if len(d) != len("20230510") {
		return b
	}
	b = append(append(b, d[:4]...), '-')
	b = append(append(b, d[4:6]...), '-')
	return append(b, d[6:]...)
}

// files is "118/120 verified". It is absent until lists have been compared.
func files(b []byte, s *subject) []byte {
	rolls := s.rolls
	if s.kind == aRoll {
		rolls = []catalog.Roll{s.roll}
	}
	var listed, verified int
	known := false
	for i := range rolls {
		c := &rolls[i].Counts
		known = known || c.Known
		listed += c.Listed
		verified += c.Verified
	}
	if !known {
		return b
	}
	b = append(strconv.AppendInt(b, int64(verified), 10), '/')
	return append(strconv.AppendInt(b, int64(listed), 10), " verified"...)
}

func message(b []byte, s *subject) []byte {
	if s.kind == aRoll {
		return append(b, s.roll.Message...)
	}
	return append(b, s.file.Message...)
}
