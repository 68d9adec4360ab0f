// Package profile says how rolls are recognised by names: day folders and their dates,
// asset type folders, reels, litter, footage, characters that post refuses. A profile is a
// TOML file, or built in.
//
// It works on names alone, and knows neither drives nor rolls.
package profile

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Profile says how rolls are recognised. It is data: the fields are the keys of a TOML
// file. A Profile comes from Load and is never changed afterwards.
type Profile struct {
	Name       string       `toml:"name"`
	DayFolder  DayRule      `toml:"day_folder"`
	AssetTypes []AssetType  `toml:"asset_type"`
	Level      LevelRule    `toml:"camera_format_level"`
	Manifest   ManifestRule `toml:"manifest"`
	Names      NameRule     `toml:"names"`
	Files      FileRule     `toml:"files"`

	compiled
}

// RollType is camera or sound.
type RollType string

// The roll types.
const (
	Camera RollType = "camera"
	Sound  RollType = "sound"
)

// DayRule says what a day folder is called and what may lie in it.
type DayRule struct {
	Pattern   string   `toml:"pattern"`   // with the groups date and fields
	Date      string   `toml:"date"`      // yyyyMMdd
	Separator string   `toml:"separator"` // between fields
	Episode   []string `toml:"episode"`   // patterns of a field
	Day       []string `toml:"day"`
	Unit      []string `toml:"unit"`
	Free      []string `toml:"free"` // folders in which nothing is a finding
}

// AssetType is a folder directly in a day folder that holds rolls.
type AssetType struct {
	Folder   string   `toml:"folder"` // case-sensitive
	RollType RollType `toml:"roll_type"`
	Levels   bool     `toml:"levels"` // there may be camera-format levels
	Near     []string `toml:"near"`   // taken for this folder misspelt
}

// LevelRule tells a camera-format level from a roll.
type LevelRule struct {
	Reel        string   `toml:"reel"`
	CardFolders []string `toml:"card_folders"`
}

// ManifestRule says how many manifests a roll has at its root.
type ManifestRule struct {
	PerRoll string `toml:"per_roll"` // one or several
}

// NameRule says which characters names are made of.
type NameRule struct {
	Legal       string `toml:"legal"`        // a character class
	CardIllegal string `toml:"card_illegal"` // characters
}

// FileRule says which files are footage and which are no part of a card.
type FileRule struct {
	Media  []string `toml:"media"`  // extensions, without the dot
	Litter []string `toml:"litter"` // patterns of names
}

// compiled is what the rules of a profile are made into, once, when it is loaded.
type compiled struct {
	day                  *regexp.Regexp
	dateGroup, restGroup int    // of day; restGroup is -1 where there is none
	layout               string // of the date, as package time has it
	episode, dayNo, unit *regexp.Regexp
	free                 [][]string // words in lower case
	reel                 *regexp.Regexp
	illegal, cardIllegal charset
	cardFolders, litter  names
	media                map[string]bool
}

// SeveralManifests is true where more than one manifest at a roll's root is no fault.
func (p *Profile) SeveralManifests() bool { return p.Manifest.PerRoll == perRollSeveral }

// Litter is true for the names of files and folders that operating systems leave. Letter
// case does not count: FAT and exFAT drivers write it as they like, and no camera uses
// such a name in another case.
func (p *Profile) Litter(name string) bool { return p.litter.match(name) }

// LitterPath is true where any component of a path is litter.
func (p *Profile) LitterPath(path string) bool {
	for name := range strings.SplitSeq(path, "/") {
		if p.Litter(name) {
			return true
		}
	}
	return false
}

// MediaFile is true for the names of footage and sound.
func (p *Profile) MediaFile(name string) bool {
	ext := strings.TrimPrefix(path.Ext(name), ".")
	return p.media[strings.ToLower(ext)] && !p.Litter(name)
}

// names are patterns of names, letter case aside.
type names struct {
	exact []string
	globs []string  // in lower case
	first [256]bool // the bytes with which a name begins that may match
}

// match is asked of every name of every roll: what begins otherwise than all patterns, or
// than one, is not matched against it.
func (n *names) match(name string) bool {
	if name != "" && !n.first[name[0]] {
		return false
	}
	for _, exact := range n.exact {
		if strings.EqualFold(exact, name) {
			return true
		}
	}
	lower := ""
	for _, glob := range n.globs {
		if first := glob[0]; first < utf8.RuneSelf && !strings.ContainsRune(`*?[\`, rune(first)) && (name == "" || name[0]|0x20 != first|0x20) {
			continue
		}
		if lower == "" {
			lower = strings.ToLower(name)
		}
		if ok, err := path.Match(glob, lower); ok && err == nil {
			return true
		}
	}
	return false
}

// IllegalCardName tells whether post refuses the name of a file or folder of a card, and
// for which characters, as a message shows them.
func (p *Profile) IllegalCardName(name string) (chars string, bad bool) {
	return offending(name, &p.cardIllegal)
}

// IllegalStructureName likewise, for day folders, camera-format levels and rolls.
func (p *Profile) IllegalStructureName(name string) (chars string, bad bool) {
	return offending(name, &p.illegal)
}

// charset is a set of characters. It is asked of every character of every name.
type charset struct {
	ascii [utf8.RuneSelf]bool
	other func(rune) bool
}

func newCharset(has func(rune) bool) charset {
	s := charset{other: has}
	for r := range s.ascii {
		s.ascii[r] = has(rune(r))
	}
	return s
}

// hasNone is true for ASCII text of other characters alone; false is no answer.
func (s *charset) hasNone(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || s.ascii[c] {
			return false
		}
	}
	return true
}

func (s *charset) has(r rune) bool {
	if r < utf8.RuneSelf {
		return s.ascii[r]
	}
	return s.other(r)
}
