package catalog

import (
	"context"
	"io"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"footagefs/catalog/structure"
	"footagefs/catalog/table"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
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
	return table.Write(w, columns, rows, asJSON)
}

// WriteFindings writes findings as problems.csv has them.
func WriteFindings(w io.Writer, list []Finding, asJSON bool) error {
	return table.Write(w, problemColumns, problemRows(list), asJSON)
}

// Escape is table.Escape, for messages that hold what a drive calls something.
func Escape(s string) string { return table.Escape(s) }

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

func (c *Catalog) rollRows(f Filter) iter.Seq[[]table.Cell] {
	return func(yield func([]table.Cell) bool) {
		rolls := c.Rolls(f)
		row := make([]table.Cell, 0, len(rollColumns)) // the writers keep nothing of a row
		for i := range rolls {
			if row = appendRoll(row[:0], &rolls[i]); !yield(row) {
				return
			}
		}
	}
}

func appendRoll(row []table.Cell, r *Roll) []table.Cell {
	n := &r.Counts
	row = append(row, table.Text(r.Name), table.Text(r.Type), table.Text(dashed(r.Date)), table.Text(r.Episode), table.Text(r.Day), table.Text(r.Unit), table.Text(r.Status))
	for _, count := range [...]int{n.Listed, n.Found, n.Verified, n.Mismatch, n.Missing, n.Unlisted,
		n.Pending, n.Unreadable, n.Unverifiable, n.Ignored} {
		row = append(row, table.Unless(!n.Known, count))
	}
	return append(row, table.Unless(!n.Known, n.Size), table.Text(strings.Join(r.ChecksumTypes, " ")), table.Text(r.Manifest), table.Text(r.Format),
		table.Unless(r.Generation == 0, r.Generation), table.Text(timestamp(r.Created)), table.Text(r.Tool), table.Text(timestamp(r.VerifiedAt)),
		table.Text(r.DriveName), table.Text(r.Path), table.Text(r.Message), table.Text(r.Evidence))
}

func problemRows(list []Finding) iter.Seq[[]table.Cell] {
	return func(yield func([]table.Cell) bool) {
		for _, f := range list {
			row := []table.Cell{table.Text(f.Severity), table.Text(f.Code), table.Text(f.Roll), table.Text(f.RollType), table.Text(dashed(f.Date)), table.Text(f.Path),
				table.Text(f.Message()), table.Text(f.DriveName)}
			if !yield(row) {
				return
			}
		}
	}
}

