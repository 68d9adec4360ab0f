package catalog

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

// assetType is the asset type whose folder has exactly this name.
func (p *Profile) assetType(name string) (*AssetType, bool) {
	for i := range p.AssetTypes {
		if p.AssetTypes[i].Folder == name {
			return &p.AssetTypes[i], true
		}
	}
	return nil, false
}

// likeAssetType is the asset type whose folder has this name, or one that differs from it
// in letter case, spaces, "_" and "-" only.
func (p *Profile) likeAssetType(name string) (*AssetType, bool) {
	if a, ok := p.assetType(name); ok {
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

// nearAssetType is the asset type for which a folder of this name in a day folder is
// taken, misspelt.
func (p *Profile) nearAssetType(name string) (*AssetType, bool) {
	if a, ok := p.likeAssetType(name); ok {
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

// assetFolders are the names of the asset type folders, for messages.
func (p *Profile) assetFolders() string {
	names := make([]string, len(p.AssetTypes))
	for i := range names {
		names[i] = p.AssetTypes[i].Folder
	}
	return strings.Join(names, " or ")
}

// isFree is true for a folder in a day folder in which nothing is a finding: its name has
// the words of one of the profile's free folders, one after the other.
func (p *Profile) isFree(name string) bool {
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
