package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// mountOptions are what -o says.
type mountOptions struct {
	catalog, profile string
	log              string // file, "" for stderr
	volname          string
	noVerify         bool
	recheck          bool
	readers          int   // 0: chosen by the drive
	limit            int64 // bytes a second, 0: none
	noXattr          bool
	verifiedOnly     bool
	uid, gid, umask  *uint32
	allowOther       bool
	allowRoot        bool
	daemon           bool
	noFail           bool     // a drive that is not there is no failure of a helper
	notes            []string // what the user should be told
}

// genericOptions are mount(8)'s own. The mount is read-only, nosuid and nodev whatever
// they say, so that all of them can be accepted; rw gets a note.
var genericOptions = map[string]bool{
	"ro": true, "rw": true, "defaults": true, "default_permissions": true,
	"dev": true, "nodev": true, "suid": true, "nosuid": true, "exec": true, "noexec": true,
	"atime": true, "noatime": true, "diratime": true, "nodiratime": true,
	"relatime": true, "norelatime": true, "strictatime": true, "nostrictatime": true,
	"lazytime": true, "nolazytime": true, "sync": true, "async": true, "dirsync": true,
	"mand": true, "nomand": true, "iversion": true, "noiversion": true,
	"silent": true, "loud": true, "nosymfollow": true, "symfollow": true,
	"auto": true, "noauto": true, "nofail": true, "_netdev": true,
	"user": true, "nouser": true, "users": true, "nousers": true,
	"owner": true, "noowner": true, "group": true, "nogroup": true, "comment": true,
}

// isGeneric also knows the x-… options, which are comments for other programs.
func isGeneric(name string) bool {
	return genericOptions[name] || strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "X-")
}

// parseMountOptions reads the values of all -o flags. With sloppy, as mount -s asks for,
// unknown options become notes.
func parseMountOptions(values []string, sloppy bool) (mountOptions, error) {
	var o mountOptions
	for _, value := range values {
		for _, option := range splitOptions(value) {
			name, arg, hasArg := strings.Cut(option, "=")
			err := o.set(name, arg, hasArg)
			switch {
			case errors.Is(err, errUnknownOption) && sloppy:
				o.notes = append(o.notes, fmt.Sprintf("mount option %s is not known and ignored", name))
			case errors.Is(err, errUnknownOption):
				return o, usagef("mount option %s is not known; footagefs help mount lists them", name)
			case err != nil:
				return o, err
			}
		}
	}
	if o.allowOther && o.allowRoot {
		return o, usagef("mount options allow_other and allow_root exclude each other")
	}
	return o, nil
}

var errUnknownOption = usagef("unknown mount option")

// set takes one option. Options come in three kinds: switches, those with a value, and
// mount(8)'s own.
func (o *mountOptions) set(name, arg string, hasArg bool) error {
	if flag := o.flag(name); flag != nil {
		if hasArg {
			return usagef("mount option %s takes no value", name)
		}
		*flag = true
		return nil
	}
	if set := o.value(name); set != nil {
		if arg == "" {
			return usagef("mount option %s takes a value: %s=…", name, name)
		}
		if err := set(arg); err != nil {
			return usagef("mount option %s=%s: %s", name, arg, err)
		}
		return nil
	}
	if !isGeneric(name) {
		return errUnknownOption
	}
	switch name {
	case "nofail":
		o.noFail = true
	case "rw":
		o.notes = append(o.notes, "mount option rw: the mount stays read-only")
	}
	return nil
}

func (o *mountOptions) flag(name string) *bool {
	return map[string]*bool{
		"noverify":      &o.noVerify,
		"recheck":       &o.recheck,
		"noxattr":       &o.noXattr,
		"verified_only": &o.verifiedOnly,
		"allow_other":   &o.allowOther,
		"allow_root":    &o.allowRoot,
		"daemon":        &o.daemon,
	}[name]
}

func (o *mountOptions) value(name string) func(string) error {
	return map[string]func(string) error{
		"catalog": text(&o.catalog),
		"profile": text(&o.profile),
		"log":     text(&o.log),
		"volname": text(&o.volname),
		"readers": func(s string) (err error) { o.readers, err = parseReaders(s); return },
		"limit":   func(s string) (err error) { o.limit, err = parseLimit(s); return },
		"uid":     number(&o.uid, 10, "a user's number"),
		"gid":     number(&o.gid, 10, "a group's number"),
		"umask":   number(&o.umask, 8, "octal permission bits such as 022"),
	}[name]
}

func text(to *string) func(string) error {
	return func(s string) error { *to = s; return nil }
}

func number(to **uint32, base int, what string) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, base, 32)
		if err != nil || base == 8 && n > 0o777 {
			return fmt.Errorf("it takes %s", what)
		}
		v := uint32(n)
		*to = &v
		return nil
	}
}

// maxReaders bounds what a mistyped number can ask of the machine.
const maxReaders = 256

func parseReaders(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxReaders {
		return 0, fmt.Errorf("it takes a number of files to read at once, 1 to %d", maxReaders)
	}
	return n, nil
}

// parseLimit reads MB/s, a megabyte being 10^6 bytes, and returns bytes a second.
func parseLimit(s string) (int64, error) {
	mb, err := strconv.ParseFloat(s, 64)
	if err != nil || !(mb > 0) || mb > 1e9 {
		return 0, fmt.Errorf("it takes a rate in MB/s, such as 100 or 12.5")
	}
	return int64(math.Ceil(mb * 1e6)), nil
}

// list is the options as they would be given, without those for the foreground alone.
func (o *mountOptions) list() []string {
	var list []string
	add := func(name, value string, given bool) {
		if given && value != "" {
			name += "=" + value
		}
		if given {
			list = append(list, name)
		}
	}
	for _, s := range []struct{ name, value string }{
		{"catalog", o.catalog}, {"profile", o.profile}, {"log", o.log}, {"volname", o.volname},
	} {
		add(s.name, s.value, s.value != "")
	}
	for _, name := range []string{"noverify", "recheck", "noxattr", "verified_only", "allow_other", "allow_root", "daemon"} {
		add(name, "", *o.flag(name))
	}
	add("readers", strconv.Itoa(o.readers), o.readers != 0)
	add("limit", strconv.FormatFloat(float64(o.limit)/1e6, 'f', -1, 64), o.limit != 0)
	for _, n := range []struct {
		name   string
		value  *uint32
		format string
	}{{"uid", o.uid, "%d"}, {"gid", o.gid, "%d"}, {"umask", o.umask, "%o"}} {
		if n.value != nil {
			add(n.name, fmt.Sprintf(n.format, *n.value), true)
		}
	}
	return list
}

// splitOptions splits at commas, except those behind a backslash or in double quotes,
// which mount(8) passes on as they stand in fstab.
func splitOptions(s string) []string {
	var options []string
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`,\"`, s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			options = append(options, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	options = append(options, b.String())
	return deleteEmpty(options)
}

func deleteEmpty(list []string) []string {
	kept := list[:0]
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// joinOptions is the inverse of splitOptions.
func joinOptions(options []string) string {
	quote := strings.NewReplacer(`\`, `\\`, `,`, `\,`, `"`, `\"`)
	quoted := make([]string, len(options))
	for i, o := range options {
		quoted[i] = quote.Replace(o)
	}
	return strings.Join(quoted, ",")
}
