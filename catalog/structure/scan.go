package structure

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// How far a scan goes. Nothing that a drive holds makes it take more.
const (
	// freeDepth is how many folders (show, season) may lie above a day folder.
	freeDepth = 8
	// freeFolders is how many such folders are looked at.
	freeFolders = 100_000
	// searchLooks is how many folders are looked at to answer one question, and
	// searchPool for all questions of a scan.
	searchLooks = 10_000
	searchPool  = 300_000
	// mostFindings is how many findings are kept.
	mostFindings = 100_000
)

// Scanner looks at the structure of a drive, again and again: it remembers the listings of
// folders, so that a folder of which nothing changed costs one look. It never looks into
// rolls below their root (but for what tells a roll from a camera-format level) and never at
// the bytes of a file. Not for use by several goroutines at once.
type Scanner struct {
	drive   *drive.Drive
	profile rules
	strong  bool // a folder's times tell whether its listing changed
	counts  bool // a folder's link count tells how many folders are in it
	now     func() time.Time
	// listRoots has the root of every roll listed. Without, it is listed only where it is
	// needed to tell a roll from a level, or where times do not tell of changes: a new
	// drive with millions of files at the roots of its rolls is then scanned at once.
	listRoots bool
	waited    bool // see ScanShort

	last         lastStat
	open         *drive.Dir // openPath, while a scan runs
	openPath     string
	known, seen  map[string]*listing // of the last scan, and of this one
	held         int                 // entries in seen
	looks, reads int                 // folders looked at and listed so far
}

// New makes a scanner of an open drive.
func New(d *drive.Drive, p *profile.Profile) *Scanner {
	fs := d.FileSystem()
	return &Scanner{drive: d, profile: rules{p}, strong: fs.Strong, counts: countsFolders[fs.Kind], now: time.Now}
}

// ScanShort scans where it was waited long enough for descriptors or memory of our own: a
// folder for which there are none is a finding then, and ends no scan.
func (s *Scanner) ScanShort(ctx context.Context) (*Structure, error) {
	s.waited = true
	defer func() { s.waited = false }()
	return s.Scan(ctx)
}

// Scan looks at the drive's structure. What the drive refuses is a finding; the error is
// drive.ErrGone, wrapped, that of ctx, or a shortage of this process's own
// (drive.IsShortage). What was found until then is nothing.
func (s *Scanner) Scan(ctx context.Context) (*Structure, error) {
	s.seen, s.held, s.last = map[string]*listing{}, 0, lastStat{}
	w := &walk{Scanner: s, ctx: ctx, pool: searchPool, said: map[string]bool{}}
	w.out.Unread = map[string]error{}
	defer s.letGo()
	w.start()
	if w.err != nil {
		return nil, fmt.Errorf("looking at the structure of %s: %w", s.drive.Dir(), w.err)
	}
	s.known, s.seen = s.seen, nil
	w.out.sort()
	return &w.out, nil
}

// walk is one scan.
type walk struct {
	*Scanner
	ctx  context.Context
	out  Structure
	pool int             // looks that searches may still take
	cut  bool            // more lies on the drive than was looked at
	err  error           // the scan is over (see scan): it stays, and nothing more is looked at
	said map[string]bool // of which of the unread folders there is a finding
}

// start scans the drive as what it is by the names of the folders above it.
func (w *walk) start() {
	r := w.profile.roleOf(w.drive.Dir())
	d := day{r.day, Day{Path: ".", Name: r.name}}
	switch r.kind {
	case roleDay:
		w.dayFolder(".", r.name, r.day)
	case roleMisspelt:
		w.misspelt(".", r.asset, false)
	case roleAsset:
		w.out.Days = append(w.out.Days, d.Day)
		w.assetFolder(".", r.asset, d)
	case roleInAsset, roleBelowLevel:
		w.openedInAsset(r, d)
	case roleFree:
		w.free()
	}
	if len(w.out.Rolls) == 0 && len(w.out.Unread) == 0 { // else they may be where the drive could not read
		w.report(finding.NoRolls, ".", NothingIsARoll, w.noRolls(r))
	}
	if w.cut {
		w.report(finding.Unreadable, ".", whatCut, doNarrow)
	}
}

// openedInAsset scans a drive that is a level or a roll.
func (w *walk) openedInAsset(r role, d day) {
	name := path.Base(w.drive.Dir())
	below := r.kind == roleBelowLevel
	if below && !w.sealed(".") && w.profile.Reel(name) == "" {
		return // it lies in a roll: nothing speaks for a level above it
	}
	w.out.Days = append(w.out.Days, d.Day)
	switch {
	case !below && r.asset.Levels && w.isLevel(".", name):
		w.level(".", name, r.asset, d)
	default:
		w.roll(".", name, r.asset, d)
	}
}

// list looks at a folder of the structure. What the drive refuses is a finding. ok is false
// where nothing is known of what it holds.
func (w *walk) list(path string) (l *listing, ok bool) {
	if w.err != nil {
		return nil, false
	}
	l, err := w.lookWhole(w.ctx, path)
	w.refused(path, err, Roll{})
	if l != nil && l.moreFolders > 0 {
		w.report(finding.Unreadable, path, fmt.Sprintf("holds more than %d folders and links, and the last %d of them were not looked at", keptFolders, l.moreFolders), doSpread)
	}
	return l, l != nil && w.err == nil
}

// refused reports why a folder could not be looked at, with the roll that it is of: once,
// and not where a folder above it says so for all that is in it. It is true of a folder
// that is there and cannot be read.
func (w *walk) refused(path string, err error, of Roll) bool {
	switch {
	case !w.isRefusal(err):
		return false
	case errors.Is(err, drive.ErrForeign):
		w.report(finding.OtherFileSystem, path, whatForeign, "")
		return false
	}
	what, do := whatUnread, doLook
	switch {
	case drive.IsShortage(err):
		what, do = whatShort, doEnd
	case isShut(err):
		path, _ = drive.Split(path)
		of, what = Roll{}, whatShut
	}
	w.out.Unread[path] = err
	if !w.said[path] && !w.out.UnreadAbove(path) {
		w.said[path] = true
		w.reportOf(of, finding.Unreadable, path, fmt.Sprintf(what, drive.Reason(err)), do)
	}
	return true
}

// isRefusal is true of an error that says something of the folder that was asked for.
// Others say nothing of it, or end the scan.
func (w *walk) isRefusal(err error) bool {
	switch {
	case err == nil, errors.Is(err, errVanished):
		return false
	case errors.Is(err, drive.ErrGone), w.ctx.Err() != nil, drive.IsShortage(err) && !w.waited:
		w.err = err
		return false
	}
	return true
}

// peek looks at a folder to answer a question. What the drive refuses holds nothing that
// could be told, and is a finding: it may hide a roll.
func (w *walk) peek(path string) []drive.Entry {
	if w.pool--; w.pool < 0 {
		w.cut = true
	}
	if w.err != nil || w.cut {
		return nil
	}
	l, err := w.look(w.ctx, path)
	if !errors.Is(err, drive.ErrForeign) {
		w.refused(path, err, Roll{})
	}
	if l == nil {
		return nil
	}
	return w.trim(path, l).entries
}

// sealed is true for a folder with a manifest at its root.
func (w *walk) sealed(path string) bool { return hasManifest(w.peek(path)) }
