package main

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
	"footagefs/verify/finding"
)

const reviewHelp = `footagefs review names everything on a drive that is not as post expects it.

Usage:
  footagefs review DRIVE... [--date D] [--roll R] [--format csv|json]

It looks at the structure (days, asset types, rolls), at the manifests and their lists,
and at what the catalog remembers of files; it reads no footage. Of a drive on which
nothing is found it prints the list of rolls and nothing else. Else it prints every
finding: what is wrong with which path, and what to do about it; where all of them are
warnings, the list follows.

Flags:
  --date D              only rolls of this shoot date: 20230510 or 2023-05-10
  --roll R              only rolls of this name
  --format csv|json     the findings as rows; csv is problems.csv
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised

Exit status:
  0  there is at least one roll, and no finding of severity error
  1  it could not be done; --date or --roll match nothing
  2  wrong usage
  3  findings of severity error stand

Example:
  $ footagefs review /media/SHUTTLE01
  drive SHUTTLE01
    error  bad-date-folder  230510_Day05: shoot date must be yyyyMMdd; rename it to 20230510_Day05
`

func reviewCmd(p *program) *cobra.Command {
	var q query
	cmd := &cobra.Command{
		Use:   "review DRIVE...",
		Short: "name everything that is not as post expects it",
		Long:  reviewHelp,
		Args:  atLeast(1, "review DRIVE..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.ask(cmd.Context(), control.OpReview, q, args)
		},
	}
	selectFlags(cmd.Flags(), &q)
	formatFlag(cmd, &q)
	return cmd
}

// review writes the findings or, where there is none, the rolls.
func (q query) review(ctx context.Context, cat *catalog.Catalog, f catalog.Filter, w io.Writer) (int, error) {
	rolls := cat.Rolls(f)
	findings := q.noRolls(rolls, cat.Findings(f))
	status := exitDone
	if len(rolls) == 0 || hasErrors(findings) {
		status = exitFindings
	}
	if err := ctx.Err(); err != nil {
		return exitFailed, err
	}
	if q.Format != asText {
		return status, catalog.WriteFindings(w, findings, q.Format == asJSON)
	}
	if err := writeGroups(w, style(q.Style), findings); err != nil {
		return exitFailed, err
	}
	if status != exitDone {
		return status, nil
	}
	return status, writeRolls(w, style(q.Style), rolls)
}

// noRolls adds the finding about parts of a live mount in which there is no roll. Of a
// drive, and of a place on one, the catalog makes it.
func (q query) noRolls(rolls []catalog.Roll, findings []catalog.Finding) []catalog.Finding {
	told := slices.ContainsFunc(findings, func(f catalog.Finding) bool { return f.Code == finding.NoRolls })
	if len(rolls) > 0 || told {
		return findings
	}
	for _, path := range q.Paths {
		f := finding.New(finding.NoRolls, string(path), "there is no roll in this part of the mount").Doing("give a folder of the library that has some")
		findings = append(findings, catalog.Finding{Finding: f})
	}
	return findings
}

// writeRolls writes the list of rolls.
func writeRolls(w io.Writer, s style, rolls []catalog.Roll) error {
	rows := make([][]cell, len(rolls))
	for i, r := range rolls {
		rows[i] = append(rollCells(r), cell{text: bytesText(r.Counts.Size), right: true},
			cell{text: r.DriveName}, cell{text: r.Path})
	}
	return writeTable(w, s, rows)
}
