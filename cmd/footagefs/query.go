package main

import (
	"context"
	"fmt"
	"io"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
)

// query is what review, status, report and wait are asked. It is answered by the same code
// in this process and in a live mount's.
type query struct{ control.Query }

// How results are written: for people, or as rows.
const (
	asText = ""
	asCSV  = "csv"
	asJSON = "json"
)

// formatValue is the value of --format.
type formatValue string

// Set takes csv and json.
func (f *formatValue) Set(s string) error {
	switch s {
	case asCSV, asJSON:
		*f = formatValue(s)
		return nil
	}
	return fmt.Errorf("it is csv or json")
}

func (f *formatValue) String() string { return string(*f) }

// Type names the value in pflag's messages.
func (f *formatValue) Type() string { return "csv|json" }

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
func (q query) answer(ctx context.Context, cat *catalog.Catalog, base catalog.Filter, op control.Operation, w io.Writer) (int, error) {
	f := q.Narrow(base)
	if err := q.matches(cat, f); err != nil {
		return exitFailed, err
	}
	cat.Freshen(ctx, f)
	if err := ctx.Err(); err != nil {
		return exitFailed, err
	}
	switch op {
	case control.OpReview:
		return q.review(ctx, cat, f, w)
	case control.OpStatus:
		return exitDone, q.status(ctx, cat, f, w)
	case control.OpReport:
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
