package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
)

const verifyHelp = `footagefs verify reads every file that is not known to be verified and unchanged, and
compares it with the checksums of its roll's manifests.

Usage:
  footagefs verify DRIVE... [--date D] [--roll R] [--force] [--recheck] [--record]
                   [--readers N] [--limit MB/s] [--format csv|json]

It prints a line for every finding and a summary. What was read is remembered at once:
a verification that is stopped goes on where it was. Two processes on one drive share
the work. A path inside a live mount is read next there, too.

Flags:
  --date D              only rolls of this shoot date: 20230510 or 2023-05-10
  --roll R              only rolls of this name
  --force               read again what is known to be verified and unchanged
  --recheck             read again what rests on weak evidence from before this plug-in
  --record              write what was found into the rolls' ASC MHL, as a generation
  --readers N           files read at once (default: what suits the drive)
  --limit MB/s          read no faster; a megabyte is 1,000,000 bytes
  --format csv|json     the findings as rows; csv is problems.csv
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised

Exit status:
  0  there is at least one roll, every roll is verified or warning, and no finding of
     severity error stands
  1  it could not be done; --date or --roll match nothing
  2  wrong usage
  3  done or stopped, and findings of severity error stand

Examples:
  $ footagefs verify /media/SHUTTLE01
  12 rolls: 12 verified; 4,812 of 4,812 files verified; 3.4 TB
  $ footagefs verify --date 20230510 --limit 200 /mnt/nas/SOURCE
  $ footagefs verify "$HOME/footage/Footage Library/Camera Rolls/20230510/A001R1AB"
`

// verifyOptions are the flags of verify.
type verifyOptions struct {
	query
	force, recheck, record bool
	readers                int
	limit                  int64
}

func verifyCmd(p *program) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify DRIVE...",
		Short: "read what is not verified yet",
		Long:  verifyHelp,
		Args:  atLeast(1, "verify DRIVE..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.verify(cmd.Context(), o, args)
		},
	}
	flags := cmd.Flags()
	selectFlags(flags, &o.query)
	formatFlag(cmd, &o.query)
	flags.BoolVar(&o.force, "force", false, "")
	flags.BoolVar(&o.recheck, "recheck", false, "")
	flags.BoolVar(&o.record, "record", false, "")
	flags.Var((*readersFlag)(&o.readers), "readers", "")
	flags.Var((*limitFlag)(&o.limit), "limit", "")
	return cmd
}

// verify reads, judges and prints. A stop while it reads is no failure: what was read
// counts, and what was not is said.
func (p *program) verify(ctx context.Context, o verifyOptions, operands []string) (err error) {
	defer collectSeldom()()
	work, err := p.verifyWork(ctx, &o.query, operands)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, work.cat.Close()) }()
	if err := work.matches(o.query); err != nil {
		return err
	}
	stopped, err := p.read(ctx, work, o)
	if err != nil {
		return err
	}
	recorded := error(nil)
	switch after := context.WithoutCancel(ctx); {
	case o.record && stopped:
		p.say("nothing is recorded: it was stopped")
	case o.record:
		recorded = p.record(after, work)
	}
	p.sayNotes(work.cat)
	p.sayAll(accessTimes(work.cat.Drives()))
	c := o.conclude(work.cat, work.filter, work.offline)
	o.Style = control.Style(styleOf(p.stdout))
	if err := c.write(p.stdout, o.query); err != nil {
		return err
	}
	return firstError(ended(c.exit(), nil), recorded)
}

// collectSeldom has memory collected seldom, as long as there is little of it, until restore
// is called: a run that ends soon makes little garbage, and looking for it took an eighth of
// the time.
func collectSeldom() (restore func()) {
	const percent, memory = 400, 320 << 20
	wasPercent, wasMemory := debug.SetGCPercent(percent), debug.SetMemoryLimit(memory)
	return func() {
		debug.SetGCPercent(wasPercent)
		debug.SetMemoryLimit(wasMemory)
	}
}

// read verifies the selected rolls, with the progress on a terminal.
func (p *program) read(ctx context.Context, work *verifyWork, o verifyOptions) (stopped bool, err error) {
	show := newProgress(p.stderr)
	defer show.end()
	defer show.mismatches(ctx, work)()
	err = work.cat.Verify(ctx, work.filter, catalog.VerifyOptions{
		Force: o.force, Recheck: o.recheck, Readers: o.readers, Limit: o.limit, Progress: show.update,
	})
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("verifying: %w", err)
	}
	return false, nil
}

// verifyWork is what verify works on: drives opened by this process, with the rolls
// selected of them, and the rolls of a live mount whose drives are not here.
type verifyWork struct {
	cat     *catalog.Catalog
	filter  catalog.Filter
	offline []catalog.Roll
}

// verifyWork opens what was given. Of a live mount the same drives are opened with the
// same catalog: whoever of the two reads a file, both know it. The mount is asked to read
// the same rolls next.
func (p *program) verifyWork(ctx context.Context, q *query, operands []string) (*verifyWork, error) {
	m, rels, err := inMount(operands)
	if err != nil {
		return nil, err
	}
	if rels == nil {
		cat, err := p.openDrives(ctx, operands, p.catalogPath(), p.profile)
		return &verifyWork{cat: cat, filter: q.Narrow(catalog.Filter{})}, err
	}
	if err := m.OwnOnly(); err != nil {
		return nil, err
	}
	live, err := control.Connect(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := p.sameCatalog(live); err != nil {
		return nil, err
	}
	q.Paths = rels
	return p.liveWork(ctx, live, *q)
}

// liveWork opens the drives of a live mount that are here.
func (p *program) liveWork(ctx context.Context, live *control.Client, q query) (*verifyWork, error) {
	selected, err := live.Resolve(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	if _, err := live.Call(ctx, control.Request{Op: control.OpNext, Query: q.Query}); err != nil {
		return nil, err
	}
	var dirs []string
	numbers := map[catalog.DriveID]catalog.DriveID{}
	for _, d := range live.Hello.Drives {
		if !d.Offline {
			dirs = append(dirs, string(d.Dir))
			numbers[d.ID] = catalog.DriveID(len(dirs))
		}
	}
	p.profile = string(live.Hello.Profile)
	cat, err := p.openDrives(ctx, dirs, string(live.Hello.Catalog), p.profile)
	if err != nil {
		return nil, err
	}
	return &verifyWork{cat, q.Narrow(selected.Filter(numbers)), selected.OfflineRolls()}, nil
}

// matches refuses a --date or --roll that selects nothing, here or offline.
func (w *verifyWork) matches(q query) error {
	if len(w.offline) > 0 {
		return nil
	}
	return q.matches(w.cat, w.filter)
}
