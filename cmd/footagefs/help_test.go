package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The help is the specification: every flag of a command stands in it, it stands in for no
// other, and it has exit statuses and an example.
func TestHelpIsComplete(t *testing.T) {
	root := rootCmd(&program{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer)})
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		t.Run(cmd.Name(), func(t *testing.T) { checkHelp(t, cmd) })
	}
}

var flagInHelp = regexp.MustCompile(`(?m)^  (?:-\w, )?--?([\w-]+)`)

func checkHelp(t *testing.T, cmd *cobra.Command) {
	help := cmd.Long
	for _, part := range []string{"\nUsage:\n", "\nExit status:\n", "\nExample", "\n  $ footagefs "} {
		if !strings.Contains(help, part) {
			t.Errorf("help has no %q", part)
		}
	}
	named := map[string]bool{}
	for _, m := range flagInHelp.FindAllStringSubmatch(help, -1) {
		named[m[1]] = true
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !named[f.Name] && !named[f.Shorthand] && f.Name != "help" {
			t.Errorf("help does not name --%s", f.Name)
		}
	})
	for name := range named {
		if name != "help" && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil && cmd.Flags().ShorthandLookup(name) == nil {
			t.Errorf("help names --%s, which is none of its flags", name)
		}
	}
	for i, line := range strings.Split(help, "\n") {
		if len(line) > 100 {
			t.Errorf("line %d of the help has %d characters", i+1, len(line))
		}
	}
	for _, option := range []string{"catalog", "profile"} {
		if cmd.InheritedFlags().Lookup(option) == nil && cmd.HasParent() {
			t.Errorf("it does not take --%s", option)
		}
	}
}

// Every mount option is told, and every option that is told is known.
func TestMountOptionsAreInHelp(t *testing.T) {
	_, list, _ := strings.Cut(mountHelp, "Mount options:\n")
	list, _, _ = strings.Cut(list, "The generic options")
	told := map[string]bool{}
	for _, name := range regexp.MustCompile(`(?m)^  (\w+)|, (\w+)=`).FindAllStringSubmatch(list, -1) {
		told[name[1]+name[2]] = true
	}
	var o mountOptions
	for name := range told {
		if o.flag(name) == nil && o.value(name) == nil {
			t.Errorf("help tells of the option %s, which is not known", name)
		}
	}
	for _, name := range []string{"catalog", "profile", "noverify", "recheck", "readers", "limit", "noxattr", "verified_only",
		"uid", "gid", "umask", "allow_other", "allow_root", "volname", "log", "daemon"} {
		if !told[name] {
			t.Errorf("help does not tell of the option %s", name)
		}
	}
}

func TestExitStatusesAreInHelp(t *testing.T) {
	for name, statuses := range map[string][]int{
		"review": {exitDone, exitFailed, exitUsage, exitFindings},
		"verify": {exitDone, exitFailed, exitUsage, exitFindings},
		"wait":   {exitDone, exitFailed, exitUsage, exitFindings},
		"mount":  {exitDone, exitFailed, exitUsage},
		"seal":   {exitDone, exitFailed, exitUsage},
	} {
		var out bytes.Buffer
		if got := run(context.Background(), []string{"footagefs", "help", name}, &out, &out); got != exitDone {
			t.Fatalf("help %s: exit status %d", name, got)
		}
		for _, status := range statuses {
			if !strings.Contains(out.String(), fmt.Sprintf("\n  %d  ", status)) {
				t.Errorf("help %s does not tell of exit status %d", name, status)
			}
		}
	}
}

func TestManual(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if got := run(context.Background(), []string{"footagefs", "man", dir}, &out, &out); got != exitDone {
		t.Fatalf("exit status %d: %s", got, &out)
	}
	for _, name := range []string{"footagefs.1", "footagefs-mount.1", "footagefs-seal.1", "mount.footagefs.8"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !regexp.MustCompile(`^\.(TH|SH|PP|TP|B|BR|nf|fi|so)\b`).MatchString(line) {
				t.Errorf("%s: %q is no request", name, line)
			}
		}
	}
}
