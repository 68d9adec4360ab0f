package profile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// loose drops what people put between words.
var loose = strings.NewReplacer(" ", "", "_", "", "-", "")

// nearKey is what is left of a name when letter case, spaces, "_" and "-" do not count.
func nearKey(name string) string { return strings.ToLower(loose.Replace(name)) }

// AssetType is the asset type whose folder has exactly this name.
func (p *Profile) AssetType(name string) (*AssetType, bool) {
	for i := range p.AssetTypes {
		if p.AssetTypes[i].Folder == name {
			return &p.AssetTypes[i], true
		}
	}
	return nil, false
}

// LikeAssetType is the asset type whose folder has this name, or one that differs from it
// in letter case, spaces, "_" and "-" only.
func (p *Profile) LikeAssetType(name string) (*AssetType, bool) {
	if a, ok := p.AssetType(name); ok {
		return a, true
	}
	key := nearKey(name)
	for i := range p.AssetTypes {
		if nearKey(p.AssetTypes[i].Folder) == key {
			return &p.AssetTypes[i], true
		}
	}
	return nil, false
}

// NearAssetType is the asset type for which a folder of this name in a day folder is
// taken, misspelt.
func (p *Profile) NearAssetType(name string) (*AssetType, bool) {
	if a, ok := p.LikeAssetType(name); ok {
		return a, a.Folder != name
	}
	key := nearKey(name)
	for i := range p.AssetTypes {
		for _, near := range p.AssetTypes[i].Near {
			if nearKey(near) == key {
				return &p.AssetTypes[i], true
			}
		}
	}
	return nil, false
}

// AssetFolders are the names of the asset type folders, for messages.
func (p *Profile) AssetFolders() string {
	names := make([]string, len(p.AssetTypes))
	for i := range names {
		names[i] = p.AssetTypes[i].Folder
	}
	return strings.Join(names, " or ")
}

// Free is true for a folder in a day folder in which nothing is a finding: its name has
// the words of one of the profile's free folders, one after the other.
func (p *Profile) Free(name string) bool {
	have := words(name)
	for _, want := range p.free {
		for i := 0; i+len(want) <= len(have); i++ {
			if slices.Equal(have[i:i+len(want)], want) {
				return true
			}
		}
	}
	return false
}

// Reel is the reel with which a name begins, "" where it is not named like one.
func (p *Profile) Reel(name string) string { return p.reel.FindString(name) }

// CardFolder is true for a folder that only a card has, directly in a folder called parent,
// as far as the two names tell.
func (p *Profile) CardFolder(parent, name string) bool {
	if p.cardFolders.match(name) || strings.EqualFold(name, parent) || strings.EqualFold(name, parent+".RDM") {
		return true
	}
	reel := p.Reel(parent)
	return reel != "" && len(name) >= len(reel) && strings.EqualFold(name[:len(reel)], reel)
}

// words are a name's runs of letters and digits, in lower case.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// shownChars is how many offending characters a message shows.
const shownChars = 8

// offending are the characters of a name that are illegal, and bytes that are not UTF-8,
// each once, as a message shows them.
func offending(name string, illegal *charset) (chars string, bad bool) {
	if illegal.hasNone(name) {
		return "", false
	}
	var shown []string
	for rest := name; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		broken := r == utf8.RuneError && size == 1
		if broken || illegal.has(r) {
			spelled := spellRune(r)
			if broken {
				spelled = fmt.Sprintf("byte 0x%02X", rest[0])
			}
			if len(shown) <= shownChars && !slices.Contains(shown, spelled) {
				shown = append(shown, spelled)
			}
		}
		rest = rest[size:]
	}
	if len(shown) > shownChars {
		shown = append(shown[:shownChars], "…")
	}
	return strings.Join(shown, " "), len(shown) > 0
}

// spellRune is a character as a message can show it on its own.
func spellRune(r rune) string {
	switch {
	case r == ' ':
		return "space"
	case unicode.IsPrint(r) && !unicode.IsMark(r):
		return string(r)
	}
	return fmt.Sprintf("U+%04X", r)
}
