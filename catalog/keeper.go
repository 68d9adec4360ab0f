package catalog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"footagefs/catalog/roll"
	"footagefs/verify/drive"
)

const (
	tickEvery   = time.Second      // looks for what came, changed or went where nobody tells
	slowTick    = 10 * time.Second // the same where a watch tells
	roundEvery  = 10 * time.Minute // everything is looked at again
	linkedEvery = 2 * time.Second  // files that other names may change
	// roundShare is the part of the time that looks take which nobody asked for and nothing
	// told of: a twentieth.
	roundShare = 20
	// glanceShare is the same of looks for files that got another name: a fiftieth, and not
	// more than mostGlance at a time.
	glanceShare = 50
	mostGlance  = 20 * time.Millisecond
)

// keeper keeps what is known of one drive fresh: it takes the drive back when it returns,
// looks at its structure, then at the rolls of which something was told, then at those
// that nobody looked at yet, and last, seldom, at all. It is one goroutine a drive and
// shares nothing with the others while it looks: a drive that hangs holds up itself only.
type keeper struct {
	c  *Catalog
	ds *driveState

	scanned  time.Time // when its structure was last looked at
	mayScan  time.Time // when it may be again without being told
	mayRound time.Time // when the round may take its next look
	mayPoll  time.Time // when manifests, or files with other names, may be looked at again
	mayPeek  time.Time // when it may be looked for new names of files again
	soonest  time.Time // when the first of the rolls that are left alone may be looked at
}

