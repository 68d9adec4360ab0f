package control

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"footagefs/catalog"
)

// release lets go of the named drives, or of all. Where files of any are open through the
// mount it lets go of none, and says who has which.
func (s *Server) release(ctx context.Context, names []Exact) error {
	drives, err := s.drivesNamed(names)
	if err != nil {
		return err
	}
	for _, d := range drives {
		if open := s.live.Open(d.ID); len(open) > 0 {
			return s.inUse(d, open)
		}
	}
	for _, d := range drives {
		err := s.cat.Release(ctx, d.ID)
		// One may have been opened this moment, before the drive was let go of.
		if open := s.live.Open(d.ID); len(open) > 0 {
			return s.inUse(d, open)
		}
		if errors.Is(err, catalog.ErrInUse) {
			return fmt.Errorf("%s does not answer: what was being read of it is still open; check cable and drive, and wait with pulling it until umount succeeds", d.Dir)
		}
		if err != nil {
			return fmt.Errorf("letting go of %s: %w", d.Dir, err)
		}
	}
	return nil
}

// drivesNamed are the drives of these names or folders, all for none.
func (s *Server) drivesNamed(names []Exact) ([]catalog.Drive, error) {
	all := s.cat.Drives()
	if names == nil {
		return all, nil
	}
	var drives []catalog.Drive
	for _, name := range names {
		i := driveNamed(all, string(name))
		if i < 0 {
			return nil, fmt.Errorf("%s is no drive of this mount; footagefs status names them", name)
		}
		drives = append(drives, all[i])
	}
	return drives, nil
}

// driveNamed finds a drive by its folder or its name.
func driveNamed(drives []catalog.Drive, name string) int {
	for i, d := range drives {
		if d.Dir == name || d.Name == name {
			return i
		}
	}
	return -1
}

// mostUsers is how many users of a drive are named.
const mostUsers = 8

// inUse names who has files of a drive open, as far as this process may see.
func (s *Server) inUse(d catalog.Drive, open []string) error {
	users, unseen := s.openBy(open)
	for _, path := range unseen {
		users = append(users, path+" (by whom cannot be seen)")
	}
	if more := len(users) - mostUsers; more > 0 {
		users = append(users[:mostUsers], fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("%s is in use through this mount: %s; close that and try again", d.Dir, strings.Join(users, ", "))
}

// openBy finds the processes that have these paths of the mount open, and the paths that
// none is seen to have.
func (s *Server) openBy(paths []string) (users, unseen []string) {
	used := map[string]bool{}
	point := s.live.Point() // where it is by now
	for _, u := range openFiles(point) {
		if rel, err := filepath.Rel(point, u.path); err == nil && slices.Contains(paths, rel) {
			users = append(users, fmt.Sprintf("%s (by %s, process %s)", rel, u.program, u.process))
			used[rel] = true
		}
	}
	for _, path := range paths {
		if !used[path] {
			unseen = append(unseen, path)
		}
	}
	return users, unseen
}

// openFile is a file that a process has open or mapped.
type openFile struct{ program, process, path string }
