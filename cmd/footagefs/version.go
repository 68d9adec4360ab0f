package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const versionHelp = `footagefs version says which footagefs this is.

Usage:
  footagefs version

Exit status:
  0  it was done
  2  wrong usage

Example:
  $ footagefs version
  footagefs v1.0.0 (go1.26.0 linux/amd64)
`

// linkedVersion is set by the linker in builds whose source has no history:
// -ldflags "-X main.linkedVersion=v1.0.0".
var linkedVersion string

func versionCmd(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "say which footagefs this is",
		Long:  versionHelp,
		Args:  exactly(0, "version"),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.stdout, "footagefs %s (%s %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// version is what the linker was told, else what the build knows of its source.
func version() string {
	if linkedVersion != "" {
		return linkedVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return sourceVersion(info)
}

// sourceVersion is the module's version or, in a working copy, its commit.
func sourceVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	var commit, changed string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	if commit == "" {
		return "devel"
	}
	return "devel-" + commit + changed
}
