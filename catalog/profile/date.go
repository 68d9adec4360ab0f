package profile

import (
	"regexp"
	"strings"
	"time"
)

// DayName is what the name of a day folder says.
type DayName struct {
	Date               string // 20230510
	Episode, Day, Unit string // as spelled
}

// DayName reads the name of a day folder; ok is false where it is none.
func (p *Profile) DayName(name string) (d DayName, ok bool) {
	groups := p.day.FindStringSubmatch(name)
	if groups == nil {
		return DayName{}, false
	}
	date, ok := p.realDate(groups[p.dateGroup])
	if !ok {
		return DayName{}, false
	}
	d.Date = date.Format("20060102")
	if p.restGroup < 0 {
		return d, true
	}
	for field := range strings.SplitSeq(groups[p.restGroup], p.DayFolder.Separator) {
		p.field(&d, field)
	}
	return d, true
}

// field keeps what one field says. The first of a kind counts.
func (p *Profile) field(d *DayName, field string) {
	var value *string
	switch {
	case p.episode.MatchString(field):
		value = &d.Episode
	case p.dayNo.MatchString(field):
		value = &d.Day
	case p.unit.MatchString(field):
		value = &d.Unit
	default:
		return
	}
	if *value == "" {
		*value = field
	}
}

// realDate is a date of the calendar as the profile spells it.
func (p *Profile) realDate(s string) (time.Time, bool) {
	date, err := time.Parse(p.layout, s)
	return date, err == nil && date.Year() > 0 && date.Format(p.layout) == s
}

// beginning is how the name of a folder begins with a date, right or wrong: 8 or 6 digits,
// or a day, a month and a year of 4 or 2 digits with "-", "." or "_" between some of them.
var beginning = regexp.MustCompile(`(?s)^(?:` + strings.Join([]string{
	`([0-9]{4})[-._]?([0-9]{2})[-._]?([0-9]{2})`,            // 20230510 2023-0510 10.052023 are all eight digits
	`([0-9]{2})[-._]?([0-9]{2})[-._]?([0-9]{4})`,            // 10.05.2023
	`([0-9]{2})([0-9]{2})([0-9]{2})`,                        // 230510
	`([0-9]{4}|[0-9]{2})[-._]([0-9]{1,2})[-._]([0-9]{1,2})`, // 2023-5-1 23-05-10
	`([0-9]{1,2})[-._]([0-9]{1,2})[-._]([0-9]{4}|[0-9]{2})`, // 1.5.2023
}, "|") + `)([^0-9].*)?$`)

// datedName is a folder's name that begins with a date.
type datedName struct {
	parts [3]string // year, month and day in the order of the name, digits only
	solid bool      // there is nothing between them
	rest  string    // what follows
}

// beginsWithDate takes the date off the beginning of a name; ok is false where there is none.
func beginsWithDate(name string) (d datedName, ok bool) {
	groups := beginning.FindStringSubmatch(name)
	if groups == nil {
		return datedName{}, false
	}
	n := 0
	for _, part := range groups[1 : len(groups)-1] {
		if part != "" {
			d.parts[n] = part
			n++
		}
	}
	d.rest = groups[len(groups)-1]
	d.solid = len(d.digits()) == len(name)-len(d.rest)
	return d, true
}

// BeginsWithDate reports whether a name begins with a date, right or wrong.
func BeginsWithDate(name string) bool {
	_, ok := beginsWithDate(name)
	return ok
}

// BeginsWithRightDate reports whether a name begins with a date of the calendar, spelled as
// the profile has it.
func (p *Profile) BeginsWithRightDate(name string) bool {
	dated, ok := beginsWithDate(name)
	if !ok || !dated.solid {
		return false
	}
	_, real := p.realDate(dated.digits())
	return real
}

func (d datedName) digits() string { return strings.Join(d.parts[:], "") }

// Suggest is the name that a folder with a wrong date should have had; ok is false where it
// cannot be told. Years after latest are thought to be another part of the date.
func (p *Profile) Suggest(name string, latest int) (suggestion string, ok bool) {
	dated, ok := beginsWithDate(name)
	if !ok {
		return "", false
	}
	date, ok := dated.meant(latest)
	if !ok {
		return "", false
	}
	suggestion = date.Format(p.layout)
	rest := strings.Join(strings.Fields(strings.TrimLeft(dated.rest, "-._ ")), "_")
	if rest != "" {
		suggestion += p.DayFolder.Separator + rest
	}
	_, isDay := p.DayName(suggestion)
	_, illegal := p.IllegalStructureName(suggestion)
	return suggestion, isDay && !illegal && suggestion != name
}

// meant is the date that the parts mean. A year of 4 digits is taken where it stands, and
// 6 digits begin with the year; else there must be just one order that makes a date.
func (d datedName) meant(latest int) (time.Time, bool) {
	a, b, c := d.parts[0], d.parts[1], d.parts[2]
	if len(a) == 4 || d.solid && len(c) == 2 {
		if date, ok := realDay(a, b, c, latest); ok || len(a) != 4 || !d.solid {
			return date, ok
		}
		all := d.digits() // 10052023 was cut as if it began with a year
		a, b, c = all[:2], all[2:4], all[4:]
	}
	readings := [][3]string{{c, b, a}, {c, a, b}}
	if len(c) == 2 {
		readings = append(readings, [3]string{a, b, c})
	}
	var found time.Time
	for _, r := range readings {
		date, ok := realDay(r[0], r[1], r[2], latest)
		switch {
		case !ok:
		case !found.IsZero() && !found.Equal(date):
			return time.Time{}, false
		default:
			found = date
		}
	}
	return found, !found.IsZero()
}

// realDay is a date between 1990 and latest; the year has 4 digits, or 2 of this century.
func realDay(year, month, day string, latest int) (time.Time, bool) {
	switch len(year) {
	case 1:
		return time.Time{}, false
	case 2:
		year = "20" + year
	}
	date, err := time.Parse("2006-1-2", year+"-"+month+"-"+day)
	return date, err == nil && date.Year() >= 1990 && date.Year() <= latest
}
