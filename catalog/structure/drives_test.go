package structure

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/testdata/drives"
	"footagefs/verify/finding"
)

// The made drives have the rolls, and the findings of the structure, that they say.
func TestMadeDrives(t *testing.T) {
	mine := []finding.Code{finding.BadDateFolder, finding.BadMediaFolder, finding.StrayFolder, finding.StrayFile, finding.NoRolls}
	tests := []struct {
		name     string
		make     func(dir string) error
		rolls    []drives.Roll
		findings []drives.Finding
	}{
		{"broken", drives.Broken, drives.BrokenRolls(), drives.BrokenFindings()},
		{"cards", drives.Cards, drives.CardRolls(), drives.CardFindings()},
	}
	for _, tt := range tests {
		dir := t.TempDir() + "/SHUTTLE01"
		if err := tt.make(dir); err != nil {
			t.Fatal(err)
		}
		st := scanned(t, scannerOf(t, dir))
		var want, got []string
		for _, r := range tt.rolls {
			want = append(want, r.Type+" "+strings.ReplaceAll(r.Date, "-", "")+" "+r.Path)
		}
		for _, f := range tt.findings {
			if slices.Contains(mine, finding.Code(f.Code)) || f.Code == string(finding.IllegalName) && isRoll(tt.rolls, f.Path) {
				want = append(want, f.Code+" "+f.Path+" "+f.Severity)
			}
		}
		for _, r := range st.Rolls {
			got = append(got, string(r.Type)+" "+r.Date+" "+r.Path)
		}
		for _, f := range st.Findings {
			got = append(got, string(f.Code)+" "+f.Path+" "+string(f.Severity))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

func isRoll(rolls []drives.Roll, path string) bool {
	return slices.ContainsFunc(rolls, func(r drives.Roll) bool { return r.Path == path })
}

// The hostile drive's rolls are all there, and nothing keeps the scan from ending.
func TestHostileDrive(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	if err := drives.Hostile(dir); err != nil {
		t.Fatal(err)
	}
	st := scanned(t, scannerOf(t, dir))
	found := map[string]bool{}
	for _, r := range st.Rolls {
		found[r.Path] = true
	}
	for _, r := range drives.HonestRolls() {
		if !found[r.Path] {
			t.Errorf("%s was not found", r.Path)
		}
	}
	for _, name := range drives.HostileRolls() {
		if !found["20230702_EP106_Day21_MU/Camera_Media/"+name] {
			t.Errorf("%q was not found", name)
		}
	}
	for _, f := range st.Findings {
		if f.Code != finding.IllegalName {
			t.Errorf("got %s %q", f.Code, f.Path)
		}
	}
}
