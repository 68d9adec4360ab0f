package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	iofs "io/fs"
	"maps"
	"slices"
	"sort"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/verify"
	"footagefs/verify/drive"
)

// loadedEntries bounds the memory that inventories take: about 500 bytes an entry.
const loadedEntries = 200_000

// Rolls are the selected rolls, sorted as report.csv is.
func (c *Catalog) Rolls(f Filter) []Roll {
	all := c.allRolls()
	if f.all() {
		return all
	}
	var list []Roll
	for i := range all {
		if f.matches(&all[i]) {
			list = append(list, all[i])
		}
	}
	return list
}

// allRolls is the snapshot of this version: made once, never changed.
func (c *Catalog) allRolls() []Roll {
	c.mu.Lock()
	if c.snapAt == c.version && c.snapshot != nil {
		defer c.mu.Unlock()
		return c.snapshot
	}
	version := c.version
	list := make([]Roll, 0, len(c.rolls))
	for _, r := range c.rolls {
		r.mu.Lock()
		list = append(list, r.value(r.drive.offline))
		r.mu.Unlock()
	}
	c.mu.Unlock()
	sort.Slice(list, func(i, j int) bool { return rollLess(&list[i], &list[j]) })
	markDuplicates(list)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.snapshot, c.snapAt = list, version
	return list
}

// rollLess is the order of report.csv: type, date, name, path, drive, byte by byte.
func rollLess(a, b *Roll) bool {
	switch {
	case a.Type != b.Type:
		return a.Type < b.Type
	case a.Date != b.Date:
		return a.Date < b.Date
	case a.Name != b.Name:
		return a.Name < b.Name
	case a.Path != b.Path:
		return a.Path < b.Path
	}
	return a.Drive < b.Drive
}

// markDuplicates lets each roll of a duplicate name know of its finding.
func markDuplicates(list []Roll) {
	byID := map[RollID]Finding{}
	for _, f := range duplicates(list) {
		byID[f.RollID] = f
	}
	for i := range list {
		if f, ok := byID[list[i].ID]; ok {
			if !list[i].HasError {
				list[i].Message = f.Message
			}
			list[i].HasError = true
		}
	}
}

func (f Filter) all() bool {
	return f.Date == "" && f.Roll == "" && f.Type == "" && len(f.Drives)+len(f.Paths)+len(f.IDs) == 0
}

func (f Filter) matches(r *Roll) bool {
	if f.Date != "" && f.Date != r.Date || f.Roll != "" && f.Roll != r.Name || f.Type != "" && f.Type != r.Type {
		return false
	}
	return contains(f.Drives, r.Drive) && contains(f.IDs, r.ID) && f.near(r.Drive, r.Path)
}

// contains is true for a selection of nothing in particular, too.
func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return len(list) == 0
}

// near is true for what lies at or below one of the filter's places, or above one.
func (f Filter) near(d DriveID, path string) bool {
	for _, p := range f.Paths {
		_, in := relativeTo(p.Path, path)
		_, above := relativeTo(path, p.Path)
		if p.Drive == d && (in || above) {
			return true
		}
	}
	return len(f.Paths) == 0
}

func (c *Catalog) roll(id RollID) *rollState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rolls[id]
}

// states are the selected rolls' states, in the order of Rolls.
func (c *Catalog) states(f Filter) []*rollState {
	rolls := c.Rolls(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*rollState, 0, len(rolls))
	for i := range rolls {
		if r := c.rolls[rolls[i].ID]; r != nil {
			list = append(list, r)
		}
	}
	return list
}

// Inventory looks at every selected roll: its files are held against its manifests. No
// footage is read. A drive that is gone makes its rolls offline, and is no error.
func (c *Catalog) Inventory(ctx context.Context, f Filter) error {
	g, looking := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, r := range c.states(f) {
		g.Go(func() error {
			err := c.refresh(looking, r)
			if errors.Is(err, drive.ErrGone) || errors.Is(err, iofs.ErrNotExist) {
				return nil
			}
			return err
		})
	}
	err := g.Wait()
	c.saveSummaries(ctx)
	return err
}

// refresh takes a roll's inventory, one at a time for each roll.
func (c *Catalog) refresh(ctx context.Context, r *rollState) error {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	return c.refreshLocked(ctx, r)
}

func (c *Catalog) refreshLocked(ctx context.Context, r *rollState) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.beginLook()
	start := time.Now()
	inv, err := c.takeInventory(ctx, r)
	if err != nil {
		r.failLook()
		if errors.Is(err, drive.ErrGone) {
			c.setOffline(r.drive, true)
		}
		return err
	}
	r.endLook(inv, c.now(), time.Since(start))
	c.account(r)
	c.rederive(r)
	return nil
}

// beginLook begins to collect what is observed while an inventory is being taken.
func (r *rollState) beginLook() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty, r.looking, r.meanwhile = false, true, nil
}

func (r *rollState) failLook() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty, r.looking, r.meanwhile = true, false, nil
}

