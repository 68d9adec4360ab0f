package catalog

import (
	"context"
	"database/sql"
	"sort"

	"footagefs/catalog/structure"
)

// arrivals are rolls that the catalog does not know at their path.
type arrivals struct {
	rolls []newRoll // in the byte order of their paths: the order in which names that clash get theirs
	moves []move    // those of them that lay under other paths before
}

// arriving tells which of the rolls that are here are new at their place. It looks at the
// drive, to tell a roll that was moved from another one.
func (c *Catalog) arriving(ctx context.Context, ds *driveState, rolls []structure.Roll, known map[string]storedRoll) arrivals {
	var unknown []structure.Roll
	here := map[string]uint64{} // inode numbers of the rolls that are here
	for _, f := range rolls {
		full := joinPath(ds.fs.Prefix, f.Path)
		here[full] = f.Inode
		if k, ok := known[full]; !ok || k.inode != f.Inode || k.gone {
			unknown = append(unknown, f)
		}
	}
	if len(unknown) == 0 {
		return arrivals{}
	}
	sort.Slice(unknown, func(i, j int) bool { return unknown[i].Path < unknown[j].Path })
	a := arrivals{rolls: make([]newRoll, len(unknown))}
	for i, f := range unknown {
		a.rolls[i] = newRoll{joinPath(ds.fs.Prefix, f.Path), f.Inode}
	}
	a.moves = c.findMoves(ctx, ds, unknown, here)
	return a
}

// register stores the rolls that arrived, in one transaction. It returns their rows by the
// rolls' paths on the drive.
func (c *Catalog) register(ctx context.Context, ds *driveState, a arrivals, seenAt int64) (map[string]storedRoll, error) {
	registered := map[string]storedRoll{}
	if len(a.rolls) == 0 {
		return registered, nil
	}
	err := c.store.Load().update(ctx, "registering rolls", func(tx *sql.Tx) error {
		if err := moveRolls(ctx, tx, ds.fsID, a.moves); err != nil {
			return err
		}
		return registerRolls(ctx, tx, ds.fsID, a.rolls, seenAt, func(r storedRoll) {
			path, _ := relativeTo(ds.fs.Prefix, r.path)
			registered[path] = r
		})
	})
	if err != nil {
		return nil, err
	}
	return registered, nil
}

// findMoves tells which of the rolls lay under other paths before; several may have
// exchanged theirs.
func (c *Catalog) findMoves(ctx context.Context, ds *driveState, unknown []structure.Roll, here map[string]uint64) []move {
	if !ds.fs.Strong {
		return nil
	}
	inodes := make([]int64, len(unknown))
	for i, f := range unknown {
		inodes[i] = int64(f.Inode)
	}
	same, err := c.store.Load().rollsByInode(ctx, ds.fsID, inodes)
	if err != nil {
		c.storeFailed(err)
		return nil
	}
	var moves []move
	for _, f := range unknown {
		full := joinPath(ds.fs.Prefix, f.Path)
		for _, old := range same[f.Inode] {
			if old.path != full && here[old.path] != f.Inode && c.isMoved(ctx, ds, old, f) {
				moves = append(moves, move{old, full})
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
func (c *Catalog) isMoved(ctx context.Context, ds *driveState, old storedRoll, f structure.Roll) bool {
	seen, _, err := c.store.Load().seenBelow(ctx, ds.fsID, old.path)
	if err != nil {
		c.storeFailed(err)
		return false
	}
	looks := 0
	for folder, list := range seen {
		rel, _ := relativeTo(old.path, folder)
		for i := range list {
			info, err := ds.handle().Stat(joinPath(f.Path, joinPath(rel, list[i].name)))
			if err == nil && lookOf(info) == list[i].look {
				return true
			}
			if looks++; looks == fewLooks {
				return false
			}
		}
	}
	return looks == 0 && !old.gone // nothing of it was ever read
}

// newRolls makes the states of rolls that the drive did not have before.
func (c *Catalog) newRolls(ds *driveState, found []structure.Roll, known, registered map[string]storedRoll) map[string]*rollState {
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
			k = known[joinPath(ds.fs.Prefix, f.Path)]
		}
		r := &rollState{dbID: k.id, drive: ds, found: f, order: k.firstSeen, revision: k.revision}
		if k.id == 0 {
			r.order = c.started.UnixNano() + int64(i) // it could not be registered
		}
		// What was kept is as good as what it was made from.
		s, err := unpackSummary(k.summary, k.id, k.path)
		if err == nil && s.Revision == k.revision && s.RootSum == f.RootSum {
			r.sum = s
		}
		r.sum.Findings = r.refill(r.sum.Findings)
		fresh[f.Path] = r
	}
	return fresh
}

// follow makes a roll that was here already the one of another row: its folder was
// replaced by that of a roll that was known elsewhere.
func (r *rollState) follow(k storedRoll) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dbID == k.id {
		return
	}
	r.dbID, r.order, r.revision = k.id, k.firstSeen, k.revision
	r.inv, r.sum, r.freshness = nil, summary{}, freshness{}
}

// row is the number of the roll's row, 0 where it could not be registered.
func (r *rollState) row() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dbID
}