// keep keeps a drive fresh until ctx ends.
func (c *Catalog) keep(ctx context.Context, ds *driveState) error {
	k := &keeper{c: c, ds: ds, scanned: c.now()} // AddDrive looked at its structure just now
	for {
		k.turn(ctx)
		wait := tickEvery
		if !k.soonest.IsZero() {
			wait = max(0, min(wait, time.Until(k.soonest)))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-ds.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// turn does all that is to be done now. What is told meanwhile goes first.
func (k *keeper) turn(ctx context.Context) {
	if !k.isHere(ctx) {
		return
	}
	k.ds.sawMounts()
	k.ds.retried = time.Time{} // once it goes its own folder is tried at once
	for ctx.Err() == nil && !k.ds.handle().Gone() {
		k.structure(ctx)
		if told := k.told(); len(told) > 0 {
			k.look(ctx, told, false)
			continue
		}
		if unseen := k.unseen(); len(unseen) > 0 {
			k.look(ctx, unseen, true)
			continue
		}
		k.poll(ctx)
		k.glance(ctx)
		if !k.round(ctx) {
			return
		}
	}
}

// isHere takes the drive back where it was away and returned.
func (k *keeper) isHere(ctx context.Context) bool {
	if !k.ds.handle().Gone() {
		return true
	}
	k.c.setOffline(k.ds, true)
	return k.c.comeBack(ctx, k.ds)
}

// structure looks at the drive's folders where something was told of them, and where
// nothing tells, from time to time.
func (k *keeper) structure(ctx context.Context) {
	now := k.c.now()
	k.c.mu.Lock()
	stale, due := k.ds.stale || k.ds.offline, now.After(k.mayScan) && now.Sub(k.scanned) > slowTick
	if !k.ds.watched {
		due = now.After(k.mayScan) && now.Sub(k.scanned) > tickEvery
	}
	k.c.mu.Unlock()
	if !stale && !due {
		return
	}
	k.scanned = now
	k.c.rescan(ctx, k.ds)
	k.mayScan = k.after(now)
}

// after is when work that began at start may be done again without anybody asking for it.
func (k *keeper) after(start time.Time) time.Time {
	now := k.c.now()
	return now.Add((roundShare - 1) * now.Sub(start))
}

// rolls are the drive's rolls, in the order of report.csv.
func (k *keeper) rolls() []*rollState { return k.c.states(Filter{Drives: []DriveID{k.ds.id}}) }

// told are the rolls of which something was told and that may be looked at now: those that
// wait for longest first. It sets when the first of the others may be.
func (k *keeper) told() []*rollState {
	now := k.c.now()
	owed := map[*rollState]time.Time{}
	var list []*rollState
	k.soonest = time.Time{}
	for _, r := range k.rolls() {
		r.mu.Lock()
		at, owes, rest := r.fresh.Owed(), r.fresh.State == roll.Stale, r.pause()-now.Sub(r.lookedAt)
		r.mu.Unlock()
		switch {
		case !owes:
		case rest <= 0:
			owed[r] = at
			list = append(list, r)
		case k.soonest.IsZero() || now.Add(rest).Before(k.soonest):
			k.soonest = now.Add(rest)
		}
	}
	slices.SortStableFunc(list, func(a, b *rollState) int { return owed[a].Compare(owed[b]) })
	return list
}

// unseen are the rolls that nobody looked at since the start, or since the drive came back:
// those that somebody uses first, then the newest day's.
func (k *keeper) unseen() []*rollState {
	used := map[*rollState]time.Time{}
	var list []*rollState
	for _, r := range k.rolls() {
		r.mu.Lock()
		unseen, at := r.fresh.State == roll.Remembered, r.usedAt
		r.mu.Unlock()
		if unseen {
			used[r] = at
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *rollState) int {
		return cmp.Or(used[b].Compare(used[a]), strings.Compare(b.found.Date, a.found.Date), strings.Compare(a.found.Path, b.found.Path))
	})
	return list
}

// look looks at rolls, a few at a time, until something is told. Politely, it lets those
// who list folders of the mount go before.
func (k *keeper) look(ctx context.Context, rolls []*rollState, politely bool) {
	g := new(errgroup.Group)
	g.SetLimit(atATime)
	for _, r := range rolls {
		if ctx.Err() != nil || k.ds.handle().Gone() || k.wasWoken() {
			break
		}
		g.Go(func() error {
			if politely {
				k.c.giveWay(ctx)
			}
			k.c.refreshDue(ctx, r)
			return nil
		})
	}
	_ = g.Wait() // nothing returns an error
	k.c.saveSummaries(ctx)
}

// wasWoken takes the word that something was told.
func (k *keeper) wasWoken() bool {
	select {
	case <-k.ds.wake:
		return true
	default:
		return false
	}
}

// poll looks for changes that nothing tells: of manifests where no watch covers the drive,
// and of files that may be changed by another name.
func (k *keeper) poll(ctx context.Context) {
	now := k.c.now()
	if !now.After(k.mayPoll) {
		return
	}
	watched, byFile := k.c.coverage(k.ds)
	for _, r := range k.rolls() {
		switch {
		case ctx.Err() != nil:
			return
		case !watched:
			k.c.checkManifests(r)
		case !byFile && r.hasLinks() && !r.sameAgain():
			k.c.tell(r)
		}
	}
	k.mayPoll = k.after(now)
	if watched {
		k.mayPoll = now.Add(max(linkedEvery, 2*k.c.now().Sub(now)))
	}
}

// glance looks for files that got another name: a watch of folders tells neither that, nor
// what is written by that name. It sees to the rolls that were not seen to for longest, for
// a moment.
func (k *keeper) glance(ctx context.Context) {
	began := k.c.now()
	if watched, byFile := k.c.coverage(k.ds); !watched || byFile || began.Before(k.mayPeek) {
		return
	}
	seen := map[*rollState]time.Time{}
	var list []*rollState
	for _, r := range k.rolls() {
		r.mu.Lock()
		last := r.fresh.AsOf
		if r.glanced.After(last) {
			last = r.glanced
		}
		if r.inv != nil && r.fresh.State == roll.Current && !r.linked && began.Sub(last) > linkedEvery {
			seen[r] = last
			list = append(list, r)
		}
		r.mu.Unlock()
	}
	slices.SortStableFunc(list, func(a, b *rollState) int { return seen[a].Compare(seen[b]) })
	for _, r := range list {
		if ctx.Err() != nil || len(k.ds.wake) > 0 || k.c.now().Sub(began) > mostGlance {
			break
		}
		if !r.sameAgain() {
			k.c.tell(r)
		}
		r.mu.Lock()
		r.glanced = began
		r.mu.Unlock()
	}
	now := k.c.now()
	k.mayPeek = now.Add((glanceShare - 1) * now.Sub(began))
}

// round looks at the roll that was looked at longest ago, where that is long enough ago. It
// is false where there is none, or where the round has had its share of the time.
func (k *keeper) round(ctx context.Context) bool {
	now := k.c.now()
	if !now.After(k.mayRound) {
		return false
	}
	var oldest *rollState
	at := now.Add(-roundEvery)
	for _, r := range k.rolls() {
		r.mu.Lock()
		if r.fresh.State == roll.Current && r.fresh.AsOf.Before(at) {
			oldest, at = r, r.fresh.AsOf
		}
		r.mu.Unlock()
	}
	if oldest == nil {
		k.mayRound = now.Add(tickEvery)
		return false
	}
	k.c.giveWay(ctx)
	if err := k.c.refresh(ctx, oldest); err != nil {
		k.c.log.Debug("looking at a roll", "roll", oldest.found.Path, "error", err)
	}
	k.mayRound = k.after(now)
	return true
}

// refreshDue looks at a roll where that is still to be done.
func (c *Catalog) refreshDue(ctx context.Context, r *rollState) {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	if !r.isDue() {
		return // another did
	}
	if err := c.refreshLocked(ctx, r); err != nil && !errors.Is(err, drive.ErrGone) {
		c.log.Debug("looking at a roll", "roll", r.found.Path, "error", err)
	}
}
