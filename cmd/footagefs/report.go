package main

import (
	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
)

const reportHelp = `footagefs report writes a report of drives, or of a part of a live mount.

Usage:
  footagefs report DRIVE... [--files|--problems] [--date D] [--roll R] [--format csv|json]

Without a flag it is report.csv, a row a roll: the same bytes as the mount's. It looks
at names, sizes and times and reads no footage.

Flags:
  --files               a row a file: status, sizes, checksums listed and found
  --problems            problems.csv, a row a finding
  --date D              only rolls of this shoot date: 20230510 or 2023-05-10
  --roll R              only rolls of this name
  --format csv|json     csv, or json: one array, an object a row (default: csv)
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised

Exit status:
  0  it was done, whatever is in the report
  1  it could not be done; --date or --roll match nothing
  2  wrong usage

Examples:
  $ footagefs report /media/SHUTTLE01 --date 20230510 > 20230510.csv
  $ footagefs report --problems --format json /media/SHUTTLE01 /media/SHUTTLE02
  $ footagefs report --files "$HOME/footage/Footage Library/Sound Rolls"
`

func reportCmd(p *program) *cobra.Command {
	var q query
	var files, problems bool
	cmd := &cobra.Command{
		Use:   "report DRIVE...",
		Short: "write report.csv, problems.csv or a row a file",
		Long:  reportHelp,
		Args:  atLeast(1, "report DRIVE... [--files|--problems]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if files && problems {
				return usagef("--files and --problems are two reports; ask for one")
			}
			q.Report = reportOf(files, problems)
			return p.ask(cmd.Context(), control.OpReport, q, args)
		},
	}
	cmd.Flags().BoolVar(&files, "files", false, "")
	cmd.Flags().BoolVar(&problems, "problems", false, "")
	selectFlags(cmd.Flags(), &q)
	formatFlag(cmd, &q)
	return cmd
}

func reportOf(files, problems bool) catalog.Report {
	switch {
	case files:
		return catalog.FileReport
	case problems:
		return catalog.ProblemReport
	}
	return catalog.RollReport
}
