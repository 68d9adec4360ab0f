package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"footagefs/catalog"
)

const catalogHelp = `footagefs catalog tells and tends what is remembered.

Usage:
  footagefs catalog [info]    where it is, and how much it holds
  footagefs catalog check     look for damage: the file's structure, every record's checksum
  footagefs catalog prune     forget rolls that are gone from their drives

The catalog holds what was read and when. A lost catalog costs time, never truth: the
footage is read again. It may lie neither on a drive nor on a network file system.

Flags:
  --catalog FILE        which one; default: $FOOTAGEFS_CATALOG, else
                        $XDG_DATA_HOME/footagefs/catalog.db or the platform's
                        equivalent, else /var/lib/footagefs/catalog.db

Exit status:
  0  it was done; of check: no damage
  1  it could not be done; of check: damage was found
  2  wrong usage

Example:
  $ footagefs catalog check && cp ~/.local/share/footagefs/catalog.db /backup/
`

func catalogCmd(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:       "catalog [info|check|prune]",
		Short:     "tell and tend what is remembered",
		Long:      catalogHelp,
		ValidArgs: []string{"info", "check", "prune"},
		RunE: func(cmd *cobra.Command, args []string) error {
			what := "info"
			if len(args) > 0 {
				what = args[0]
			}
			do := map[string]func(context.Context, *catalog.Catalog) error{
				"info": p.catalogInfo, "check": p.catalogCheck, "prune": p.catalogPrune,
			}[what]
			if do == nil || len(args) > 1 {
				return usagef("usage: footagefs catalog [info|check|prune]")
			}
			return p.withCatalog(cmd.Context(), do)
		},
	}
	return cmd
}

// withCatalog opens the catalog without drives.
func (p *program) withCatalog(ctx context.Context, do func(context.Context, *catalog.Catalog) error) (err error) {
	cat, err := p.openDrives(ctx, nil, p.catalogPath(), p.profile)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, cat.Close()) }()
	return do(ctx, cat)
}

func (p *program) catalogInfo(ctx context.Context, cat *catalog.Catalog) error {
	info, err := cat.Info(ctx)
	if err != nil {
		return fmt.Errorf("describing the catalog: %w", err)
	}
	path := info.Path
	if path == "" {
		path = "in memory"
	}
	return writeTable(p.stdout, style{}, [][]cell{
		{{text: "file"}, {text: path}},
		{{text: "size"}, {text: bytesText(info.Size)}},
		{{text: "schema"}, {text: fmt.Sprint(info.Schema)}},
		{{text: "file systems"}, {text: thousands(info.FileSystems)}},
		{{text: "rolls"}, {text: thousands(info.Rolls)}},
		{{text: "rolls gone"}, {text: thousands(info.Gone)}},
		{{text: "manifests"}, {text: thousands(info.Manifests)}},
		{{text: "files with a result"}, {text: thousands(info.Files)}},
		{{text: "earlier results kept"}, {text: thousands(info.Replaced)}},
	})
}

func (p *program) catalogCheck(ctx context.Context, cat *catalog.Catalog) error {
	if cat.Path() == "" {
		p.say("there is no catalog that could be checked")
		return exitError(exitFailed)
	}
	damages, err := cat.Check(ctx)
	if err != nil {
		return fmt.Errorf("checking the catalog: %w", err)
	}
	if err := p.lines(damages); err != nil {
		return err
	}
	if len(damages) > 0 {
		p.say("the catalog is damaged; what is damaged is read again at the next verify")
		return exitError(exitFailed)
	}
	return nil
}

func (p *program) catalogPrune(ctx context.Context, cat *catalog.Catalog) error {
	forgotten, err := cat.Prune(ctx)
	if err != nil {
		return err
	}
	return p.lines(forgotten)
}

// lines writes results, a line each.
func (p *program) lines(list []string) error {
	for _, line := range list {
		if _, err := fmt.Fprintln(p.stdout, escape(line)); err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
	}
	return nil
}
