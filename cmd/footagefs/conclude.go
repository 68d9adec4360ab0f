package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"footagefs/catalog"
	"footagefs/verify/finding"
)

// conclusion is what verify and wait end with: every finding that stands, and whether the
// rolls are what their manifests say. A 0 from it is what scripts wipe cards on.
type conclusion struct {
	rolls    []catalog.Roll
	findings []catalog.Finding
}

// conclude judges the selected rolls as they stand now. offline are more of them, which
// this process cannot see.
func (q query) conclude(cat *catalog.Catalog, f catalog.Filter, offline []catalog.Roll) conclusion {
	c := conclusion{rolls: append(slices.Clip(cat.Rolls(f)), offline...)}
	c.findings = append(cat.Findings(f), cat.Unfinished(f)...)
	for _, r := range offline {
		notVerified := finding.New(finding.NotVerified, r.Path, "not verified: its drive is not here").Doing("plug it in and verify again")
		c.findings = append(c.findings, catalog.Finding{
			Finding: notVerified, Roll: r.Name, RollType: r.Type, Date: r.Date, DriveName: r.DriveName,
		})
	}
	c.findings = q.noRolls(c.rolls, c.findings)
	return c
}

// exit is 0 only where there is a roll, every roll is verified or a warning, and no
// finding of severity error stands.
func (c conclusion) exit() int {
	if len(c.rolls) == 0 || hasErrors(c.findings) {
		return exitFindings
	}
	for _, r := range c.rolls {
		if r.Status != catalog.RollVerified && r.Status != catalog.RollWarning {
			return exitFindings
		}
	}
	return exitDone
}

// write writes the findings, a line each, and a summary.
func (c conclusion) write(w io.Writer, q query) error {
	if q.Format != asText {
		return catalog.WriteFindings(w, c.findings, q.Format == asJSON)
	}
	if err := writeFindings(w, style(q.Style), c.findings, severalDrives(c.rolls)); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, c.summary()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

func severalDrives(rolls []catalog.Roll) bool {
	for _, r := range rolls {
		if r.Drive != rolls[0].Drive {
			return true
		}
	}
	return false
}

// statusOrder is how a summary counts rolls: best first.
var statusOrder = []catalog.RollStatus{
	catalog.RollVerified, catalog.RollWarning, catalog.RollPending, catalog.RollUnreadable,
	catalog.RollUnverified, catalog.RollInvalidManifest, catalog.RollFailed, catalog.RollOffline,
}

// summary is one line: rolls by status, then what of their files is not verified.
func (c conclusion) summary() string {
	count := map[catalog.RollStatus]int{}
	var n catalog.Counts
	for _, r := range c.rolls {
		count[r.Status]++
		n.Verified += r.Counts.Verified
		n.Listed += r.Counts.Listed
		n.Mismatch += r.Counts.Mismatch
		n.Missing += r.Counts.Missing
		n.Unlisted += r.Counts.Unlisted
		n.Unreadable += r.Counts.Unreadable
		n.Unverifiable += r.Counts.Unverifiable
		n.Pending += r.Counts.Pending
		n.Size += r.Counts.Size
	}
	var rolls []string
	for _, s := range statusOrder {
		rolls = append(rolls, counted(count[s], string(s))...)
	}
	line := plural(len(c.rolls), "roll")
	if len(rolls) > 0 {
		line += ": " + strings.Join(rolls, ", ")
	}
	files := []string{fmt.Sprintf("%s of %s verified", thousands(n.Verified), filesText(n.Listed))}
	files = append(files, counted(n.Mismatch, "mismatch")...)
	files = append(files, counted(n.Missing, "missing")...)
	files = append(files, counted(n.Unreadable, "unreadable")...)
	files = append(files, counted(n.Pending, "pending")...)
	files = append(files, counted(n.Unverifiable, "unverifiable")...)
	files = append(files, counted(n.Unlisted, "unlisted")...)
	return line + "; " + strings.Join(files, ", ") + "; " + bytesText(n.Size)
}

// counted is "3 failed", or nothing for none.
func counted(n int, what string) []string {
	if n == 0 {
		return nil
	}
	return []string{thousands(n) + " " + what}
}
