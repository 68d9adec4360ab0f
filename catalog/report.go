package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"footagefs/verify"
)

// The columns of the reports. New ones are only ever appended.
var (
	rollColumns = []string{"roll", "roll_type", "shoot_date", "episode", "shoot_day", "unit",
		"status", "files_listed", "files_found", "files_verified", "files_mismatch", "files_missing",
		"files_unlisted", "files_pending", "files_unreadable", "files_unverifiable", "files_ignored",
		"size_bytes", "checksum_types", "manifest", "manifest_format", "generation",
		"manifest_created", "manifest_tool", "verified_at", "drive", "source_path", "message", "evidence"}
	problemColumns = []string{"severity", "code", "roll", "roll_type", "shoot_date", "path", "message", "drive"}
	fileColumns    = []string{"roll", "roll_type", "shoot_date", "path", "status", "reason", "size_listed",
		"size_found", "checksum_listed", "checksum_found", "manifest", "generation", "verified_at",
		"drive", "source_path", "message", "evidence"}
)

// WriteReport writes a report of the selected rolls as CSV (RFC 4180, lines end in LF), or
// as JSON: one array, a row a line, empty cells null.
func (c *Catalog) WriteReport(ctx context.Context, w io.Writer, r Report, f Filter, asJSON bool) error {
	columns, rows := rollColumns, c.rollRows(f)
	switch r {
	case ProblemReport:
		columns, rows = problemColumns, problemRows(c.Findings(f))
	case FileReport:
		columns, rows = fileColumns, c.fileRows(ctx, f)
	}
	return writeRows(w, columns, rows, asJSON)
}

// WriteFindings writes findings as problems.csv has them.
func WriteFindings(w io.Writer, list []Finding, asJSON bool) error {
	return writeRows(w, problemColumns, problemRows(list), asJSON)
}

func writeRows(w io.Writer, columns []string, rows iter.Seq[[]any], asJSON bool) error {
	write := writeCSV
	if asJSON {
		write = writeJSON
	}
	if err := write(w, columns, rows); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// A row's cells are strings, whole numbers, or nil for an empty cell.
func writeCSV(w io.Writer, columns []string, rows iter.Seq[[]any]) error {
	line := []byte(strings.Join(columns, ",") + "\n")
	for row := range rows {
		if len(line) > 1<<16 {
			if _, err := w.Write(line); err != nil {
				return err
			}
			line = line[:0]
		}
		for i, cell := range row {
			if i > 0 {
				line = append(line, ',')
			}
			switch v := cell.(type) {
			case string:
				line = appendCell(line, v)
			case int64:
				line = strconv.AppendInt(line, v, 10)
			}
		}
		line = append(line, '\n')
	}
	_, err := w.Write(line)
	return err
}

func appendCell(line []byte, text string) []byte {
	text = escapeCell(text)
	if !strings.ContainsAny(text, "\",\r\n") && strings.TrimSpace(text) == text {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

func writeJSON(w io.Writer, columns []string, rows iter.Seq[[]any]) error {
	lead := "["
	for row := range rows {
		b := append([]byte(lead), "\n{"...)
		escaped := false
		for _, cell := range row {
			s, isText := cell.(string)
			escaped = escaped || isText && !utf8.ValidString(s)
		}
		for i, cell := range row {
			if s, isText := cell.(string); isText && escaped {
				cell = escapeCell(s)
			}
			if s, isText := cell.(string); isText && s == "" {
				cell = nil
			}
			v, err := marshalPlain(cell)
			if err != nil {
				return err
			}
			b = fmt.Appendf(b, "%q:%s,", columns[i], v)
		}
		b = b[:len(b)-1]
		if escaped {
			b = append(b, `,"escaped":true`...)
		}
		if _, err := w.Write(append(b, '}')); err != nil {
			return err
		}
		lead = ","
	}
	end := "\n]\n"
	if lead == "[" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

// marshalPlain leaves <, > and & as they are: nobody embeds a report in a script element.
func marshalPlain(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

// dashed writes a shoot date as reports do.
func dashed(date string) string {
	if len(date) != 8 {
		return date
	}
	return date[:4] + "-" + date[4:6] + "-" + date[6:]
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// unless gives an empty cell where a number says nothing.
func unless(absent bool, n int64) any {
	if absent {
		return nil
	}
	return n
}

func (c *Catalog) rollRows(f Filter) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, r := range c.Rolls(f) {
			row := []any{r.Name, string(r.Type), dashed(r.Date), r.Episode, r.Day, r.Unit, string(r.Status)}
			n := r.Counts
			for _, count := range []int{n.Listed, n.Found, n.Verified, n.Mismatch, n.Missing, n.Unlisted,
				n.Pending, n.Unreadable, n.Unverifiable, n.Ignored} {
				row = append(row, unless(!n.Known, int64(count)))
			}
			row = append(row, unless(!n.Known, n.Size), strings.Join(r.ChecksumTypes, " "), r.Manifest, r.Format,
				unless(r.Generation == 0, int64(r.Generation)), timestamp(r.Created), r.Tool, timestamp(r.VerifiedAt),
				r.DriveName, r.Path, r.Message, r.Evidence)
			if !yield(row) {
				return
			}
		}
	}
}

func problemRows(list []Finding) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, f := range list {
			row := []any{string(f.Severity), f.Code, f.Roll, string(f.RollType), dashed(f.Date), f.Path, f.Message, f.DriveName}
			if !yield(row) {
				return
			}
		}
	}
}

// fileRows has a row for every file of the selected rolls. Rolls of one type, date and
// name are sorted as one.
func (c *Catalog) fileRows(ctx context.Context, f Filter) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		rolls := c.Rolls(f)
		for len(rolls) > 0 {
			n := 1
			for n < len(rolls) && rolls[n].Type == rolls[0].Type && rolls[n].Date == rolls[0].Date && rolls[n].Name == rolls[0].Name {
				n++
			}
			var rows [][]any
			for i := range rolls[:n] {
				rows = append(rows, c.rollFileRows(ctx, &rolls[i])...)
			}
			if n > 1 {
				sort.SliceStable(rows, func(i, j int) bool { return rows[i][3].(string) < rows[j][3].(string) })
			}
			for _, row := range rows {
				if !yield(row) {
					return
				}
			}
			rolls = rolls[n:]
		}
	}
}

