package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"footagefs/catalog/profile"
)

const rootHelp = `footagefs presents a film shoot drive as a verified footage library.

Usage:
  footagefs mount DRIVE... MOUNTPOINT [-o OPTIONS]   browse; verify in the background
  footagefs unmount MOUNTPOINT                       end a mount
  footagefs release MOUNTPOINT [DRIVE...]            let go of drives, to pull them
  footagefs review DRIVE...                          structure, manifests, lists; reads no footage
  footagefs verify DRIVE...                          read what is not verified yet
  footagefs status DRIVE...|MOUNTPOINT               a line a roll
  footagefs report DRIVE...                          report.csv, problems.csv, or a row a file
  footagefs wait MOUNTPOINT                          until nothing is pending
  footagefs pause MOUNTPOINT                         stop verifying in the background
  footagefs resume MOUNTPOINT                        go on verifying
  footagefs seal ROLL...                             write the roll's MHL
  footagefs profile [NAME]                           list profiles, or show one
  footagefs catalog [info|check|prune]               what is remembered
  footagefs version                                  which footagefs this is
  footagefs completion bash|zsh|fish                 completion for a shell
  footagefs help COMMAND                             all about a command
  footagefs DRIVE MOUNTPOINT -o OPTIONS              as mount(8) calls it

DRIVE is any folder: the mount point of a shoot drive, a folder on a NAS, a day
folder, or what lies in one. review, verify, status and report also take a path
inside a live mount and mean that part of it.

Flags of every command:
  --catalog FILE        where results are remembered; default: $FOOTAGEFS_CATALOG,
                        else $XDG_DATA_HOME/footagefs/catalog.db or the platform's
                        equivalent, else /var/lib/footagefs/catalog.db
  --profile NAME|FILE   how rolls are recognised; default: Netflix Recommended
  -h, --help            this help

Exit status:
  0  it was done; of review, verify and wait also: nothing is wrong
  1  it could not be done
  2  wrong usage
  3  of review, verify and wait: done, and findings of severity error stand

Example:
  $ footagefs mount /media/SHUTTLE01 ~/footage
  footagefs: /home/me/footage is ready: 12 rolls, 4,812 files (3.4 TB) left to verify; …
`

// rootCmd is the tree of commands. Help is written by hand: it is the specification.
func rootCmd(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:               "footagefs",
		Long:              rootHelp,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
	}
	root.PersistentFlags().StringVar(&p.catalog, "catalog", "", "")
	root.PersistentFlags().StringVar(&p.profile, "profile", "", "")
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetHelpTemplate("{{.Long}}")
	root.SetUsageTemplate("{{.Long}}")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s; see footagefs help %s", err, strings.TrimPrefix(cmd.CommandPath(), "footagefs "))
	})
	root.AddCommand(mountCmd(p), unmountCmd(p), releaseCmd(p), reviewCmd(p), verifyCmd(p), statusCmd(p),
		reportCmd(p), waitCmd(p), pauseCmd(p), resumeCmd(p), sealCmd(p), profileCmd(p), catalogCmd(p),
		versionCmd(p), manCmd(p))
	complete(root, "profile", profile.Names()...)
	root.SetHelpCommand(helpCmd(root))
	root.InitDefaultCompletionCmd("footagefs")
	return root
}

// helpCmd prints the help of a command, on stdout, because it was asked for.
func helpCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:  "help [COMMAND]",
		Long: "footagefs help COMMAND tells all about a command.\n",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, args)
			}
			return about.Help()
		},
	}
}

// unknownCommand refuses a mistyped command with what may have been meant.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(root.ErrOrStderr(), rootHelp)
		return exitError(exitUsage)
	}
	hint := "; see footagefs help"
	root.SuggestionsMinimumDistance = 2
	if names := root.SuggestionsFor(args[0]); len(names) > 0 {
		hint = "; did you mean " + strings.Join(names, " or ") + "?"
	}
	return usagef("there is no command %q%s", args[0], hint)
}

// isCommand reports whether a word is one of the commands.
func isCommand(root *cobra.Command, word string) bool {
	if word == "help" || word == "completion" || strings.HasPrefix(word, "__") {
		return true
	}
	for _, c := range root.Commands() {
		if c.Name() == word {
			return true
		}
	}
	return false
}

// atLeast wants n operands or more.
func atLeast(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("usage: footagefs %s", usage)
		}
		return nil
	}
}

// exactly wants n operands.
func exactly(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("usage: footagefs %s", usage)
		}
		return nil
	}
}

// catalogPath is the catalog that the user names, "" for the default place.
func (p *program) catalogPath() string {
	if p.catalog != "" {
		return p.catalog
	}
	return os.Getenv("FOOTAGEFS_CATALOG")
}
