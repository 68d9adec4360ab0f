package catalog

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAReportOfNothing(t *testing.T) {
	c, err := openAt(t, filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	for report, columns := range map[Report][]string{RollReport: rollColumns, ProblemReport: problemColumns, FileReport: fileColumns} {
		var text, list bytes.Buffer
		if err := c.WriteReport(t.Context(), &text, report, Filter{}, false); err != nil || text.String() != strings.Join(columns, ",")+"\n" {
			t.Errorf("%s: got %q and error %v, want the header", report, text.String(), err)
		}
		if err := c.WriteReport(t.Context(), &list, report, Filter{}, true); err != nil || list.String() != "[]\n" {
			t.Errorf("%s: got %q and error %v, want an empty array", report, list.String(), err)
		}
	}
}

func TestARollOfADriveThatIsAwayKeepsItsCounts(t *testing.T) {
	s := newShoot(t)
	path := s.roll("A001R1AB", map[string]string{"clip.mov": "footage"})
	c := s.verified()
	if err := os.Remove(filepath.Join(s.dir, path, "clip.mov")); err != nil {
		t.Fatal(err)
	}
	if err := c.Inventory(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	c.setOffline(c.drives[0], true)
	row := reportRow(t, c)
	for column, want := range map[string]string{"status": "offline", "files_listed": "1", "files_missing": "1", "files_verified": "0"} {
		if row[column] != want {
			t.Errorf("%s is %q, want %q", column, row[column], want)
		}
	}
	if got := c.Findings(Filter{}); len(got) > 0 {
		t.Errorf("got findings %v of what is not here, want none", got)
	}
	for _, d := range c.Days() {
		if d.Imported {
			t.Errorf("%s is imported although its drive is away", d.Path)
		}
	}
}

// reportRow is the one row of report.csv, by column; the JSON form must say the same.
func reportRow(t *testing.T, c *Catalog) map[string]string {
	t.Helper()
	var text, list bytes.Buffer
	if err := c.WriteReport(t.Context(), &text, RollReport, Filter{}, false); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteReport(t.Context(), &list, RollReport, Filter{}, true); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("got rows %q and error %v, want a header and a row", rows, err)
	}
	var objects []map[string]any
	if err := json.Unmarshal(list.Bytes(), &objects); err != nil || len(objects) != 1 || len(objects[0]) != len(rows[0]) {
		t.Fatalf("got %s and error %v, want an object with the same columns", list.String(), err)
	}
	row := map[string]string{}
	for i, column := range rows[0] {
		row[column] = rows[1][i]
		if _, there := objects[0][column]; !there || (objects[0][column] == nil) != (rows[1][i] == "") {
			t.Errorf("%s is %q as CSV and %v as JSON", column, rows[1][i], objects[0][column])
		}
	}
	return row
}
