package main

import (
	"go/parser"
	"go/token"
	iofs "io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the module's packages from the ground up. A package imports only packages of
// lower floors.
var floors = [][]string{
	{"verify/checksum", "verify/drive", "verify/finding", "testdata"},
	{"verify/mhl/ignore", "verify/mhl/xml", "testdata/drives"},
	{"verify/mhl"},
	{"verify"},
	{"verify/seal"},
	{"catalog/profile", "catalog/roll", "catalog/table"},
	{"catalog/store", "catalog/structure"},
	{"catalog"},
	{"fs/tree"},
	{"fs"},
	{"cmd/footagefs/control"},
	{"cmd/footagefs", "cmd/footagefs-bench", "testdata/makedrive"},
}

// floorOf is the number of a package's floor, from the ground up; ok is false where it is
// on none.
func floorOf(pkg string) (number int, ok bool) {
	number = slices.IndexFunc(floors, func(floor []string) bool { return slices.Contains(floor, pkg) })
	return number, number >= 0
}

// rooms are the packages that serve some others alone, by whom.
var rooms = map[string][]string{
	"cmd/footagefs/control": {"cmd/footagefs"},
	"fs/tree":               {"fs"},
	"catalog/profile":       {"catalog", "catalog/structure", "cmd/footagefs"},
	"catalog/roll":          {"catalog", "catalog/store"},
	"catalog/store":         {"catalog"},
	"catalog/structure":     {"catalog"},
	"catalog/table":         {"catalog", "fs", "cmd/footagefs", "cmd/footagefs/control"},
	"verify/seal":           {"cmd/footagefs"},
	"verify/mhl/ignore":     {"verify/mhl", "verify/seal"},
	"verify/mhl/xml":        {"verify/mhl"},
}

// modules are the third-party modules and the package, by its folder, that each is for.
// golang.org/x/… is for all, and go-cmp and testscript are for tests.
var modules = map[string]string{
	"github.com/cespare/xxhash":     "verify/checksum",
	"github.com/zeebo/xxh3":         "verify/checksum",
	"modernc.org/sqlite":            "catalog/store",
	"github.com/pelletier/go-toml":  "catalog/profile",
	"github.com/hanwen/go-fuse":     "fs",
	"github.com/spf13/cobra":        "cmd/footagefs",
	"github.com/spf13/pflag":        "cmd/footagefs",
	"github.com/dustin/go-humanize": "cmd/footagefs",
	"github.com/vbauerster/mpb":     "cmd/footagefs",
}

// aliases are the names that packages whose own would mislead have everywhere.
var aliases = map[string]string{
	"github.com/hanwen/go-fuse/v2/fs": "fusefs",
	"io/fs":                           "iofs",
}

// imported is one import of one file.
type imported struct {
	file, folder string // slash paths from the module's root
	path, alias  string
	test         bool
}

// imports lists the imports of all files of the module, of every platform.
func imports(t *testing.T) []imported {
	t.Helper()
	root := filepath.Join("..", "..")
	var list []imported
	err := filepath.WalkDir(root, func(file string, d iofs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go"):
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		for _, spec := range syntax.Imports {
			i := imported{file: rel, folder: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go")}
			if i.path, err = strconv.Unquote(spec.Path.Value); err != nil {
				return err
			}
			if spec.Name != nil {
				i.alias = spec.Name.Name
			}
			list = append(list, i)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no imports were found")
	}
	return list
}

func TestImportsGoDown(t *testing.T) {
	for _, i := range imports(t) {
		from, known := floorOf(i.folder)
		if !known {
			t.Errorf("%s: no floor is known for the folder %s", i.file, i.folder)
			continue
		}
		below, ours := strings.CutPrefix(i.path, "footagefs/")
		if !ours || i.test && strings.HasPrefix(below, "testdata") {
			continue
		}
		if to, known := floorOf(below); !known || to >= from && !(i.test && below == i.folder) {
			t.Errorf("%s imports %s, which is not below it", i.file, i.path)
		}
	}
}

func TestRoomsServeTheirOwn(t *testing.T) {
	for _, i := range imports(t) {
		by, room := rooms[strings.TrimPrefix(i.path, "footagefs/")]
		if room && !slices.Contains(by, i.folder) {
			t.Errorf("%s imports %s, which is for %s alone", i.file, i.path, strings.Join(by, " and "))
		}
	}
}

func TestModulesAreOfOneFloor(t *testing.T) {
	for _, i := range imports(t) {
		module := moduleOf(i.path)
		floor, known := modules[module]
		switch {
		case strings.HasPrefix(i.path, "footagefs/"), isStandard(i.path), strings.HasPrefix(i.path, "golang.org/x/"):
		case strings.HasPrefix(i.folder, "testdata/"): // checks the floors by other means than theirs
		case i.test && (module == "github.com/google/go-cmp" || module == "github.com/rogpeppe/go-internal"):
		case !known:
			t.Errorf("%s imports %s, a module that no floor is known for", i.file, i.path)
		case floor != i.folder:
			t.Errorf("%s imports %s, which is for %s alone", i.file, i.path, floor)
		}
	}
}

func TestMisleadingPackagesHaveTheirAlias(t *testing.T) {
	for _, i := range imports(t) {
		if want := aliases[i.path]; i.alias != want && want != "" {
			t.Errorf("%s imports %s as %q, want %s", i.file, i.path, i.alias, want)
		}
	}
}

// moduleOf is the module of a package by its path's first three elements, without version.
func moduleOf(pkg string) string {
	parts := strings.Split(pkg, "/")
	n := 3
	if parts[0] == "modernc.org" {
		n = 2
	}
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// isStandard is true for the packages of Go itself: their paths begin with no domain.
func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}
