package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"

	"footagefs/catalog/roll"
	"footagefs/verify"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// Roll is one roll, made current by a look that reads no footage.
func (c *Catalog) Roll(ctx context.Context, id RollID) (Roll, bool) {
	r := c.roll(id)
	if r == nil {
		return Roll{}, false
	}
	if err := c.current(ctx, r, false); err != nil {
		c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
	}
	rolls := c.allRolls().rolls
	for i := range rolls {
		if rolls[i].ID == id {
			return rolls[i], true
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
	info, err := r.drive.handle().Ask(drive.Join(r.found.Path, path))
	if errors.Is(err, drive.ErrGone) {
		c.setOffline(r.drive, true)
		return offlineFile(r, path), nil
	}
	if drive.IsShortage(err) {
		return File{}, fmt.Errorf("looking up %s: %w", path, err)
	}
	there := err == nil && info.Kind == drive.Regular
	if r.notice(path, roll.LookOf(info), there) {
		c.tell(r)
	}
	if err := c.current(ctx, r, true); err != nil {
		return File{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil {
		return File{}, fmt.Errorf("looking up %s: %w", path, drive.ErrGone)
	}
	e := r.inv.find(path)
	unreadable := err != nil && !errors.Is(err, iofs.ErrNotExist) && !errors.Is(err, drive.ErrForeign)
	if e == nil {
		if unreadable || r.inv.hidden(path) {
			return unreadableFile(path, err), nil
		}
		if !there {
			return File{}, fmt.Errorf("looking up %s: %w", path, iofs.ErrNotExist)
		}
		// It came within the last moments; the next inventory says what it is.
		return File{Path: path, Status: verify.Pending, SizeListed: -1, SizeFound: info.Size}, nil
	}
	v := r.inv.judge(r, e, roll.LookOf(info), there)
	if unreadable {
		v = verdict{status: verify.Unreadable}
	}
	f := v.file(r, e, roll.LookOf(info), there)
	if unreadable {
		f.Message = unreadableFile(path, err).Message
	}
	return f, nil
}

// unreadableFile is a path that the drive does not let be looked at, or not the folder in
// which it lies; err is nil for the latter.
func unreadableFile(path string, err error) File {
	f := File{Path: path, Status: verify.Unreadable, SizeListed: -1, SizeFound: -1}
	what := "the drive could not read the folder in which it lies"
	if err != nil {
		what = "the drive could not look at it (" + drive.Reason(err) + ")"
	}
	said := finding.New(finding.Unreadable, path, what)
	f.Message = said.Message(path)
	return f
}

// notice is true where a fresh look at a file differs from the last one.
func (r *rollState) notice(path string, l roll.Look, there bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inv == nil || r.inv.hidden(path) {
		return false
	}
	e := r.inv.find(path)
	return e == nil || e.there != there || there && e.look != l
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
	for _, at := range r.inv.unreadable { // there may be files in it that nobody knows of
		_, in := drive.Relative(path, at)
		_, above := drive.Relative(at, path)
		if in || above {
			statuses = append(statuses, verify.Unreadable)
		}
	}
	if len(statuses) > 0 {
		f.Status = verify.Worst(statuses...)
	}
	full := drive.Join(r.found.Path, path)
	for i := range r.inv.findings {
		x := &r.inv.findings[i]
		if _, in := drive.Relative(x.Path, full); x.Path == full || in && x.Code == finding.Unreadable {
			f.Message = x.Message()
			break
		}
	}
	return f, nil
}