// endLook takes over a new inventory, and what was observed while it was taken.
func (r *rollState) endLook(inv *inventory, now time.Time, cost time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv != nil {
		inv.keepHolds(r.inv)
	}
	for _, b := range r.meanwhile {
		if !inv.apply(b) {
			r.dirty = true
		}
	}
	r.looking, r.meanwhile = false, nil
	r.inv, r.lookedAt, r.cost, r.doubtful = inv, now, cost, false
	r.revision = max(r.revision, inv.revision)
}

// keepHolds takes over which files are held back for a while, also of those that changed
// since: one that never stops changing must not be tried for ever.
func (inv *inventory) keepHolds(old *inventory) {
	for i := range old.entries {
		if o := &old.entries[i]; o.tries > 0 {
			if e := inv.find(o.item.Path); e != nil {
				e.notBefore, e.tries, e.hold, e.heldAt = o.notBefore, o.tries, o.hold, o.heldAt
			}
		}
	}
}

// account keeps the sum of loaded entries within bounds: the inventories that were not
// used for longest are let go of, never that of r. They are taken again when they are needed.
func (c *Catalog) account(r *rollState) {
	type use struct {
		r       *rollState
		at      time.Time
		entries int
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var loaded []use
	sum := 0
	for _, o := range c.rolls {
		o.mu.Lock()
		if o.inv != nil {
			sum += len(o.inv.entries)
			loaded = append(loaded, use{o, o.usedAt, len(o.inv.entries)})
		}
		o.mu.Unlock()
	}
	if sum <= loadedEntries {
		return
	}
	slices.SortFunc(loaded, func(a, b use) int { return a.at.Compare(b.at) })
	for _, o := range loaded {
		if sum <= loadedEntries*3/4 {
			return
		}
		if o.r != r {
			o.r.mu.Lock()
			o.r.inv = nil
			o.r.mu.Unlock()
			sum -= o.entries
		}
	}
}

// rederive makes the roll's summary anew; a visible change moves the version.
func (c *Catalog) rederive(r *rollState) {
	r.mu.Lock()
	if r.inv == nil {
		r.mu.Unlock()
		return
	}
	s := r.derive(r.inv, c.profile)
	s.Changed = r.sum.Changed
	changed := !sameSummary(s, r.sum)
	if changed {
		s.Changed = c.now()
	}
	stored := s.Revision == r.sum.Revision && s.RootSum == r.sum.RootSum
	r.sum = s
	r.mu.Unlock()
	if changed || !stored {
		c.mu.Lock()
		c.unsaved[r] = true
		c.mu.Unlock()
	}
	if changed {
		c.bump()
	}
}

// sameSummary compares what others see of two summaries.
func sameSummary(a, b summary) bool {
	a.Revision, a.RootSum = b.Revision, b.RootSum
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// saveSummaries stores what changed since it was last stored. What cannot be stored now is
// tried again later.
func (c *Catalog) saveSummaries(ctx context.Context) {
	if c.isFailing() {
		return
	}
	c.mu.Lock()
	unsaved := c.unsaved
	c.unsaved = map[*rollState]bool{}
	c.mu.Unlock()
	blobs := map[storedKey][]byte{}
	for r := range unsaved {
		r.mu.Lock()
		if b, err := packSummary(&r.sum); err == nil && r.dbID != 0 {
			blobs[storedKey{r.dbID, r.fsPath()}] = b
		}
		r.mu.Unlock()
	}
	if len(blobs) == 0 {
		return
	}
	if err := c.store.Load().saveSummary(ctx, blobs); err != nil {
		c.storeFailed(err)
		c.mu.Lock()
		maps.Copy(c.unsaved, unsaved)
		c.mu.Unlock()
	}
}

// storedSummary is a summary whose paths survive JSON, whatever bytes they have.
type storedSummary struct {
	summary
	Findings []storedFinding
	Names    [][]byte // Manifest, Tool, Message
}

type storedFinding struct {
	Severity      Severity
	Code          string
	Path, Message []byte
}

func packSummary(s *summary) ([]byte, error) {
	st := storedSummary{summary: *s, Names: [][]byte{[]byte(s.Manifest), []byte(s.Tool), []byte(s.Message)}}
	for _, f := range s.Findings {
		st.Findings = append(st.Findings, storedFinding{f.Severity, f.Code, []byte(f.Path), []byte(f.Message)})
	}
	return json.Marshal(st)
}

func unpackSummary(blob []byte, id int64, path string) (summary, error) {
	body, err := openBlob(blob, summaryKey(id, path))
	if err != nil {
		return summary{}, err
	}
	var st storedSummary
	if err := json.Unmarshal(body, &st); err != nil || len(st.Names) != 3 {
		return summary{}, errDamaged
	}
	s := st.summary
	s.Findings = nil
	for _, f := range st.Findings {
		s.Findings = append(s.Findings, Finding{Severity: f.Severity, Code: f.Code, Path: string(f.Path), Message: string(f.Message)})
	}
	s.Manifest, s.Tool, s.Message = string(st.Names[0]), string(st.Names[1]), string(st.Names[2])
	return s, nil
}

// freshFor is how long a look is as good as new where no watch covers the drive.
const freshFor = 2 * time.Second

// current makes the roll's inventory as fresh as a look allows: taken where there is
// none, again where something changed and where looks are old, but never more often than
// they cost little.
func (c *Catalog) current(ctx context.Context, r *rollState, need bool) error {
	if !r.wantsLook(c.now(), c.isWatched(r.drive), need) {
		return nil
	}
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	// Another caller may have looked while this one waited.
	if !r.wantsLook(c.now(), c.isWatched(r.drive), need) {
		return nil
	}
	return c.refreshLocked(ctx, r)
}

func (r *rollState) wantsLook(now time.Time, watched, need bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.usedAt = now
	age := now.Sub(r.lookedAt)
	switch {
	case r.inv == nil && need:
		return true
	case r.lookedAt.IsZero():
		return true
	case r.dirty:
		return age > 5*r.cost
	case watched:
		return false
	}
	return age > freshFor && age > 20*r.cost
}

func (c *Catalog) isWatched(ds *driveState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.watched
}

// Roll is one roll, made current by a look that reads no footage.
func (c *Catalog) Roll(ctx context.Context, id RollID) (Roll, bool) {
	r := c.roll(id)
	if r == nil {
		return Roll{}, false
	}
	if err := c.current(ctx, r, false); err != nil {
		c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
	}
	for _, v := range c.allRolls() {
		if v.ID == id {
			return v, true
		}
	}
	return Roll{}, false
}

// File is the verdict of one path of a roll: one look at the file, no hash. A path that is
// neither on the drive nor listed is iofs.ErrNotExist.
func (c *Catalog) File(ctx context.Context, id RollID, path string) (File, error) {
	r := c.roll(id)
	if r == nil {
		return File{}, fmt.Errorf("looking up %s: %w", path, iofs.ErrNotExist)
	}
	if c.isOffline(r.drive) {
		return offlineFile(r, path), nil
	}
	info, err := r.drive.handle().Stat(joinPath(r.found.Path, path))
	if errors.Is(err, drive.ErrGone) {
		c.setOffline(r.drive, true)
		return offlineFile(r, path), nil
	}
	there := err == nil && info.Kind == drive.Regular
	r.notice(path, lookOf(info), there)
	if err := c.current(ctx, r, true); err != nil {
		return File{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return File{}, fmt.Errorf("looking up %s: %w", path, drive.ErrGone)
	}
	e := r.inv.find(path)
	if e == nil {
		if !there {
			return File{}, fmt.Errorf("looking up %s: %w", path, iofs.ErrNotExist)
		}
		// It came within the last moments; the next inventory says what it is.
		return File{Path: path, Status: verify.Pending, SizeListed: -1, SizeFound: info.Size}, nil
	}
	v := r.inv.judge(r, e, lookOf(info), there)
	if err != nil && !errors.Is(err, iofs.ErrNotExist) {
		v = verdict{status: verify.Unreadable, message: path + ": the drive could not look at it (" + reasonOf(err) + ")"}
	}
	return v.file(r, e, lookOf(info), there), nil
}

// notice marks the roll for a new inventory when a fresh look differs from the last one.
func (r *rollState) notice(path string, l look, there bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return
	}
	if e := r.inv.find(path); e == nil || e.there != there || there && e.look != l {
		r.dirty = true
	}
}

// offlineFile is what is known of a file whose drive is not here: nothing about its bytes.
func offlineFile(r *rollState, path string) File {
	return File{Path: path, Status: verify.Unreadable, SizeListed: -1, SizeFound: -1,
		Message: path + ": its drive is not here"}
}

// Folder is the worst status below a folder of a roll and a message; no status where there
// is no file.
func (c *Catalog) Folder(ctx context.Context, id RollID, path string) (File, error) {
	r := c.roll(id)
	if r == nil {
		return File{}, fmt.Errorf("looking up %s: %w", path, iofs.ErrNotExist)
	}
	if c.isOffline(r.drive) {
		return offlineFile(r, path), nil
	}
	if err := c.current(ctx, r, true); err != nil {
		return File{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f := File{Path: path, SizeListed: -1, SizeFound: -1}
	if r.inv == nil {
		return f, nil
	}
	var statuses []verify.Status
	entries := r.inv.below(path)
	for i := range entries {
		e := &entries[i]
		statuses = append(statuses, r.inv.judge(r, e, e.look, e.there).status)
	}
	if len(statuses) > 0 {
		f.Status = verify.Worst(statuses...)
	}
	full := joinPath(r.found.Path, path)
	for _, x := range r.inv.findings {
		if x.Path == full {
			f.Message = x.Message
			break
		}
	}
	return f, nil
}

func (c *Catalog) isOffline(ds *driveState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ds.offline
}

// setOffline changes whether a drive is here; its rolls' statuses follow.
func (c *Catalog) setOffline(ds *driveState, offline bool) {
	c.mu.Lock()
	changed := ds.offline != offline
	ds.offline = offline
	c.mu.Unlock()
	if changed {
		c.bump()
	}
}
