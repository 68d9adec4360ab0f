package main

import (
	"github.com/spf13/cobra"

	"footagefs/catalog/profile"
)

const profileHelp = `footagefs profile lists the import profiles, or shows one as a file to copy.

Usage:
  footagefs profile            the names of the built-in profiles
  footagefs profile NAME       the profile as TOML

A profile says how rolls are recognised: day folders, asset types and their spelling,
legal characters, the manifest rule. Every command takes --profile NAME or FILE.

Exit status:
  0  it was done
  1  there is no such profile
  2  wrong usage

Example:
  $ footagefs profile "Netflix Recommended" > ours.toml
  $ footagefs review --profile ours.toml /media/SHUTTLE01
`

func profileCmd(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "profile [NAME]",
		Short: "list profiles, or show one",
		Long:  profileHelp,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return profile.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("usage: footagefs profile [NAME]; a name with spaces goes in quotes")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.lines(profile.Names())
			}
			text, err := profile.Text(args[0])
			if err != nil {
				return err
			}
			return p.show(text)
		},
	}
}
