package catalog

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"slices"
	"sort"
	"strings"
	"syscall"

	"footagefs/catalog/profile"
	"footagefs/catalog/roll"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// contents is what a walk of a roll met.
type contents struct {
	files      []mhl.File  // with looks, sorted by the bytes of their paths
	looks      []roll.Look // of each of the files
	folders    []string
	unreadable map[string]unread
	odd        []finding.Finding // links, special files, other file systems
	linked     bool              // some of the files have other names
	inodes     inodeRange
}

// unread says why the drive could not list a folder, or not look at what lies at a path.
type unread struct {
	kind drive.Kind
	err  error
}

// walkRoll looks at everything in a roll. What the drive refuses is noted and the walk
// goes on, also where that is the roll's own folder ("."). What ends it: a drive that is
// gone, a roll that is not there any more, a shortage of this process's own. expected is how
// many files there are, about; beat is called now and then while the drive answers.
func walkRoll(ctx context.Context, d *drive.Drive, root string, expected int, beat func()) (*contents, error) {
	c := &contents{unreadable: map[string]unread{}, files: make([]mhl.File, 0, expected), looks: make([]roll.Look, 0, expected)}
	err := d.Walk(ctx, root, func(path string, info drive.Info, err error) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if root == "." {
			rel = path
		}
		switch {
		case errors.Is(err, drive.ErrGone), drive.IsShortage(err):
			return err
		case err != nil && !errors.Is(err, drive.ErrForeign):
			if errors.Is(err, iofs.ErrPermission) && info.Mode == 0 {
				// It could not even be looked at: the right to do that is its folder's.
				rel, _ = drive.Split(rel)
				info.Kind = drive.Folder
			}
			c.unreadable[rel] = unread{info.Kind, err}
			return nil
		}
		if rel != "" && rel != "." {
			c.add(rel, path, info)
		}
		if len(c.files)%beatEvery == 0 {
			beat()
		}
		return nil
	})
	switch {
	case err == nil:
	case saysOfFolder(err):
		c.unreadable["."] = unread{drive.Folder, err}
	default:
		return nil, fmt.Errorf("looking at %s: %w", root, err)
	}
	if !sort.IsSorted(c) { // a folder and a file may have names that begin alike
		sort.Sort(c)
	}
	return c, nil
}

// saysOfFolder is true of an error with which the drive refused a folder that is there.
func saysOfFolder(err error) bool {
	for _, other := range []error{drive.ErrGone, drive.ErrForeign, context.Canceled, context.DeadlineExceeded, iofs.ErrNotExist, syscall.ENOTDIR} {
		if errors.Is(err, other) {
			return false
		}
	}
	return !drive.IsShortage(err)
}

// overlook forgets litter that could not be read: nobody misses anything in it, unless one
// of the items, which are sorted by path, is a listed file that lies there.
func (c *contents) overlook(p *profile.Profile, items []mhl.Item) {
	for path := range c.unreadable {
		i := sort.Search(len(items), func(i int) bool { return items[i].Path >= path })
		listed := i < len(items) && items[i].Path == path
		i = sort.Search(len(items), func(i int) bool { return items[i].Path >= path+"/" })
		listed = listed || i < len(items) && strings.HasPrefix(items[i].Path, path+"/")
		if !listed && p.LitterPath(path) {
			delete(c.unreadable, path)
		}
	}
}

// manifestsIn is what manifests may be among: the files of a roll but for those in litter,
// as what was thrown away with its manifest.
func (c *contents) manifestsIn(p *profile.Profile) []mhl.File {
	if !slices.ContainsFunc(c.folders, p.LitterPath) {
		return c.files
	}
	return slices.DeleteFunc(slices.Clone(c.files), func(f mhl.File) bool { return p.LitterPath(f.Path) })
}

// Len, Less and Swap sort by path.
func (c *contents) Len() int           { return len(c.files) }
func (c *contents) Less(i, j int) bool { return c.files[i].Path < c.files[j].Path }
func (c *contents) Swap(i, j int) {
	c.files[i], c.files[j] = c.files[j], c.files[i]
	c.looks[i], c.looks[j] = c.looks[j], c.looks[i]
}

func (c *contents) add(rel, path string, info drive.Info) {
	switch info.Kind {
	case drive.Regular:
		c.linked = c.linked || info.Nlink > 1
		c.inodes.add(info.Inode)
	case drive.Folder:
		c.folders = append(c.folders, rel)
	case drive.Symlink:
		c.odd = append(c.odd, finding.New(finding.Symlink, path, "is a symbolic link and is not shown"))
	case drive.Special:
		c.odd = append(c.odd, finding.New(finding.SpecialFile, path, "is a FIFO, socket or device and is not shown"))
	case drive.Foreign:
		c.folders = append(c.folders, rel)
		c.odd = append(c.odd, finding.New(finding.OtherFileSystem, path, "another file system is mounted there"))
	}
	c.files = append(c.files, mhl.File{Path: rel, Kind: info.Kind, Size: info.Size})
	c.looks = append(c.looks, roll.LookOf(info))
}
