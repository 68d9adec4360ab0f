package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
)

const statusHelp = `footagefs status shows what is known of every roll, a line a roll.

Usage:
  footagefs status DRIVE...|MOUNTPOINT [--date D] [--roll R] [--format csv|json]

It looks at names, sizes and times and reads no footage. On a live mount, or a path
inside one, it also says what is being read now.

The columns are: shoot date, roll type, roll, status, files verified of files listed,
size, when the oldest of its files was last verified, drive.

Flags:
  --date D              only rolls of this shoot date: 20230510 or 2023-05-10
  --roll R              only rolls of this name
  --format csv|json     the rows of report.csv
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised

Exit status:
  0  it was done, whatever the statuses are
  1  it could not be done; --date or --roll match nothing
  2  wrong usage

Example:
  $ footagefs status /media/SHUTTLE01
  2023-05-10  camera  A001R1AB  verified  118/118  412 GB  2023-05-10T21:40:12Z  SHUTTLE01
  2023-05-10  sound   S005      pending    0/34    2.1 GB  -                     SHUTTLE01
`

func statusCmd(p *program) *cobra.Command {
	var q query
	cmd := &cobra.Command{
		Use:   "status DRIVE...|MOUNTPOINT",
		Short: "show a line a roll",
		Long:  statusHelp,
		Args:  atLeast(1, "status DRIVE...|MOUNTPOINT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Report = catalog.RollReport
			op := control.OpStatus
			if q.Format != asText {
				op = control.OpReport
			}
			return p.ask(cmd.Context(), op, q, args)
		},
	}
	selectFlags(cmd.Flags(), &q)
	formatFlag(cmd, &q)
	return cmd
}

// ask opens what was given and prints the answer to a query.
func (p *program) ask(ctx context.Context, op control.Operation, q query, operands []string) (err error) {
	lib, err := p.openLibrary(ctx, op, operands, &q)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, lib.close()) }()
	if q.Style = control.Style(styleOf(p.stdout)); lib.isForeign() {
		q.Style = control.Style{} // colours are what a terminal obeys
	}
	return lib.print(ctx, op, q, p.stdout)
}

func firstError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// status writes a line a roll.
func (q query) status(ctx context.Context, cat *catalog.Catalog, f catalog.Filter, w io.Writer) error {
	rolls := cat.Rolls(f)
	rows := make([][]cell, 0, len(rolls))
	for _, r := range rolls {
		row := append(rollCells(r), statusCells(r)...)
		rows = append(rows, append(row, cell{text: r.DriveName}))
	}
	if err := writeTable(w, style(q.Style), rows); err != nil {
		return err
	}
	return ctx.Err()
}

// rollCells say which roll it is.
func rollCells(r catalog.Roll) []cell {
	return []cell{{text: dashed(r.Date)}, {text: string(r.Type)}, {text: r.Name}}
}

func statusCells(r catalog.Roll) []cell {
	files, size, verified := "-", "-", "-"
	if r.Counts.Known {
		files = fmt.Sprintf("%d/%d", r.Counts.Verified, r.Counts.Listed)
		size = bytesText(r.Counts.Size)
	}
	if !r.VerifiedAt.IsZero() {
		verified = r.VerifiedAt.UTC().Format(time.RFC3339)
	}
	return []cell{
		{text: string(r.Status), color: rollColor(r.Status)},
		{text: files, right: true}, {text: size, right: true}, {text: verified},
	}
}

func rollColor(s catalog.RollStatus) string {
	switch s {
	case catalog.RollVerified:
		return green
	case catalog.RollFailed, catalog.RollInvalidManifest, catalog.RollUnreadable:
		return red
	case catalog.RollWarning, catalog.RollUnverified:
		return yellow
	}
	return gray
}

// writeActivity says what a live mount is doing now.
func writeActivity(w io.Writer, a catalog.Activity) error {
	var line string
	switch {
	case a.Paused:
		line = "paused; footagefs resume goes on"
	case len(a.Reading) > 0:
		line = fmt.Sprintf("%s of %s read", bytesText(a.BytesDone), bytesText(a.BytesTotal))
	}
	if line != "" {
		line += "\n"
	}
	for _, path := range a.Reading {
		line += "reading " + escape(path) + "\n"
	}
	if _, err := io.WriteString(w, line); err != nil {
		return fmt.Errorf("writing what is being read: %w", err)
	}
	return nil
}

// bytesText is a size for people, in the units that drives are sold in.
func bytesText(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }
