package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"footagefs/cmd/footagefs/control"
)

// selectFlags binds --date and --roll.
func selectFlags(flags *pflag.FlagSet, q *query) {
	flags.Var((*dateFlag)(&q.Date), "date", "")
	flags.Var((*rollFlag)(&q.Roll), "roll", "")
}

// formatFlag binds --format.
func formatFlag(cmd *cobra.Command, q *query) {
	cmd.Flags().Var((*formatValue)(&q.Format), "format", "")
	complete(cmd, "format", asCSV, asJSON)
}

// complete tells shells what a flag takes.
func complete(cmd *cobra.Command, flag string, values ...string) {
	// The error is about a flag that is not there; a test would see that.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// dateFlag is a shoot date, kept as 20230510.
type dateFlag string

// Set takes 20230510 and 2023-05-10.
func (d *dateFlag) Set(s string) error {
	for _, layout := range []string{"20060102", time.DateOnly} {
		if date, err := time.Parse(layout, s); err == nil {
			*d = dateFlag(date.Format("20060102"))
			return nil
		}
	}
	return fmt.Errorf("it is a date such as 20230510 or 2023-05-10")
}

func (d *dateFlag) String() string { return string(*d) }

// Type names the value in pflag's messages.
func (d *dateFlag) Type() string { return "date" }

// rollFlag is a roll's name; an empty one would select every roll.
type rollFlag control.Exact

// Set takes any name.
func (r *rollFlag) Set(s string) error {
	if s == "" {
		return fmt.Errorf("it is a roll's name")
	}
	*r = rollFlag(s)
	return nil
}

func (r *rollFlag) String() string { return string(*r) }

// Type names the value in pflag's messages.
func (r *rollFlag) Type() string { return "roll" }

// limitFlag is a rate in MB/s, kept in bytes a second.
type limitFlag int64

// Set takes megabytes of 10^6 bytes.
func (l *limitFlag) Set(s string) error {
	n, err := parseLimit(s)
	*l = limitFlag(n)
	return err
}

func (l *limitFlag) String() string { return "" }

// Type names the value in pflag's messages.
func (l *limitFlag) Type() string { return "MB/s" }

// readersFlag is how many files are read at once.
type readersFlag int

// Set takes a number from 1.
func (r *readersFlag) Set(s string) error {
	n, err := parseReaders(s)
	*r = readersFlag(n)
	return err
}

func (r *readersFlag) String() string { return "" }

// Type names the value in pflag's messages.
func (r *readersFlag) Type() string { return "N" }
