package catalog

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"footagefs/catalog/roll"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// inventory is one look at a whole roll: its files held against its manifests, with what
// was observed of each. Nothing was read for it. Only the roll it belongs to changes it.
type inventory struct {
	entries    []entry // sorted by the bytes of their paths
	folders    []string
	comparison mhl.Comparison // without its items
	findings   []Finding      // of the roll, its manifests and folders; not those of its files
	unreadable []string       // what could not be read or looked at: what lies there is not missing; "." is the roll
	shift      int64          // nanoseconds by which all times of the roll moved
	revision   int64          // of the roll's stored observations, at least
	rootSum    uint64         // of the roll's root, before
	hashed     bool           // directory hashes are recorded: more of them can be compared when more was read
	linked     bool           // some of its files have other names
	inodes     inodeRange     // of its files
	began, at  time.Time      // when it was begun, and when it was complete
}

// entry is one path of a roll.
type entry struct {
	item  *mhl.Item
	there bool
	look  roll.Look // as of the inventory, or of the reading since
	obs   *roll.Observation
	// notBefore holds a file back that could not be read properly (a writer had it open,
	// it changed meanwhile, it is too young); tries counts that.
	notBefore time.Time
	tries     int
	hold      string // why
	heldAt    time.Time
}

// find returns the entry of a path, nil where there is none.
func (inv *inventory) find(path string) *entry {
	i := sort.Search(len(inv.entries), func(i int) bool { return inv.entries[i].item.Path >= path })
	if i < len(inv.entries) && inv.entries[i].item.Path == path {
		return &inv.entries[i]
	}
	return nil
}

// findNear is find for a path that was the i-th entry of this inventory, or of one before.
func (inv *inventory) findNear(path string, i int) *entry {
	if i < len(inv.entries) && inv.entries[i].item.Path == path {
		return &inv.entries[i]
	}
	return inv.find(path)
}

// below returns the entries below a folder; "." is the roll.
func (inv *inventory) below(folder string) []entry {
	if folder == "." {
		return inv.entries
	}
	from := sort.Search(len(inv.entries), func(i int) bool { return inv.entries[i].item.Path >= folder+"/" })
	to := sort.Search(len(inv.entries), func(i int) bool { return inv.entries[i].item.Path >= folder+"0" })
	return inv.entries[from:max(from, to)]
}

// takeInventory looks at a roll, reads its manifests (known ones are remembered) and
// holds both against each other and against what was observed.
func (c *Catalog) takeInventory(ctx context.Context, r *rollState) (*inventory, error) {
	d, ds := r.drive.handle(), r.drive
	rootSum, began := r.rootSum(), c.now()
	var known observed
	var reading sync.WaitGroup
	reading.Go(func() { known = c.readObserved(ctx, r) })
	defer reading.Wait()
	ds.pulse.begin()
	defer ds.pulse.end()
	met, err := walkRoll(ctx, d, r.found.Path, r.expected(), ds.pulse.beat)
	if err != nil {
		return nil, err
	}
	var sources []*mhl.Source
	var problems []mhl.Finding
	if _, blind := met.unreadable["."]; !blind { // else nobody knows which manifests it has
		sources, problems, err = mhl.ReadSources(d, r.found.Path, met.manifestsIn(c.profile), c.loader(ctx, ds))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the manifests of %s: %w", r.found.Path, err)
	}
	compared := mhl.Compare(r.found.Name, met.files, sources, mhl.CompareOptions{Litter: c.profile.Litter, RollPath: r.found.Path})
	met.overlook(c.profile, compared.Items)
	reading.Wait()
	inv := &inventory{folders: met.folders, comparison: *compared, revision: known.revision, rootSum: rootSum, began: began, at: c.now(),
		hashed: mhl.HashesFolders(sources), linked: met.linked, inodes: met.inodes}
	for f := range met.unreadable {
		inv.unreadable = append(inv.unreadable, f)
	}
	inv.fill(compared.Items, met, r.fsPath(), known.folders)
	inv.comparison.Items = nil
	inv.shift = inv.findShift(ds, r.zone())
	inv.findings = c.rollFindings(r, inv, met, append(problems, compared.Findings...))
	inv.checkFolders(r, met.files, sources, compared, ds)
	return inv, nil
}

