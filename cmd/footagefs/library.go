package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"footagefs/catalog"
	"footagefs/cmd/footagefs/control"
	"footagefs/verify/drive"
)

// library is what review, verify, status and report work on: drives opened by this
// process, or a part of a live mount, which then answers for itself.
type library struct {
	cat  *catalog.Catalog // nil where a live mount answers
	live *control.Client  // nil where drives were given
}

// openLibrary tells drives from paths in a live mount and opens what was given. The
// query's paths become those in the mount.
func (p *program) openLibrary(ctx context.Context, op control.Operation, operands []string, q *query) (*library, error) {
	m, rels, err := inMount(operands)
	if err != nil {
		return nil, err
	}
	if rels == nil {
		cat, err := p.openDrives(ctx, operands, p.catalogPath(), p.profile)
		return &library{cat: cat}, err
	}
	if op == control.OpReview { // its exit status is a verdict
		if err := m.OwnOnly(); err != nil {
			return nil, err
		}
	}
	c, err := control.Connect(ctx, m)
	if err != nil {
		return nil, err
	}
	p.sayWhose(m)
	q.Paths = rels
	return &library{live: c}, p.sameCatalog(c)
}

// isForeign is true where another user's mount answers.
func (l *library) isForeign() bool { return l.live != nil && l.live.Mount.IsForeign() }

// inMount tells in which live mount the operands lie, and where in its tree; the list is
// nil where they are drives.
func inMount(operands []string) (control.Mount, []control.Exact, error) {
	var mount control.Mount
	var rels []control.Exact
	for i, operand := range operands {
		if _, err := os.Lstat(operand); errors.Is(err, os.ErrNotExist) {
			return mount, nil, fmt.Errorf("%s is not there", operand)
		}
		m, rel, err := control.Find(operand)
		switch {
		case errors.Is(err, control.ErrNotMounted) && rels == nil:
			continue
		case err != nil && !errors.Is(err, control.ErrNotMounted):
			return mount, nil, err
		case err != nil || i > 0 && (rels == nil || m != mount):
			return mount, nil, usagef("give drives, or paths inside one mount, not both")
		}
		mount, rels = m, append(rels, control.Exact(rel))
	}
	return mount, rels, nil
}

// sameCatalog refuses a catalog or profile of its own beside a live mount's.
func (p *program) sameCatalog(c *control.Client) error {
	if p.catalog != "" && !sameFile(p.catalog, string(c.Hello.Catalog)) {
		return usagef("the mount %s answers from its own catalog; leave --catalog away", c.Mount.Point)
	}
	if p.profile != "" && p.profile != string(c.Hello.Profile) {
		return usagef("the mount %s answers by its own profile; leave --profile away", c.Mount.Point)
	}
	return nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// openDrives opens a catalog of these drives and says what it has to tell.
func (p *program) openDrives(ctx context.Context, dirs []string, path, profile string) (*catalog.Catalog, error) {
	if err := checkDrives(dirs); err != nil {
		return nil, err
	}
	cat, err := catalog.Open(ctx, catalog.Options{Path: path, Profile: profile, Drives: dirs, Log: p.logger()})
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if _, err := cat.AddDrive(ctx, dir); err != nil {
			return nil, errors.Join(err, cat.Close())
		}
	}
	p.sayNotes(cat)
	return cat, nil
}

// sayNotes passes on what the catalog wants the user to know.
func (p *program) sayNotes(cat *catalog.Catalog) {
	for _, note := range cat.Notes() {
		p.say("%s", note)
	}
}

// accessTimes says of which drives reading may move access times: nothing else of ours
// reaches a drive, and that can be had only with privilege, or from the drive's own mount.
func accessTimes(drives []catalog.Drive) []string {
	var notes []string
	for _, d := range drives {
		if d.Handle != nil && !d.Offline && d.Handle.AccessTimes() {
			notes = append(notes, fmt.Sprintf("reading %s may move its files' access times, as the drive is mounted; mount it ro or noatime where they must stay", d.Dir))
		}
	}
	return notes
}

// checkDrives refuses what is no folder, and drives given twice or one in the other: their
// rolls would be counted twice.
func checkDrives(dirs []string) error {
	infos := make([]os.FileInfo, len(dirs))
	reals := make([]string, len(dirs))
	for i, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("opening the drive %s: %w", dir, reason(err))
		}
		if !info.IsDir() {
			return fmt.Errorf("the drive %s is no folder", dir)
		}
		infos[i] = info
		if reals[i], err = control.RealPath(dir); err != nil {
			return err
		}
	}
	for i := range dirs {
		for j := range dirs[:i] {
			switch {
			case os.SameFile(infos[i], infos[j]):
				return usagef("the drives %s and %s are the same folder; give it once", dirs[j], dirs[i])
			case isBelow(reals[i], reals[j]) || isBelow(reals[j], reals[i]):
				return usagef("the drives %s and %s lie one in the other; give the outer one", dirs[j], dirs[i])
			}
		}
	}
	return nil
}

// reason is an error without the operation and path that are said already.
func reason(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// print answers a query on stdout, in this process or in the live mount's.
func (l *library) print(ctx context.Context, op control.Operation, q query, out io.Writer) error {
	if l.live != nil {
		return ended(l.live.Print(ctx, op, q.Query, out, nil))
	}
	return ended(q.answer(ctx, l.cat, catalog.Filter{}, op, out))
}

// close ends the work on drives of this process.
func (l *library) close() error {
	if l == nil || l.cat == nil {
		return nil
	}
	return l.cat.Close()
}

// absolute resolves a path that a process in another folder will use.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding out where %s is: %w", path, err)
	}
	return abs, nil
}

// isFolder reports whether path is a folder now.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isBelow is true for a folder and all that lies in it.
func isBelow(path, dir string) bool {
	_, in := drive.Relative(dir, path)
	return in
}
