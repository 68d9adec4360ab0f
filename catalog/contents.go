package catalog

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// contents is what a walk of a roll met.
type contents struct {
	files      []mhl.File // with looks, sorted by the bytes of their paths
	looks      []look     // of each of the files
	folders    []string
	unreadable map[string]error
	odd        []Finding // links, special files, other file systems
	linked     bool      // some of the files have other names
	inodes     inodeRange
}

// walkRoll looks at everything in a roll. What the drive refuses is noted and the walk
// goes on; only a drive that is gone ends it. expected is how many files there are, about;
// beat is called now and then while the drive answers.
func walkRoll(ctx context.Context, d *drive.Drive, root string, expected int, beat func()) (*contents, error) {
	c := &contents{unreadable: map[string]error{}, files: make([]mhl.File, 0, expected), looks: make([]look, 0, expected)}
	err := d.Walk(ctx, root, func(path string, info drive.Info, err error) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if root == "." {
			rel = path
		}
		switch {
		case errors.Is(err, drive.ErrGone):
			return err
		case err != nil && !errors.Is(err, drive.ErrForeign):
			c.unreadable[rel] = err
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
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", root, err)
	}
	if !sort.IsSorted(c) { // a folder and a file may have names that begin alike
		sort.Sort(c)
	}
	return c, nil
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
		c.odd = append(c.odd, Finding{Severity: Warning, Code: "symlink", Path: path,
			Message: path + ": is a symbolic link and is not shown; replace it by the file it stands for, or tell post"})
	case drive.Special:
		c.odd = append(c.odd, Finding{Severity: Warning, Code: "special-file", Path: path,
			Message: path + ": is a FIFO, socket or device and is not shown; remove it from the copy"})
	case drive.Foreign:
		c.folders = append(c.folders, rel)
		c.odd = append(c.odd, Finding{Severity: Error, Code: "other-file-system", Path: path,
			Message: path + ": another file system is mounted there; give it as a DRIVE of its own"})
	}
	c.files = append(c.files, mhl.File{Path: rel, Kind: info.Kind, Size: info.Size})
	c.looks = append(c.looks, lookOf(info))
}
