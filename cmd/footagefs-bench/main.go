// Command footagefs-bench measures footagefs side by side with what else is installed:
// the native file system, bindfs, xxhsum, md5sum, rhash, fio, find, getfattr and the
// reference tools for media hash lists.
//
// It builds footagefs, makes its drives in a temporary folder, lets footagefs and its
// peers take turns (A B A B), and prints one table of medians of ratios against floors
// and goals. Absolute times mean nothing on a machine that others use; ratios that were
// taken in alternation do. It knows footagefs as its users do, by its command; only the
// row about parsing calls a package. It judges nothing in tests and times nothing there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"golang.org/x/sys/unix"
)

const help = `footagefs-bench measures footagefs side by side with what else is installed.

Usage:
  go run ./cmd/footagefs-bench [--only ROWS] [--size SIZE] [--runs N] [--markdown]
                               [--dir DIR] [--footagefs FILE] [--list]

  --only ROWS        rows to measure: 1,5-9,curve; default: all
  --size SIZE        quick: a first impression in few minutes; normal; or full:
                     2,000 rolls with five million files, an hour and 5.1 million
                     inodes (default normal)
  --runs N           alternations of each row, after one that does not count
                     (default: what the row needs, 15 where its goal is near 1)
  --markdown         print Markdown instead of text
  --dir DIR          make the drives in a folder of this one (default: $TMPDIR, /tmp);
                     it decides which disk is measured and needs 10 GB
  --footagefs FILE   measure this binary instead of building one
  --list             print the rows and their goals, measure nothing

The table goes to stdout, progress to stderr. As root all rows are measured, those of
unprivileged users as nobody; otherwise those that need root say so. Peers that are not
on the PATH are left out and named. Everything made is removed at the end, also on
Ctrl-C. The page cache is dropped for the files in question only, by fadvise.
`

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. As "probe …" it is a child of itself that reads files, possibly as
// another user, and prints how long that took.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, unix.SIGINT, unix.SIGTERM)
	defer stop()
	var err error
	if len(args) > 0 && args[0] == "probe" {
		err = probe(args[1:], stdout)
	} else {
		err = measure(ctx, args, stdout, stderr)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "footagefs-bench: interrupted")
		return 1
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "footagefs-bench:", err)
		return 2
	case err != nil:
		fmt.Fprintln(stderr, "footagefs-bench:", err)
		return 1
	}
	return 0
}

// errUsage is at the root of every error of the command line.
var errUsage = errors.New("wrong usage, see --help")

// options are what the command line says.
type options struct {
	only      selection
	size      size
	runs      int // 0: what each row needs
	markdown  bool
	list      bool
	dir       string
	footagefs string
}

func parseOptions(args []string, stdout io.Writer) (options, error) {
	var o options
	var only, sizeName string
	flags := flag.NewFlagSet("footagefs-bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&only, "only", "", "")
	flags.StringVar(&sizeName, "size", "normal", "")
	flags.IntVar(&o.runs, "runs", 0, "")
	flags.BoolVar(&o.markdown, "markdown", false, "")
	flags.BoolVar(&o.list, "list", false, "")
	flags.StringVar(&o.dir, "dir", os.TempDir(), "")
	flags.StringVar(&o.footagefs, "footagefs", "", "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, help)
		return o, err
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	if err == nil && o.runs < 0 {
		err = errors.New("--runs is a number of 1 or more")
	}
	if err == nil {
		o.only, err = parseSelection(only)
	}
	if err == nil {
		o.size, err = sizeOf(sizeName)
	}
	if err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	return o, nil
}

// measure measures the rows that were asked for and prints the table, also what there is
// of it when it is interrupted.
func measure(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parseOptions(args, stdout)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(rows(o.size), func(r row) bool { return !o.only.row(r.number) })
	if o.list {
		return writeTable(stdout, listed(chosen), o.markdown)
	}
	b, err := newBench(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.undo.run()) }()
	lines := b.measureAll(ctx, chosen)
	var points []point
	var curveErr error
	if o.only.curve() && ctx.Err() == nil {
		points, curveErr = b.curve(ctx)
	}
	if err := writeReport(stdout, report{machine: machine(b.dir), size: o.size, lines: lines, points: points}, o.markdown); err != nil {
		return err
	}
	return errors.Join(context.Cause(ctx), curveErr)
}
