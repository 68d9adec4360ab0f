package catalog

import (
	"context"
	"sort"

	"footagefs/catalog/roll"
	"footagefs/catalog/store"
	"footagefs/catalog/structure"
	"footagefs/verify/drive"
)

// arrivals are rolls that the catalog does not know at their path.
type arrivals struct {
	rolls []store.NewRoll // in the byte order of their paths: the order in which names that clash get theirs
	moves []store.Move    // those of them that lay under other paths before
}

// arriving tells which of the rolls that are here are new at their place. It looks at the
// drive, to tell a roll that was moved from another one.
func (c *Catalog) arriving(ctx context.Context, ds *driveState, rolls []structure.Roll, known map[string]store.Roll) arrivals {
	var unknown []structure.Roll
	here := map[string]uint64{} // inode numbers of the rolls that are here
	for _, f := range rolls {
		full := drive.Join(ds.fs.Prefix, f.Path)
		here[full] = f.Inode
		if k, ok := known[full]; !ok || k.Inode != f.Inode || k.Gone {
			unknown = append(unknown, f)
		}
	}
	if len(unknown) == 0 {
		return arrivals{}
	}
	sort.Slice(unknown, func(i, j int) bool { return unknown[i].Path < unknown[j].Path })
	a := arrivals{rolls: make([]store.NewRoll, len(unknown))}
	for i, f := range unknown {
		a.rolls[i] = store.NewRoll{Path: drive.Join(ds.fs.Prefix, f.Path), Inode: f.Inode}
	}
	a.moves = c.findMoves(ctx, ds, unknown, here)
	return a
}

// register stores the rolls that arrived, all or none. It returns their rows by the rolls'
// paths on the drive.
func (c *Catalog) register(ctx context.Context, ds *driveState, a arrivals, seenAt int64) map[string]store.Roll {
	registered := make(map[string]store.Roll, len(a.rolls))
	if len(a.rolls) == 0 {
		return registered
	}
	for _, r := range c.store.Register(ctx, ds.fsID, a.moves, a.rolls, seenAt) {
		path, _ := drive.Relative(ds.fs.Prefix, r.Path)
		registered[path] = r
	}
	return registered
}

// findMoves tells which of the rolls lay under other paths before; several may have
// exchanged theirs.
func (c *Catalog) findMoves(ctx context.Context, ds *driveState, unknown []structure.Roll, here map[string]uint64) []store.Move {
	if !ds.fs.Strong {
		return nil
	}
	inodes := make([]int64, len(unknown))
	for i, f := range unknown {
		inodes[i] = int64(f.Inode)
	}
	same := c.store.RollsByInode(ctx, ds.fsID, inodes)
	var moves []store.Move
	for _, f := range unknown {
		full := drive.Join(ds.fs.Prefix, f.Path)
		for _, old := range same[f.Inode] {
			if old.Path != full && here[old.Path] != f.Inode && c.isMoved(ctx, ds, old, f) {
				moves = append(moves, store.Move{From: old, To: full})
				break
			}
		}
	}
	return moves
}

// fewLooks is how many files are looked at to tell a moved roll from another one.
const fewLooks = 200

// isMoved is true where a roll whose folder has the inode number of one that was known
// elsewhere is that one. File systems give the numbers of removed folders to new ones: of
// the files that were read there, one must be here. Each file's own inode number and change
// time must agree as well before its result counts.
func (c *Catalog) isMoved(ctx context.Context, ds *driveState, old store.Roll, f structure.Roll) bool {
	seen, err := c.store.Seen(ctx, ds.fsID, old.Path)
	if err != nil {
		return false
	}
	looks := 0
	for folder, list := range seen {
		rel, _ := drive.Relative(old.Path, folder)
		for i := range list {
			info, err := ds.handle().Stat(drive.Join(f.Path, drive.Join(rel, list[i].Name)))
			if err == nil && roll.LookOf(info) == list[i].Look {
				return true
			}
			if looks++; looks == fewLooks {
				return false
			}
		}
	}
	return looks == 0 && !old.Gone // nothing of it was ever read
}

// newRolls makes the states of rolls that the drive did not have before.
func (c *Catalog) newRolls(ds *driveState, found []structure.Roll, known, registered map[string]store.Roll) map[string]*rollState {
	c.mu.Lock()
	have := ds.rolls
	c.mu.Unlock()
	fresh := map[string]*rollState{}
	for i, f := range found {
		if have[f.Path] != nil {
			continue
		}
		k, ok := registered[f.Path]
		if !ok {
			k = known[drive.Join(ds.fs.Prefix, f.Path)]
		}
		r := &rollState{dbID: k.ID, drive: ds, found: f, order: k.FirstSeen, revision: k.Revision}
		if k.ID == 0 {
			r.order = c.started.UnixNano() + int64(i) // it could not be registered
		}
		// What was kept is as good as what it was made from.
		s, ok := unpackSummary(k.Summary())
		if ok && s.Revision == k.Revision && s.RootSum == f.RootSum {
			r.sum = s
		}
		r.sum.Findings = r.refill(r.sum.Findings)
		fresh[f.Path] = r
	}
	return fresh
}

// follow makes a roll that was here already the one of another row: its folder was
// replaced by that of a roll that was known elsewhere.
func (r *rollState) follow(k store.Roll) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dbID == k.ID {
		return
	}
	r.dbID, r.order, r.revision = k.ID, k.FirstSeen, k.Revision
	r.inv, r.sum, r.freshness = nil, summary{}, freshness{}
}

// row is the number of the roll's row, 0 where it could not be registered.
func (r *rollState) row() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dbID
}
