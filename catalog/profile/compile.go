package profile

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// compile checks every value of a profile and makes its rules usable. The first value that
// is not usable is the error, which names its key and what is allowed.
func (p *Profile) compile() error {
	for _, step := range []func() error{p.compileDay, p.checkAssetTypes, p.compileNaming, p.compilePatterns} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// compileDay compiles what day folders and their fields are called.
func (p *Profile) compileDay() (err error) {
	if p.day, err = pattern("day_folder.pattern", "(?is)", p.DayFolder.Pattern, "$"); err != nil {
		return err
	}
	p.dateGroup, p.restGroup = p.day.SubexpIndex("date"), p.day.SubexpIndex("fields")
	if p.dateGroup < 0 {
		return fmt.Errorf("day_folder.pattern must have a group (?P<date>...), and may have one (?P<fields>...)")
	}
	if p.layout = dateLayout(p.DayFolder.Date); p.layout == "" {
		return fmt.Errorf(`day_folder.date is %q; allowed are yyyy or yy, MM and dd, each once, with nothing, "-", "." or "_" between`, p.DayFolder.Date)
	}
	if p.DayFolder.Separator == "" || strings.ContainsAny(p.DayFolder.Separator, "/\x00") {
		return fmt.Errorf(`day_folder.separator is %q; allowed is any text without "/"`, p.DayFolder.Separator)
	}
	for _, free := range p.DayFolder.Free {
		if len(words(free)) == 0 {
			return fmt.Errorf("day_folder.free has %q; allowed are names with a letter or digit", free)
		}
		p.free = append(p.free, words(free))
	}
	if p.episode, err = anyOf("day_folder.episode", p.DayFolder.Episode); err != nil {
		return err
	}
	if p.dayNo, err = anyOf("day_folder.day", p.DayFolder.Day); err != nil {
		return err
	}
	p.unit, err = anyOf("day_folder.unit", p.DayFolder.Unit)
	return err
}

// dateLayout is a date as yyyyMMdd spells it in the form of package time, "" where it is none.
func dateLayout(date string) string {
	layout := date
	for _, part := range []struct{ spelled, layout string }{{"yyyy", "2006"}, {"yy", "06"}, {"MM", "01"}, {"dd", "02"}} {
		layout = strings.Replace(layout, part.spelled, part.layout, 1)
	}
	for _, needed := range []string{"06", "01", "02"} {
		if strings.Count(layout, needed) != 1 {
			return ""
		}
	}
	if strings.Trim(layout, "0126-._") != "" {
		return ""
	}
	return layout
}

// checkAssetTypes checks the asset types.
func (p *Profile) checkAssetTypes() error {
	if len(p.AssetTypes) == 0 {
		return fmt.Errorf("asset_type must be given at least once")
	}
	seen := map[string]bool{}
	for _, a := range p.AssetTypes {
		if nearKey(a.Folder) == "" || !isName(a.Folder) || seen[a.Folder] {
			return fmt.Errorf("asset_type.folder is %q; allowed is the name of a folder, each once", a.Folder)
		}
		seen[a.Folder] = true
		if a.RollType != Camera && a.RollType != Sound {
			return fmt.Errorf("asset_type.roll_type is %q; allowed are %q and %q", a.RollType, Camera, Sound)
		}
		for _, near := range a.Near {
			if nearKey(near) == "" {
				return fmt.Errorf("asset_type.near has %q; allowed are names of folders", near)
			}
		}
	}
	return nil
}

// isName is true for what may be the name of a file or folder.
func isName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/\x00")
}

// compileNaming compiles which characters are legal and checks the manifest rule.
func (p *Profile) compileNaming() error {
	legal, err := pattern("names.legal", "", "["+p.Names.Legal+"]", "$")
	if err != nil {
		return fmt.Errorf("%w; allowed are characters and ranges, as in A-Za-z0-9._-", err)
	}
	p.illegal = newCharset(func(r rune) bool { return !legal.MatchString(string(r)) })
	p.cardIllegal = newCharset(func(r rune) bool {
		return unicode.IsControl(r) || strings.ContainsRune(p.Names.CardIllegal, r)
	})
	if per := p.Manifest.PerRoll; per != perRollOne && per != perRollSeveral {
		return fmt.Errorf("manifest.per_roll is %q; allowed are %q and %q", per, perRollOne, perRollSeveral)
	}
	return nil
}

// compilePatterns compiles reels, and the patterns of names.
func (p *Profile) compilePatterns() (err error) {
	if p.reel, err = pattern("camera_format_level.reel", "(?i)", p.Level.Reel, ""); err != nil {
		return err
	}
	if p.reel.MatchString("") {
		return fmt.Errorf("camera_format_level.reel is %q; allowed is a pattern that does not match every name", p.Level.Reel)
	}
	if p.cardFolders, err = compileNames("camera_format_level.card_folders", p.Level.CardFolders); err != nil {
		return err
	}
	if p.litter, err = compileNames("files.litter", p.Files.Litter); err != nil {
		return err
	}
	p.media = map[string]bool{}
	for _, ext := range p.Files.Media {
		if ext = strings.TrimPrefix(ext, "."); ext == "" || strings.ContainsAny(ext, "./*") {
			return fmt.Errorf("files.media has %q; allowed are the ends of file names, as in mxf", ext)
		}
		p.media[strings.ToLower(ext)] = true
	}
	return nil
}

// pattern compiles a key's regular expression, to be matched from the beginning of a name.
func pattern(key, flags, expr, end string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(expr) // by itself, so that brackets pair within it
	if err == nil {
		re, err = regexp.Compile(flags + "^(?:" + expr + ")" + end)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no regular expression (RE2): %w", key, err)
	}
	return re, nil
}

// anyOf compiles a list of regular expressions for a whole field, letter case aside.
// Without any nothing matches.
func anyOf(key string, list []string) (*regexp.Regexp, error) {
	for _, expr := range list {
		if _, err := pattern(key, "", expr, "$"); err != nil {
			return nil, err
		}
	}
	if len(list) == 0 {
		list = []string{`[^\x00-\x{10FFFF}]`}
	}
	return pattern(key, "(?is)", "(?:"+strings.Join(list, ")|(?:")+")", "$")
}

// compileNames checks patterns of names.
func compileNames(key string, list []string) (n names, err error) {
	for _, name := range list {
		if _, err := path.Match(name, ""); err != nil || strings.Trim(name, "*") == "" {
			return names{}, fmt.Errorf("%s has %q; allowed are names in which * stands for any characters and ? for one", key, name)
		}
		if strings.ContainsAny(name, `*?[\`) {
			n.globs = append(n.globs, strings.ToLower(name))
		} else {
			n.exact = append(n.exact, name)
		}
		n.begins(name[0])
	}
	return n, nil
}

// begins notes that a pattern begins with a byte. What is no ASCII may be another case of any.
func (n *names) begins(first byte) {
	any := first >= utf8.RuneSelf || strings.IndexByte(`*?[\`, first) >= 0
	for b := range n.first {
		n.first[b] = n.first[b] || any || b >= utf8.RuneSelf || unicode.ToLower(rune(b)) == unicode.ToLower(rune(first))
	}
}