func (c *Catalog) rollFileRows(ctx context.Context, v *Roll) [][]any {
	r := c.roll(v.ID)
	if r == nil || c.current(ctx, r, true) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return nil
	}
	rows := make([][]any, 0, len(r.inv.entries))
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		f := r.inv.judge(r, e, e.look, e.there).file(r, e, e.look, e.there)
		rows = append(rows, []any{v.Name, string(v.Type), dashed(v.Date), f.Path, string(f.Status), f.Reason,
			unless(f.SizeListed < 0, f.SizeListed), unless(f.SizeFound < 0, f.SizeFound),
			strings.Join(f.Recorded, " "), strings.Join(f.Found, " "), f.Manifest,
			unless(f.Generation == 0, int64(f.Generation)), timestamp(f.VerifiedAt), v.DriveName,
			sourcePath(v.Path, f), f.Message, f.Evidence})
	}
	return rows
}

// sourcePath is a file's path from the drive; of an entry that is not there, the roll's
// path and the entry as it is listed.
func sourcePath(roll string, f File) string {
	if f.Status == verify.Missing || f.Status == verify.Rejected {
		if roll == "." {
			return f.Path
		}
		return roll + "/" + f.Path
	}
	return joinPath(roll, f.Path)
}

// findings yields what Findings sorts.
func (c *Catalog) findings(f Filter) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		rolls := c.Rolls(f)
		for _, x := range c.structureFindings(f, rolls) {
			if !yield(x) {
				return
			}
		}
		chosen := map[RollID]bool{}
		for i := range rolls {
			chosen[rolls[i].ID] = true
			for _, x := range c.rollAndFileFindings(&rolls[i]) {
				if !yield(x) {
					return
				}
			}
		}
		for _, x := range c.allRolls().duplicates {
			if chosen[x.RollID] && !yield(x) {
				return
			}
		}
	}
}

// rollAndFileFindings are those of a roll and of its files; an offline roll's files give none.
func (c *Catalog) rollAndFileFindings(v *Roll) []Finding {
	r := c.roll(v.ID)
	if r == nil || v.Status == RollOffline {
		return nil
	}
	r.mu.Lock()
	files := r.sum.FileErrors+r.sum.FileWarnings > 0
	list := append([]Finding(nil), r.sum.Findings...)
	r.mu.Unlock()
	for i := range list {
		list[i] = r.fillIn(list[i])
	}
	if !files || c.current(c.session, r, true) != nil {
		return list
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return list
	}
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		list = append(list, fileFindings(r, e, r.inv.judge(r, e, e.look, e.there), c.profile)...)
	}
	return list
}

// structureFindings are those about folders outside of rolls, and rolls that are gone.
func (c *Catalog) structureFindings(f Filter, rolls []Roll) []Finding {
	if f.Roll != "" || f.Type != "" || len(f.IDs) > 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Finding
	for _, ds := range c.drives {
		if !contains(f.Drives, ds.id) {
			continue
		}
		for _, all := range [][]Finding{ds.findings, ds.gone} {
			for _, x := range all {
				x.Drive, x.DriveName = ds.id, ds.name
				if x.Code == "unreadable" && ds.rolls[x.Path] != nil {
					continue // its inventory says so, too
				}
				if x.Roll != "" && x.Code != "roll-gone" {
					x.RollID = rollAt(ds, x.Path)
				}
				if f.near(ds.id, x.Path) && (f.Date == "" || ds.dateOf(x) == f.Date) {
					list = append(list, x)
				}
			}
		}
	}
	return append(list, noRolls(f, rolls, c.drives)...)
}

func rollAt(ds *driveState, path string) RollID {
	if r := ds.rolls[path]; r != nil {
		return r.id
	}
	return 0
}

// dateOf is the shoot date of the day folder in or on which a finding is, "" outside.
func (ds *driveState) dateOf(f Finding) string {
	if f.Date != "" {
		return f.Date
	}
	for _, d := range ds.days {
		if _, in := relativeTo(d.Path, f.Path); in && !d.Bad && len(d.Name) >= 8 {
			return d.Name[:8]
		}
	}
	return ""
}

// noRolls says of each place that was asked for that there is no roll in it.
func noRolls(f Filter, rolls []Roll, drives []*driveState) []Finding {
	var list []Finding
	for _, p := range f.Paths {
		here := false
		for i := range rolls {
			here = here || Filter{Paths: []Place{p}}.near(rolls[i].Drive, rolls[i].Path)
		}
		for _, ds := range drives {
			if ds.id == p.Drive && !here && len(ds.rolls) > 0 {
				list = append(list, Finding{Severity: Error, Code: "no-rolls", Path: p.Path, Drive: ds.id, DriveName: ds.name,
					Message: p.Path + ": nothing in it is recognised as a roll"})
			}
		}
	}
	return list
}
