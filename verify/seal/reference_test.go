package seal

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"footagefs/verify"
	"footagefs/verify/checksum"
)

// These tests run the reference tools where they are installed: ascmhl and ascmhl-debug of
// the ASC, mhl of mediahashlist.org. What one side writes the other reads.

// tool runs a reference tool in the roll and returns its exit status.
func tool(t *testing.T, dir, name string, args ...string) int {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = filepath.Join(dir, sealRoll)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	t.Logf("%s %s: exit %d\n%s", name, strings.Join(args, " "), cmd.ProcessState.ExitCode(), out)
	return cmd.ProcessState.ExitCode()
}

func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// accepts sees that the ASC's tool agrees, file by file and folder by folder.
func accepts(t *testing.T, dir string) {
	t.Helper()
	roll := filepath.Join(dir, sealRoll)
	for _, args := range [][]string{{"ascmhl-debug", "verify", roll}, {"ascmhl-debug", "verify", "-dh", roll}, {"ascmhl", "diff", roll}} {
		if got := tool(t, dir, args[0], args[1:]...); got != 0 {
			t.Errorf("%v: got exit %d", args, got)
		}
	}
}

var ascAlgorithms = []checksum.Algorithm{checksum.XXH64, checksum.MD5, checksum.C4, checksum.SHA1, checksum.XXH3, checksum.XXH128}

func TestReferenceToolAccepts(t *testing.T) {
	needTools(t, "ascmhl", "ascmhl-debug")
	files := copyOf(sealRollFiles, "empty", "", "Clips/deep/é.mov", "x", " blank ", "y")
	t.Run("two generations", func(t *testing.T) {
		dir := layOut(t, files)
		_, _, err := sealIt(t, dir, Options{Algorithms: ascAlgorithms})
		must(t, err)
		accepts(t, dir)
		_, _, err = sealIt(t, dir, Options{Algorithms: []checksum.Algorithm{checksum.MD5}, Now: later(1)})
		must(t, err)
		accepts(t, dir)
		put(t, dir, "Clips/new.mov", "new")
		_, _, err = sealIt(t, dir, Options{Now: later(2)})
		must(t, err)
		// With -dh the tool holds folders against generations that are older than files in them.
		if got := tool(t, dir, "ascmhl-debug", "verify", filepath.Join(dir, sealRoll)); got != 0 {
			t.Errorf("with a new file: got exit %d", got)
		}
		put(t, dir, "Clips/new.mov", "NEW")
		if got := tool(t, dir, "ascmhl-debug", "verify", filepath.Join(dir, sealRoll)); got != 11 {
			t.Errorf("of what is damaged: got exit %d", got)
		}
	})
	t.Run("a nested history", func(t *testing.T) {
		dir := layOut(t, files)
		_, err := Write(t.Context(), openDrive(t, dir), sealRoll+"/Clips", Options{Litter: isLitter, Ignore: []string{"._*"}, Now: later(0)}, nil)
		must(t, err)
		_, _, err = sealIt(t, dir, Options{Now: later(1)})
		must(t, err)
		accepts(t, dir)
	})
	t.Run("a failure, then repaired", func(t *testing.T) {
		dir := layOut(t, files)
		_, _, err := sealIt(t, dir, Options{})
		must(t, err)
		put(t, dir, "Audio/a.wav", "THREE")
		_, _, err = sealIt(t, dir, Options{RecordFailed: true, Now: later(1)})
		must(t, err)
		put(t, dir, "Audio/a.wav", "three")
		accepts(t, dir)
	})
}

func TestReferenceToolIsRead(t *testing.T) {
	needTools(t, "ascmhl", "ascmhl-debug")
	dir := layOut(t, copyOf(sealRollFiles, "empty", "", "Clips/deep/é.mov", "x"))
	roll := filepath.Join(dir, sealRoll)
	for _, args := range [][]string{
		{"create", "-h", "md5", filepath.Join(roll, "Clips")}, {"create", "-h", "c4", roll}, {"create", "-h", "xxh128", roll},
	} {
		if got := tool(t, dir, "ascmhl", args...); got != 0 {
			t.Fatalf("%v: got exit %d", args, got)
		}
	}
	check := func() {
		t.Helper()
		_, verdicts, findings := readRoll(t, dir)
		for p, v := range verdicts {
			if v != string(verify.Verified) && v != string(verify.Manifest) && v != string(verify.Ignored) {
				t.Errorf("%s: got %s", p, v)
			}
		}
		if len(findings) > 0 {
			t.Errorf("got %v", findings)
		}
	}
	check()
	_, _, err := sealIt(t, dir, Options{Algorithms: ascAlgorithms, Now: later(3)})
	must(t, err)
	check()
	accepts(t, dir)
}

func TestReferenceToolOfMHL1(t *testing.T) {
	needTools(t, "mhl")
	for _, algorithm := range []checksum.Algorithm{checksum.XXH64, checksum.MD5, checksum.SHA1, checksum.XXH32} {
		t.Run(string(algorithm), func(t *testing.T) {
			dir := layOut(t, copyOf(sealRollFiles, "empty", "", "é & <x>", "x"))
			report, _, err := sealIt(t, dir, Options{Legacy: true, Algorithms: []checksum.Algorithm{algorithm}})
			must(t, err)
			if got := tool(t, dir, "mhl", "verify", "-f", report.Manifest); got != 0 {
				t.Errorf("got exit %d", got)
			}
			put(t, dir, "Audio/a.wav", "THREE")
			if got := tool(t, dir, "mhl", "verify", "-f", report.Manifest); got == 0 {
				t.Error("of what is damaged: got exit 0")
			}
		})
	}
	for _, element := range []string{"md5", "sha1", "xxhash", "xxhash64", "xxhash64be"} {
		t.Run("what it writes: "+element, func(t *testing.T) {
			dir := layOut(t, copyOf(sealRollFiles, "empty", "", "é & <x>", "x"))
			if got := tool(t, dir, "mhl", "seal", "-t", element, "Audio", "Clips", "empty", "é & <x>", "side car & more.txt"); got != 0 {
				t.Fatalf("got exit %d", got)
			}
			_, verdicts, findings := readRoll(t, dir)
			if got := strings.Count(spelled(verdicts), string(verify.Verified)); got != 7 || len(findings) > 0 {
				t.Errorf("got %v, %v", spelled(verdicts), findings)
			}
		})
	}
}
