package main

import (
	"context"
	"fmt"
	"io"

	"footagefs/catalog"
)

// query is what review, status, report and wait are asked. It is answered by the same code
// in this process and in a live mount's.
type query struct {
	Paths  []exact        `json:"paths,omitempty"` // in the tree of a live mount; none: everything
	Date   string         `json:"date,omitempty"`  // --date, as 20230510
	Roll   exact          `json:"roll,omitempty"`  // --roll
	Report catalog.Report `json:"report,omitempty"`
	Format format         `json:"format,omitempty"`
	Style  style          `json:"style"`
}

// format is how results are written: for people, or as rows.
type format string

const (
	asText format = ""
	asCSV  format = "csv"
	asJSON format = "json"
)

// Set makes format the value of a flag.
func (f *format) Set(s string) error {
	switch format(s) {
	case asCSV, asJSON:
		*f = format(s)
		return nil
	}
	return fmt.Errorf("it is csv or json")
}

func (f *format) String() string { return string(*f) }

// Type names the value in pflag's messages.
func (f *format) Type() string { return "csv|json" }

// narrow adds --date and --roll to a filter.
func (q query) narrow(f catalog.Filter) catalog.Filter {
	if q.Date != "" && f.Date != "" && f.Date != q.Date || q.Roll != "" && f.Roll != "" && f.Roll != string(q.Roll) {
		f.Nothing = true
	}
	if q.Date != "" {
		f.Date = q.Date
	}
	if q.Roll != "" {
		f.Roll = string(q.Roll)
	}
	return f
}

// matches refuses a --date or --roll that selects nothing: a mistyped name must not look
// like a clean bill of health.
func (q query) matches(cat *catalog.Catalog, f catalog.Filter) error {
	if q.Date == "" && q.Roll == "" || len(cat.Rolls(f)) > 0 {
		return nil
	}
	what := "no roll"
	if q.Roll != "" {
		what += " named " + string(q.Roll)
	}
	if q.Date != "" {
		what += " of " + dashed(q.Date)
	}
	return fmt.Errorf("%s is there; footagefs status lists what is", what)
}

// answer looks at what the query selects and writes what op asks for. It returns the exit
// status of work that was done.
func (q query) answer(ctx context.Context, cat *catalog.Catalog, base catalog.Filter, op operation, w io.Writer) (int, error) {
	f := q.narrow(base)
	if err := q.matches(cat, f); err != nil {
		return exitFailed, err
	}
	cat.Freshen(ctx, f)
	if err := ctx.Err(); err != nil {
		return exitFailed, err
	}
	switch op {
	case opReview:
		return q.review(ctx, cat, f, w)
	case opStatus:
		return exitDone, q.status(ctx, cat, f, w)
	case opReport:
		return exitDone, cat.WriteReport(ctx, w, q.Report, f, q.Format == asJSON)
	}
	return exitFailed, fmt.Errorf("a query cannot be answered by %s", op)
}

// dashed is a date as people read it: 2023-05-10.
func dashed(date string) string {
	if len(date) != 8 {
		return date
	}
	return date[:4] + "-" + date[4:6] + "-" + date[6:]
}
