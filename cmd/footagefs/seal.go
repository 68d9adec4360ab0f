package main

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"footagefs/catalog"
	"footagefs/catalog/profile"
	"footagefs/cmd/footagefs/control"
	"footagefs/verify/checksum"
	"footagefs/verify/seal"
)

const sealHelp = `footagefs seal writes the media hash list of a roll into its folder: the first or the
next generation of its ASC MHL or, with --legacy, an MHL 1.1.

Usage:
  footagefs seal ROLL... [--legacy] [--also] [--record-failed] [--algorithm A,...]
                 [--author S] [--location S] [--comment S]

ROLL is a roll's folder, on its drive or in a live mount. Its files are read and held
against what its manifests record, as far as it is not known already; a roll that does
not verify is refused. The manifest is there whole or not at all, whatever happens. This
and verify --record are all that ever writes to a drive.

Flags:
  --legacy              write an MHL 1.1, as Netflix's workflow takes it
  --also                although there is a manifest beside which post may refuse another
  --record-failed       record files that do not verify, as failed
  --algorithm A,...     checksums to record: md5 sha1 xxh64 xxh3 xxh128 c4; of an MHL 1.1
                        md5 sha1 xxh32 xxh64 (default: xxh64)
  --author S            who seals, for the manifest
  --location S          where, for the manifest
  --comment S           what else the manifest shall say
  --catalog FILE        where results are remembered
  --profile NAME|FILE   how rolls are recognised, and what is ignored in them

Exit status:
  0  every roll is sealed
  1  it could not be done; a roll was refused, and why is said
  2  wrong usage

Examples:
  $ footagefs seal /media/SHUTTLE01/20230510_EP103_Day05_MU/Camera_Media/A001R1AB
  $ footagefs seal --legacy --algorithm md5 /media/SHUTTLE01/20230510*/Sound_Media/*
`

// sealFlags are the flags of seal.
type sealFlags struct {
	legacy, also, recordFailed bool
	algorithms                 []string
	author, location, comment  string
}

func sealCmd(p *program) *cobra.Command {
	var o sealFlags
	cmd := &cobra.Command{
		Use:   "seal ROLL...",
		Short: "write the roll's MHL",
		Long:  sealHelp,
		Args:  atLeast(1, "seal ROLL... [--legacy] [--algorithm A,...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := o.options()
			if err != nil {
				return err
			}
			return p.sealAll(cmd.Context(), options, args)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.legacy, "legacy", false, "")
	flags.BoolVar(&o.also, "also", false, "")
	flags.BoolVar(&o.recordFailed, "record-failed", false, "")
	flags.StringSliceVar(&o.algorithms, "algorithm", nil, "")
	flags.StringVar(&o.author, "author", "", "")
	flags.StringVar(&o.location, "location", "", "")
	flags.StringVar(&o.comment, "comment", "", "")
	complete(cmd, "algorithm", algorithmNames()...)
	return cmd
}

func algorithmNames() []string {
	var names []string
	for _, a := range checksum.Algorithms() {
		names = append(names, string(a))
	}
	return names
}

func (o sealFlags) options() (seal.Options, error) {
	s := seal.Options{
		Legacy: o.legacy, Also: o.also, RecordFailed: o.recordFailed,
		Author: o.author, Location: o.location, Comment: o.comment, Tool: "footagefs", Version: version(),
	}
	for _, name := range o.algorithms {
		a := checksum.Algorithm(strings.ToLower(name))
		if !a.Known() {
			return s, usagef("--algorithm %s is not known; there are %s", name, strings.Join(algorithmNames(), ", "))
		}
		s.Algorithms = append(s.Algorithms, a)
	}
	return s, nil
}

// sealAll seals roll by roll. One that is refused keeps none of the others from it.
func (p *program) sealAll(ctx context.Context, o seal.Options, operands []string) error {
	failed := false
	for _, operand := range operands {
		err := p.sealOperand(ctx, o, operand)
		switch {
		case err == nil:
		case ctx.Err() != nil || exitStatus(err) == exitUsage || len(operands) == 1:
			return err
		default:
			p.say("%s", err)
			failed = true
		}
	}
	if failed {
		return exitError(exitFailed)
	}
	return nil
}

func (p *program) sealOperand(ctx context.Context, o seal.Options, operand string) (err error) {
	dir, err := rollFolder(ctx, operand)
	if err != nil {
		return err
	}
	cat, err := p.openDrives(ctx, []string{dir}, p.catalogPath(), p.profile)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, cat.Close()) }()
	if err := isOneRoll(cat, operand); err != nil {
		return err
	}
	if err := p.ignoring(&o); err != nil {
		return err
	}
	drive := cat.Drives()[0]
	rolls := cat.Rolls(catalog.Filter{})
	if len(rolls) == 1 {
		if err := cat.Inventory(ctx, catalog.Filter{}); err != nil {
			return err
		}
		rolls = cat.Rolls(catalog.Filter{})
		o.Known = knownSums(ctx, cat, drive, rolls[0], true)
	} else if err := notInRoll(dir); err != nil {
		return err
	} else {
		p.say("%s lies where post expects no roll (20230510…/Camera_Media/ROLL); it is sealed all the same", operand)
	}
	return p.sealRoll(ctx, drive, o, rolls, filepath.Base(dir))
}

