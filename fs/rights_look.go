package fs

import (
	"errors"
	iofs "io/fs"
	"maps"
	"slices"

	"footagefs/fs/tree"
	"footagefs/verify/drive"
)

// inspection is a look at folders that may be closed to some.
type inspection struct {
	all     bool            // nothing that was known before counts
	folders map[string]bool // of the drive, to look at
	// Those of them that need not be there: a finding may be that they are not.
	mayBeGone map[string]bool

	above  []drive.Access
	inside map[string]drive.Access
}

// take looks at all of them; at the drive's root and at what is above it in any case, as no
// watch tells of that.
func (l *inspection) take(d *drive.Drive) {
	l.inside = make(map[string]drive.Access)
	for _, a := range d.Above() {
		if everybody(a)&mayPass == 0 {
			l.above = append(l.above, a)
		}
	}
	info, err := d.Stat(".")
	l.saw(".", &info, err, func() drive.Access { return d.Access(".", &info) })
	var dir *drive.Dir // the folder in which the last one lay
	var in string
	for _, path := range slices.Sorted(maps.Keys(l.folders)) {
		if path == "." {
			continue
		}
		folder, name := tree.Split(path)
		if dir == nil || in != folder {
			if dir != nil {
				dir.Close()
			}
			var err error
			if dir, err = d.Enter(path); err != nil {
				dir = nil
				l.saw(path, nil, err, nil)
				continue
			}
			in = folder
		}
		info, err := dir.Stat(name)
		l.saw(path, &info, err, func() drive.Access { return dir.Access(name, &info) })
	}
	if dir != nil {
		dir.Close()
	}
}

// saw keeps a folder where it is closed to some. What cannot be looked at is closed to all,
// so that nothing is open only because it was away for a moment.
func (l *inspection) saw(path string, info *drive.Info, err error, access func() drive.Access) {
	if errors.Is(err, iofs.ErrNotExist) && l.mayBeGone[path] {
		return
	}
	if err != nil {
		l.inside[path] = drive.Access{}
		return
	}
	if info.Kind != drive.Folder {
		return // a file may be a finding, and says nothing of what is named
	}
	if a := access(); everybody(a)&mayLook != mayLook {
		l.inside[path] = a
	}
}
