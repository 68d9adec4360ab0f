package main

import (
	"fmt"
	"io"

	"footagefs/catalog"
)

// hasErrors reports whether a finding of severity error stands.
func hasErrors(findings []catalog.Finding) bool {
	for _, f := range findings {
		if f.Severity == catalog.Error {
			return true
		}
	}
	return false
}

// writeFindings writes a line a finding: severity, code, and a message that names the path
// and what to do. With several drives the drive's name stands before it.
func writeFindings(w io.Writer, s style, findings []catalog.Finding, severalDrives bool) error {
	rows := make([][]cell, len(findings))
	for i, f := range findings {
		rows[i] = findingCells(f, severalDrives)
	}
	return writeTable(w, s, rows)
}

// writeGroups writes findings under headings: the roll or, of what belongs to no roll, the
// drive.
func writeGroups(w io.Writer, s style, findings []catalog.Finding) error {
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && sameGroup(findings[0], findings[n]) {
			n++
		}
		if _, err := fmt.Fprintln(w, escape(groupHeading(findings[0]))); err != nil {
			return fmt.Errorf("writing the findings: %w", err)
		}
		rows := make([][]cell, n)
		for i, f := range findings[:n] {
			rows[i] = append([]cell{{}}, findingCells(f, false)...)
		}
		if err := writeTable(w, s, rows); err != nil {
			return err
		}
		findings = findings[n:]
	}
	return nil
}

func sameGroup(a, b catalog.Finding) bool {
	return a.Drive == b.Drive && a.RollID == b.RollID && a.Roll == b.Roll && a.RollType == b.RollType && a.Date == b.Date
}

func groupHeading(f catalog.Finding) string {
	if f.Roll == "" {
		return "drive " + f.DriveName
	}
	return fmt.Sprintf("%s roll %s of %s, drive %s", f.RollType, f.Roll, dashed(f.Date), f.DriveName)
}

func findingCells(f catalog.Finding, withDrive bool) []cell {
	color := yellow
	if f.Severity == catalog.Error {
		color = red
	}
	message := f.Message()
	if f.Path == "." && f.DriveName != "" {
		message = ".: " + message // who looks for the path finds it, of the drive too
	}
	row := []cell{{text: string(f.Severity), color: color}, {text: string(f.Code)}}
	if withDrive {
		row = append(row, cell{text: f.DriveName})
	}
	return append(row, cell{text: message})
}