// fileRows has a row for every file of the selected rolls. Rolls of one type, date and
// name are sorted as one.
func (c *Catalog) fileRows(ctx context.Context, f Filter) iter.Seq[[]table.Cell] {
	return func(yield func([]table.Cell) bool) {
		rolls := c.Rolls(f)
		for len(rolls) > 0 {
			n := 1
			for n < len(rolls) && rolls[n].Type == rolls[0].Type && rolls[n].Date == rolls[0].Date && rolls[n].Name == rolls[0].Name {
				n++
			}
			var rows [][]table.Cell
			for i := range rolls[:n] {
				rows = append(rows, c.rollFileRows(ctx, &rolls[i])...)
			}
			if n > 1 {
				sort.SliceStable(rows, func(i, j int) bool { return rows[i][3].String() < rows[j][3].String() })
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

func (c *Catalog) rollFileRows(ctx context.Context, v *Roll) [][]table.Cell {
	r := c.roll(v.ID)
	if r == nil || c.current(ctx, r, true) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return nil
	}
	rows := make([][]table.Cell, 0, len(r.inv.entries))
	for i := range r.inv.entries {
		e := &r.inv.entries[i]
		f := r.inv.judge(r, e, e.look, e.there).file(r, e, e.look, e.there)
		rows = append(rows, []table.Cell{table.Text(v.Name), table.Text(v.Type), table.Text(dashed(v.Date)), table.Text(f.Path), table.Text(f.Status), table.Text(f.Reason),
			table.Unless(f.SizeListed < 0, f.SizeListed), table.Unless(f.SizeFound < 0, f.SizeFound),
			table.Text(checksum.Spell(f.Recorded)), table.Text(checksum.Spell(f.Found)), table.Text(f.Manifest),
			table.Unless(f.Generation == 0, f.Generation), table.Text(timestamp(f.VerifiedAt)), table.Text(v.DriveName),
			table.Text(sourcePath(v.Path, f)), table.Text(f.Message), table.Text(f.Evidence)})
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
	return drive.Join(roll, f.Path)
}

// findings yields what Findings sorts.
func (c *Catalog) findings(f Filter) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		rolls := c.Rolls(f)
		found := c.structureFindings(f, rolls)
		for _, x := range found {
			if !yield(x) {
				return
			}
		}
		said := c.unreadIn(found)
		chosen := map[RollID]bool{}
		for i := range rolls {
			chosen[rolls[i].ID] = true
			for _, x := range c.rollAndFileFindings(&rolls[i]) {
				if !said.again(rolls[i].Path, &x) && !yield(x) {
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

// unreadPlaces are the folders, and the manifests above rolls, that are said to be unreadable.
type unreadPlaces map[Place]bool

// unreadIn are those folders that findings of the structure say it of.
func (c *Catalog) unreadIn(found []Finding) unreadPlaces {
	said := unreadPlaces{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ds := range c.drives {
		for _, x := range found {
			if _, unread := ds.unread[x.Path]; unread && x.Drive == ds.id && x.Code == finding.Unreadable {
				said[Place{Drive: x.Drive, Path: x.Path}] = true
			}
		}
	}
	return said
}

// again is true of a roll's finding that something is unreadable where it was said of it, or
// of a folder above it: one bad folder is one finding, however many rolls lie in it.
func (said unreadPlaces) again(roll string, f *Finding) bool {
	if f.Code != finding.Unreadable {
		return false
	}
	for path := f.Path; ; path, _ = drive.Split(path) {
		if said[Place{Drive: f.Drive, Path: path}] {
			return true
		}
		if path == "." {
			break
		}
	}
	if _, in := drive.Relative(roll, f.Path); !in { // the next roll may say it, too
		said[Place{Drive: f.Drive, Path: f.Path}] = true
	}
	return false
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
	failed := r.failed
	r.mu.Unlock()
	if failed != nil {
		list = append(list, r.place(finding.New(finding.Unreadable, r.found.Path, "this roll could not be looked at ("+drive.Reason(failed)+")").Doing("look again")))
	}
	for i := range list {
		list[i] = r.place(list[i].Finding)
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
	if f.Nothing || f.Roll != "" || f.Type != "" || len(f.IDs) > 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Finding
	for _, ds := range c.drives {
		if !contains(f.Drives, ds.id) {
			continue
		}
		for _, all := range [][]structure.Finding{ds.findings, ds.gone} {
			for _, s := range all {
				x := Finding{Finding: s.Finding, Roll: s.Roll, RollType: s.Type, Date: s.Date, Drive: ds.id, DriveName: ds.name}
				if x.Code == finding.Unreadable && ds.rollAround(x.Path).saysUnreadable() {
					continue
				}
				if x.Roll != "" && x.Code != finding.RollGone {
					x.RollID = rollAt(ds, x.Path)
				}
				date := ds.dateOf(x)
				if date == "" && x.Code == finding.Unreadable {
					date = f.Date // it may hold rolls of any date
				}
				if f.near(ds.id, x.Path) && (f.Date == "" || date == f.Date) {
					list = append(list, x)
				}
			}
		}
	}
	return append(list, noRolls(f, rolls, c.drives)...)
}

// rollAround is the roll in which a path lies, or that lies at it; nil where there is none.
// The caller holds Catalog.mu.
func (ds *driveState) rollAround(path string) *rollState {
	for ; path != "."; path, _ = drive.Split(path) {
		if r := ds.rolls[path]; r != nil {
			return r
		}
	}
	return ds.rolls["."]
}

// saysUnreadable is true of a roll with a finding of its own that something of it cannot be
// read: what the structure has to say of that is no other one.
func (r *rollState) saysUnreadable() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed != nil || slices.ContainsFunc(r.sum.Findings, func(f Finding) bool { return f.Code == finding.Unreadable })
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
		if _, in := drive.Relative(d.Path, f.Path); in && !d.Bad && len(d.Name) >= 8 {
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
				list = append(list, Finding{Finding: finding.New(finding.NoRolls, p.Path, structure.NothingIsARoll), Drive: ds.id, DriveName: ds.name})
			}
		}
	}
	return list
}
