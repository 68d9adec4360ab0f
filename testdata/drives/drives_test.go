package drives

import (
	iofs "io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/testdata"
)

// The committed drive is what Sample writes; after a change of either:
// go run ./testdata/makedrive testdata/drive
func TestSampleIsTheCommittedDrive(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time over the first
		if err := Sample(dir); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := iofs.Sub(testdata.Drive, "drive")
	if err != nil {
		t.Fatal(err)
	}
	got, want := contents(t, os.DirFS(dir)), contents(t, committed)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Sample differs from testdata/drive (-want +got):\n%s", diff)
	}
	for _, empty := range []string{"FALSETAKES", "TRASH"} {
		path := filepath.Join(dir, "20230510_EP103_Day05_MU/Sound_Media/S005", empty)
		if names, err := os.ReadDir(path); err != nil || len(names) != 0 {
			t.Errorf("%s: got %v, %v, want an empty folder", path, names, err)
		}
	}
}

// contents maps every regular file to its bytes.
func contents(t *testing.T, fsys iofs.FS) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := iofs.WalkDir(fsys, ".", func(name string, d iofs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := iofs.ReadFile(fsys, name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Values computed with md5sum, xxhsum and the two reference tools.
func TestDigest(t *testing.T) {
	for _, test := range []struct{ element, data, want string }{
		{"md5", "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"xxhash64", "abc", "990977adf52cbc44"},
		{"xxhash64be", "abc", "44bc2cf5ad770999"},
		{"xxh64", "", "ef46db3751d8e999"},
		{"xxh3", "abc", "78af5f94892f3950"},
		{"xxh128", "abc", "06b05ab6733a618578af5f94892f3950"},
		{"xxh128", "", "99aa06d3014798d86001c324468d497f"},
		{"c4", "abc", "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMsutyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp"},
	} {
		got, err := Digest(test.element, []byte(test.data))
		if err != nil || got != test.want {
			t.Errorf("Digest(%s, %q): got %s, %v, want %s", test.element, test.data, got, err, test.want)
		}
		raw, err := decode(test.element, test.want)
		if d, _ := newDigester(test.element); err != nil || test.element != "xxhash64" && d.text(raw) != test.want {
			t.Errorf("decode(%s, %s): got %x, %v", test.element, test.want, raw, err)
		}
	}
}

// The tree and the hashes of the reference tool's own test of directory hashes.
func TestFolderHashes(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/A", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"A/A1.txt": "A1\n", "Stuff.txt": "stuff\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := folderHashes(dir, "xxh64")
	if err != nil {
		t.Fatal(err)
	}
	want := []folderHash{
		{"A", "xxh64", "d3904ee76bba3d2a", "3fbe33b2924e26aa"},
		{".", "xxh64", "ca56d22f064fdf1b", "2ccca3899111eabb"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(folderHash{})); diff != "" {
		t.Errorf("folder hashes (-want +got):\n%s", diff)
	}
}

// validate holds every ASC MHL manifest and chain of the sample drive against the
// specification's schemas.
const validate = `
import sys, glob, lxml.etree as et
lists = et.parse(sys.argv[1] + "/ASCMHL.xsd")
chains = et.parse(sys.argv[1] + "/ASCMHLDirectory.xsd")
chains.find("{*}import").set("schemaLocation", sys.argv[1] + "/ASCMHL.xsd") # not from the network
schemas = [et.XMLSchema(lists), et.XMLSchema(chains)]
seen = 0
for path in glob.glob(sys.argv[2] + "/**/ascmhl/*", recursive=True):
    schemas[path.endswith("chain.xml")].assertValid(et.parse(path))
    seen += 1
print(seen)
`

func TestASCManifestsAreValid(t *testing.T) {
	schemas, err := filepath.Abs("../../../shared/mhl-samples/ascmhl/xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(schemas); err != nil {
		t.Skip("the schemas are not here")
	}
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} { // Debian's, where another comes first
		if python == "" && exec.Command(name, "-c", "import lxml").Run() == nil {
			python = name
		}
	}
	if python == "" {
		t.Skip("python3-lxml is not installed")
	}
	dir := t.TempDir()
	if err := Sample(dir); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", validate, schemas, dir).CombinedOutput()
	if err != nil || string(out) != "7\n" {
		t.Errorf("schemas: got %s, %v, want 7 files valid", out, err)
	}
}
