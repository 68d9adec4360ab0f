package profile

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed netflix.toml
var netflixProfile string

// builtin are the profiles that need no file: their names, a short form of each, and their text.
var builtin = []struct{ name, short, text string }{
	{"Netflix Recommended", "netflix", netflixProfile},
}

// maxProfile is the size, in bytes, beyond which a file is no profile.
const maxProfile = 1 << 20

// The values of manifest.per_roll.
const (
	perRollOne     = "one"
	perRollSeveral = "several"
)

// Names are the names of the built-in profiles, the default one first.
func Names() []string {
	names := make([]string, len(builtin))
	for i := range builtin {
		names[i] = builtin[i].name
	}
	return names
}

// Text is a profile as a TOML file with comments: a built-in one by its name, the
// default one for "", or a file, which has to be a usable profile.
func Text(nameOrFile string) (string, error) {
	text, _, err := readProfile(nameOrFile)
	if err != nil {
		return "", err
	}
	if _, err := parseProfile(nameOrFile, text); err != nil {
		return "", err
	}
	return text, nil
}

// Load loads a built-in profile by its name (letter case, spaces, "_" and "-"
// aside), the default one for "", or else a TOML file. What a file leaves out is as in the
// default profile. An error names the key that is not usable and what is allowed.
func Load(nameOrFile string) (*Profile, error) {
	text, file, err := readProfile(nameOrFile)
	if err != nil {
		return nil, err
	}
	p, err := parseProfile(nameOrFile, text)
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		p.Name = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	return p, nil
}

// readProfile is the text of a profile, and its file where it is not built in.
func readProfile(nameOrFile string) (text, file string, err error) {
	wanted := nearKey(nameOrFile)
	for _, b := range builtin {
		if wanted == "" && nameOrFile == "" || wanted == nearKey(b.name) || wanted == b.short {
			return b.text, "", nil
		}
	}
	f, err := os.Open(nameOrFile)
	if errors.Is(err, iofs.ErrNotExist) {
		return "", "", fmt.Errorf("profile %q: no such file, and no built-in profile of this name (there is %s)", nameOrFile, strings.Join(Names(), ", "))
	}
	if err != nil {
		return "", "", fmt.Errorf("reading the profile: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxProfile+1))
	if err != nil {
		return "", "", fmt.Errorf("reading the profile: %w", err)
	}
	if len(data) > maxProfile {
		return "", "", fmt.Errorf("profile %s: larger than %d bytes, which no profile is", nameOrFile, maxProfile)
	}
	return string(data), nameOrFile, nil
}

// parseProfile reads a profile's text and makes it usable.
func parseProfile(from, text string) (*Profile, error) {
	p, base := new(Profile), new(Profile)
	err := decodeProfile(text, p)
	if err == nil {
		err = decodeProfile(builtin[0].text, base)
	}
	if err == nil {
		name := p.Name
		complete(reflect.ValueOf(p).Elem(), reflect.ValueOf(base).Elem())
		p.Name = name
		err = p.compile()
	}
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", from, err)
	}
	return p, nil
}

// complete gives what is not set in to the value that it has in from.
func complete(to, from reflect.Value) {
	for i := range to.NumField() {
		switch f := to.Field(i); {
		case !f.CanSet(): // what is compiled
		case f.Kind() == reflect.Struct:
			complete(f, from.Field(i))
		case f.IsZero():
			f.Set(from.Field(i))
		}
	}
}

// decodeProfile reads TOML. Its errors name line and key, and what is allowed there.
func decodeProfile(text string, p *Profile) error {
	err := toml.NewDecoder(bytes.NewReader([]byte(text))).DisallowUnknownFields().Decode(p)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		e := &unknown.Errors[0]
		line, _ := e.Position()
		key := []string(e.Key())
		return fmt.Errorf("line %d: there is no key %s; allowed here: %s", line, strings.Join(key, "."), strings.Join(keysBeside(key), ", "))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		key := []string(wrong.Key())
		if t := typeOf(key); t != nil {
			return fmt.Errorf("line %d: %s must be %s", line, strings.Join(key, "."), kindText(t))
		}
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// typeOf is the type of a key's value, nil where there is no such key.
func typeOf(key []string) reflect.Type {
	t := reflect.TypeFor[Profile]()
	for _, name := range key {
		i := slices.Index(keysOf(t), name)
		if i < 0 {
			return nil
		}
		t = table(t).Field(i).Type
	}
	return t
}

// table is a type as a table of keys: itself, or what a list is of.
func table(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice {
		return t.Elem()
	}
	return t
}

// keysOf are the keys of a table, in the order of the fields; none where t is no table.
func keysOf(t reflect.Type) []string {
	var keys []string
	if t = table(t); t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if key := t.Field(i).Tag.Get("toml"); key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// keysBeside are the keys that are allowed where an unknown one was found.
func keysBeside(key []string) []string {
	for n := len(key) - 1; n >= 0; n-- {
		if t := typeOf(key[:n]); t != nil {
			return keysOf(t)
		}
	}
	return nil
}

// kindText says what a value of a type is to a user.
func kindText(t reflect.Type) string {
	switch keys := keysOf(t); {
	case len(keys) > 0:
		return "a table of " + strings.Join(keys, ", ")
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list of texts in quotes"
	}
	return "a text in quotes"
}