// rollFolder is the folder on a drive that an operand means.
func rollFolder(ctx context.Context, operand string) (string, error) {
	m, rels, err := inMount([]string{operand})
	if err != nil || rels == nil {
		return operand, err
	}
	if err := m.OwnOnly(); err != nil {
		return "", err
	}
	c, err := control.Connect(ctx, m)
	if err != nil {
		return "", err
	}
	s, err := c.Resolve(ctx, control.Query{Paths: rels})
	if err != nil {
		return "", err
	}
	for _, d := range c.Hello.Drives {
		if len(s.Paths) == 1 && s.Type == "" && d.ID == s.Paths[0].Drive {
			return filepath.Join(string(d.Dir), string(s.Paths[0].Path)), nil
		}
	}
	return "", usagef("%s is no roll; give the folders of rolls", operand)
}

// isOneRoll refuses a folder of rolls: a manifest at its root would be in a place where
// post does not look for it, and would speak of many rolls.
func isOneRoll(cat *catalog.Catalog, operand string) error {
	rolls := cat.Rolls(catalog.Filter{})
	if len(rolls) > 0 && rolls[0].Path != "." {
		return usagef("%s is no roll, but has %s in it; give the folders of rolls, such as %s",
			operand, plural(len(rolls), "roll"), path.Join(operand, rolls[0].Path))
	}
	return nil
}

// notInRoll refuses a folder in a sealed roll: a manifest below a roll's root is one that
// post finds fault with.
func notInRoll(dir string) error {
	dir, err := control.RealPath(dir)
	if err != nil {
		return err
	}
	for above := filepath.Dir(dir); above != filepath.Dir(above); above = filepath.Dir(above) {
		lists, err := filepath.Glob(filepath.Join(quoteGlob(above), "*.mhl"))
		if err != nil {
			return fmt.Errorf("looking for manifests above %s: %w", dir, err)
		}
		if len(lists) > 0 || isFolder(filepath.Join(above, "ascmhl")) {
			return fmt.Errorf("%s lies in %s, which has a manifest; seal that", dir, above)
		}
	}
	return nil
}

// quoteGlob makes a folder's name mean itself in a pattern.
func quoteGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// ignoring leaves out what the profile calls litter.
func (p *program) ignoring(o *seal.Options) error {
	rules, err := profile.Load(p.profile)
	if err != nil {
		return err
	}
	o.Litter, o.Ignore = rules.Litter, rules.Files.Litter
	return nil
}

// sealRoll seals the drive's root, with progress on a terminal, and says what was written.
func (p *program) sealRoll(ctx context.Context, d catalog.Drive, o seal.Options, rolls []catalog.Roll, name string) error {
	show := newProgress(p.stderr)
	var now catalog.Progress
	var done atomic.Int64
	for _, r := range rolls {
		now.BytesTotal = r.Counts.Size
	}
	o.Read.Progress = func(n int64) {
		show.update(catalog.Progress{BytesTotal: now.BytesTotal, BytesDone: done.Add(n), Current: name})
	}
	report, err := seal.Write(ctx, d.Handle, ".", o, func(seal.Result) {})
	show.end()
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		p.say("%s", f.Message(f.Path))
	}
	return p.lines([]string{sealedText(name, report)})
}

// sealedText says what was written.
func sealedText(name string, r *seal.Report) string {
	text := fmt.Sprintf("%s: %s, %s (%s)", name, r.Manifest, filesText(r.Files), bytesText(r.Bytes))
	if r.Failed > 0 {
		text += fmt.Sprintf(", %s recorded as failed", thousands(r.Failed))
	}
	return text
}