// expected is how much there was in the roll when it was last looked at, and a little more.
func (r *rollState) expected() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.sum.Counts
	return min(n.Found+n.Ignored+n.Found/64, loadedEntries) + 16
}

// observed is what the catalog holds of a roll.
type observed struct {
	revision int64                   // of the observations, at least
	folders  map[string][]roll.Named // as the store has them
}

// readObserved reads what was observed of a roll.
func (c *Catalog) readObserved(ctx context.Context, r *rollState) observed {
	s := observed{revision: c.storedRevision(ctx, r)}
	s.folders, _ = c.store.Seen(ctx, r.drive.fsID, r.fsPath()) // none, where it cannot be read
	return s
}

// storedRevision is the revision of the observations that are read after it; 0 where it is
// not known.
func (c *Catalog) storedRevision(ctx context.Context, r *rollState) int64 {
	return c.store.Revision(ctx, r.row())
}

// fill joins items, looks and observations: all are sorted by path.
func (inv *inventory) fill(items []mhl.Item, met *contents, root string, seen map[string][]roll.Named) {
	inv.entries = make([]entry, len(items))
	var folder string
	var list []roll.Named // of the folder, from where the last name was found
	file := 0
	for i := range items {
		e := &inv.entries[i]
		e.item = &items[i]
		for file < len(met.files) && met.files[file].Path < e.item.Path {
			file++
		}
		e.there = file < len(met.files) && met.files[file].Path == e.item.Path && met.files[file].Kind == drive.Regular
		if !e.there {
			continue
		}
		e.look = met.looks[file]
		dir, name := drive.Split(e.item.Path)
		if folder != dir { // it is never ""
			folder, list = dir, seen[drive.Join(root, dir)]
		}
		if len(list) > 0 && list[0].Name < name { // the next one mostly
			list = list[1:]
		}
		if len(list) > 0 && list[0].Name < name {
			list = list[sort.Search(len(list), func(k int) bool { return list[k].Name >= name }):]
		}
		if len(list) > 0 && list[0].Name == name {
			e.obs = &list[0].Observation
		}
	}
}

// checkFolders compares recorded directory hashes, from digests that are known anyway.
func (inv *inventory) checkFolders(r *rollState, files []mhl.File, sources []*mhl.Source, compared *mhl.Comparison, ds *driveState) {
	got := func(path string, a checksum.Algorithm) (string, bool) {
		e := inv.find(path)
		if e == nil || !e.there || !inv.holds(e.obs, e.look, ds) {
			return "", false
		}
		return checksum.Find(e.obs.Sums, a)
	}
	for _, f := range mhl.CheckFolders(compared, files, sources, got) {
		f.Path = drive.Join(r.found.Path, f.Path)
		inv.findings = append(inv.findings, r.place(f.Finding))
	}
}

// loader remembers manifests by the digest of their bytes, and which file held which
// bytes while its look has not moved. Where looks prove little the bytes are read again
// at each plug-in, which costs little: manifests are small beside footage.
func (c *Catalog) loader(ctx context.Context, ds *driveState) mhl.Loader {
	d := ds.handle()
	return func(path string) (*mhl.Manifest, error) {
		info, err := d.Ask(path)
		if err != nil {
			return nil, err
		}
		full := drive.Join(ds.fs.Prefix, path)
		if m := c.store.Manifest(ctx, ds.fsID, full, roll.LookOf(info), ds.plug.Load()); m != nil {
			return m, nil
		}
		m, err := mhl.ReadManifest(d, path)
		if err != nil {
			return nil, err
		}
		after, err := d.Ask(path)
		settled := err == nil && roll.LookOf(after) == roll.LookOf(info) && !tooYoung(ds, roll.LookOf(info), c.now())
		if settled {
			c.store.SaveManifest(ctx, ds.fsID, full, roll.LookOf(info), ds.plug.Load(), m)
		}
		return m, nil
	}
}
