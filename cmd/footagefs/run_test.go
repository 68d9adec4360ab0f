package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"footagefs/testdata/drives"
)

// footage runs the program in this process and returns its exit status and output.
func footage(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	status = run(context.Background(), append([]string{"footagefs"}, args...), &out, &talk)
	return status, out.String(), talk.String()
}

func TestRunOnSampleDrive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "SHUTTLE01")
	if err := drives.Sample(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FOOTAGEFS_CATALOG", filepath.Join(t.TempDir(), "catalog.db"))
	for _, tt := range []struct {
		args   string
		status int
		stdout string // part of it
		stderr string
	}{
		{"review DRIVE", exitDone, "2023-05-10  sound   S005", ""},
		{"status DRIVE", exitDone, "pending  0/4", ""},
		{"verify DRIVE", exitDone, "7 rolls: 7 verified; 35 of 35 files", ""},
		{"status --roll S005 DRIVE", exitDone, "verified  4/4", ""},
		{"report DRIVE", exitDone, "S005,sound,2023-05-10,", ""},
		{"report --problems DRIVE", exitDone, "severity,code,roll,", ""},
		{"report --files --date 2023-05-10 DRIVE", exitDone, ",verified,", ""},
		{"status --format json DRIVE", exitDone, `"roll":"S005"`, ""},
		{"verify --date 19990101 DRIVE", exitFailed, "", "no roll of 1999-01-01 is there"},
		{"verify --date 99 DRIVE", exitUsage, "", "a date such as"},
		{"catalog", exitDone, "rolls                 7", ""},
		{"catalog check", exitDone, "", ""},
		{"unmount DRIVE", exitFailed, "", "no footagefs is mounted there"},
		{"frobnicate DRIVE", exitUsage, "", `no command "frobnicate"`},
	} {
		args := strings.Fields(tt.args)
		for i, arg := range args {
			args[i] = strings.Replace(arg, "DRIVE", dir, 1)
		}
		status, stdout, stderr := footage(t, args...)
		if status != tt.status || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%s: exit status %d, want %d\nstdout %s(want %q)\nstderr %s(want %q)",
				tt.args, status, tt.status, stdout, tt.stdout, stderr, tt.stderr)
		}
		if tt.stderr == "" && stderr != "" {
			t.Errorf("%s: said %s", tt.args, stderr)
		}
	}
}

// What review finds on the broken drive is what is known to be wrong with it.
func TestReviewNamesEveryFinding(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "BROKEN")
	if err := drives.Broken(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FOOTAGEFS_CATALOG", filepath.Join(t.TempDir(), "catalog.db"))
	status, out, _ := footage(t, "review", "--format", "json", dir)
	if status != exitFindings {
		t.Errorf("exit status %d, want %d", status, exitFindings)
	}
	var rows []struct{ Severity, Code, Path string }
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		t.Fatal(err)
	}
	_, text, _ := footage(t, "review", dir)
	for _, row := range rows {
		if !strings.Contains(text, row.Code) || !strings.Contains(text, row.Path+":") {
			t.Errorf("the text does not name %s of %s", row.Code, row.Path)
		}
	}
}

// hasRaw reports whether text holds anything but harmless characters and line ends.
func hasRaw(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	})
}

// A name on a drive may hold what terminals obey.
func TestNoControlBytes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "EVIL\x1b]0;x\x07")
	roll := filepath.Join(dir, "20230510", "Camera_Media", "A\x1b[2J\xff\u202eB")
	if err := os.MkdirAll(roll, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(roll, "clip\n\x9b.mov"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FOOTAGEFS_CATALOG", filepath.Join(t.TempDir(), "catalog.db"))
	// Of valid names JSON's strings are the names themselves; other spellings are allowed.
	if err := os.MkdirAll(filepath.Join(dir, "20230510", "Camera_Media", "B\u202e\u009b31m\x7f", "Clips"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"report", "--format", "json", dir}, {"report", "--problems", "--format", "json", dir}, {"status", dir},
		{"review", dir}, {"verify", dir}, {"status", dir}, {"report", "--files", dir}, {"report", "--problems", dir},
		{"review", "--format", "json", dir}, {"verify", "--roll", "\x1b[1m", dir}, {"review", dir + "\x1b"}, {"\x1b[3m", dir},
	} {
		_, stdout, stderr := footage(t, args...)
		if hasRaw(stdout + stderr) {
			t.Errorf("%q: got raw bytes in %q %q", args, stdout, stderr)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	t.Setenv("FOOTAGEFS_CATALOG", filepath.Join(t.TempDir(), "catalog.db"))
	var out, talk bytes.Buffer
	if status := run(ctx, []string{"footagefs", "status", dir}, &out, &talk); status != exitFailed || talk.String() != "footagefs: interrupted\n" {
		t.Errorf("exit status %d, said %q", status, &talk)
	}
}
