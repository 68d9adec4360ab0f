package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
)

const waitHelp = `footagefs wait returns when nothing more can be read of a live mount's rolls now.

Usage:
  footagefs wait MOUNTPOINT [--date D] [--roll R] [--format csv|json]

It prints what verify prints: a line for every finding and a summary. What could not be
read (held open by a writer, drive gone, verification paused) is named as not-verified.
A path inside the mount waits for that part of it. A mount of another user is refused:
what it says would be that user's word.

Flags:
  --date D              only rolls of this shoot date: 20230510 or 2023-05-10
  --roll R              only rolls of this name
  --format csv|json     the findings as rows; csv is problems.csv

Exit status:
  0  there is at least one roll, every roll is verified or warning, and no finding of
     severity error stands
  1  it could not be done; --date or --roll match nothing
  2  wrong usage
  3  nothing more can be read now, and findings of severity error stand

Example:
  $ footagefs wait ~/footage --date 20230510 && echo "day is safe"
`

func waitCmd(p *program) *cobra.Command {
	var q query
	cmd := &cobra.Command{
		Use:   "wait MOUNTPOINT",
		Short: "wait until nothing is pending",
		Long:  waitHelp,
		Args:  exactly(1, "wait MOUNTPOINT [--date D] [--roll R]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.wait(cmd.Context(), q, args)
		},
	}
	selectFlags(cmd.Flags(), &q)
	formatFlag(cmd, &q)
	return cmd
}

func (p *program) wait(ctx context.Context, q query, operands []string) error {
	c, rels, err := control.At(ctx, operands[0])
	if err == nil {
		err = c.Mount.OwnOnly() // its exit status is a verdict
	}
	if err != nil {
		return err
	}
	q.Paths, q.Style = rels, control.Style(styleOf(p.stdout))
	show := newProgress(p.stderr)
	var out bytes.Buffer // until the display is gone
	status, err := c.Print(ctx, control.OpWait, q.Query, &out, show.update)
	show.end()
	if _, failed := out.WriteTo(p.stdout); failed != nil {
		return fmt.Errorf("writing the result: %w", failed)
	}
	return ended(status, err)
}

// answerWait waits until nothing more of the selected rolls can be read, and judges them.
func (q query) answerWait(ctx context.Context, cat *catalog.Catalog, f catalog.Filter, reads bool, out io.Writer, show func(catalog.Progress)) (int, error) {
	if err := q.matches(cat, f); err != nil {
		return exitFailed, err
	}
	asked := time.Now()
	for {
		cat.Freshen(ctx, f)
		if err := waitIdle(ctx, cat, f, reads, show); err != nil {
			return exitFailed, err
		}
		_, left := pendingOf(cat.Rolls(f))
		cat.LookAgain(ctx, f, asked)
		if _, now := pendingOf(cat.Rolls(f)); now <= left || !reads {
			break // else something changed since it was read, and is being read again
		}
	}
	c := q.conclude(cat, f, nil)
	return c.exit(), c.write(out, q)
}

const (
	waitPoll = 200 * time.Millisecond
	// quietTime is how long nothing must happen before nothing more is expected: readers
	// look for new work every 5 seconds.
	quietTime = 8 * time.Second
)

// waitIdle returns when nothing of the selected rolls is pending, or nothing reads: the
// mount does not verify, is paused, or has found nothing to do for a while.
func waitIdle(ctx context.Context, cat *catalog.Catalog, f catalog.Filter, reads bool, show func(catalog.Progress)) error {
	tick := time.NewTicker(waitPoll)
	defer tick.Stop()
	start := cat.Activity()
	var seen [3]int64 // what changes while something is done
	quiet := time.Now()
	for {
		left, pending := pendingOf(cat.Rolls(f))
		now := cat.Activity()
		if pending == 0 || !reads || now.Paused {
			return nil
		}
		done := now.BytesDone - start.BytesDone
		show(catalog.Progress{BytesDone: done, BytesTotal: done + left, Current: now.Current})
		if state := [3]int64{now.BytesDone, left, int64(pending)}; state != seen || len(now.Reading) > 0 {
			seen, quiet = state, time.Now()
		}
		if time.Since(quiet) > quietTime {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// pendingOf is how many bytes and rolls are left to read.
func pendingOf(rolls []catalog.Roll) (bytes int64, pending int) {
	for _, r := range rolls {
		if r.Status != catalog.RollOffline && (r.Counts.Pending > 0 || r.Status == catalog.RollPending) {
			bytes += r.PendingBytes
			pending++
		}
	}
	return bytes, pending
}
