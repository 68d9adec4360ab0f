package seal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"footagefs/verify/mhl"
)

// tempPrefix begins the names of what is not finished. Files of such names ("._") are
// litter to everybody, so that one that a crash leaves behind changes nothing; the next
// seal removes it.
const tempPrefix = "._footagefs-seal-"

// open opens the roll's folder for writing, before anything is read, and keeps other seals
// out of it.
func (s *sealer) open(context.Context) error {
	folder, err := s.d.OpenWritable(path.Clean(s.roll))
	if err != nil {
		return fmt.Errorf("opening it for writing: %w", err)
	}
	s.dir = folder
	err = unix.Faccessat(int(folder.Fd()), ".", unix.W_OK, unix.AT_EACCESS)
	switch {
	case errors.Is(err, unix.EROFS):
		return s.refuse("its volume is mounted read-only, no manifest can be written", "mount it for writing, or seal a copy")
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return s.refuse("this user may not write in its folder", "seal it as the owner of its files")
	case err != nil:
		return fmt.Errorf("asking whether it can be written to: %w", err)
	}
	if errors.Is(unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
		return s.refuse("it is being sealed by another process", "wait for that one")
	}
	return nil
}

func (s *sealer) close() {
	if s.dir != nil {
		s.dir.Close()
	}
}

// write writes what was planned: of nested histories first, so that what refers to them is
// never there without them.
func (s *sealer) write(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &writer{step: s.o.step}
	if w.step == nil {
		w.step = func(string) error { return nil }
	}
	if s.o.Legacy {
		if err := w.create(s.dir, s.report.Manifest, s.legacy); err != nil {
			return err
		}
		s.report.Written = append(s.report.Written, s.report.Manifest)
		return nil
	}
	for i := len(s.targets) - 1; i >= 0; i-- {
		t := s.targets[i]
		if t.content == nil {
			continue
		}
		if err := s.writeTarget(w, t); err != nil {
			return err
		}
		s.report.Written = append(s.report.Written, path.Join(t.scope, mhl.HistoryFolder, t.name))
	}
	return nil
}

// writeTarget writes a generation and, last, the chain that makes it one. A history's
// first generation comes into being whole, folder and all.
func (s *sealer) writeTarget(w *writer, t *target) error {
	if t.history == nil {
		return w.createFolder(s.dir, mhl.HistoryFolder, []newFile{{t.name, t.content}, {mhl.ChainName, t.chain}})
	}
	folder, err := s.d.OpenWritable(s.onDrive(t.history.Path))
	if err != nil {
		return fmt.Errorf("opening %s for writing: %w", t.history.Path, err)
	}
	defer folder.Close()
	if err := w.create(folder, t.name, t.content); err != nil {
		return err
	}
	return w.replace(folder, mhl.ChainName, t.chain)
}

// newFile is a file that is to be written.
type newFile struct {
	name    string
	content []byte
}

// writer writes files in folders that are open, so that each is there whole or not at all.
type writer struct {
	step func(string) error
	dead bool // a step ended the process's life: nothing is put in order any more
}

// reach is the end of a step.
func (w *writer) reach(step string) error {
	err := w.step(step)
	w.dead = w.dead || err != nil
	return err
}

// create writes a file that must not be there yet.
func (w *writer) create(folder *os.File, name string, content []byte) error {
	return w.put(folder, name, content, func(temp string) error {
		return renameNew(int(folder.Fd()), temp, name)
	})
}

// replace writes a file in the place of what is there.
func (w *writer) replace(folder *os.File, name string, content []byte) error {
	return w.put(folder, name, content, func(temp string) error {
		return unix.Renameat(int(folder.Fd()), temp, int(folder.Fd()), name)
	})
}

func (w *writer) put(folder *os.File, name string, content []byte, rename func(temp string) error) (err error) {
	w.clean(folder)
	temp := tempPrefix + rand.Text()
	defer func() {
		if err != nil && !w.dead {
			_ = unix.Unlinkat(int(folder.Fd()), temp, 0)
		}
	}()
	if err := w.fill(folder, temp, content); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := rename(temp); err != nil {
		return fmt.Errorf("putting %s in place: %w", name, err)
	}
	if err := w.reach("renamed " + name); err != nil {
		return err
	}
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("writing the folder of %s: %w", name, err)
	}
	return w.reach("synced the folder of " + name)
}

// fill writes a new file to the disk.
func (w *writer) fill(folder *os.File, name string, content []byte) (err error) {
	fd, err := unix.Openat(int(folder.Fd()), name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	giveAway(f, folder)
	if err := w.reach("created " + name); err != nil {
		return err
	}
	half := len(content) / 2
	for _, part := range [][]byte{content[:half], content[half:]} {
		if _, err := f.Write(part); err != nil {
			return err
		}
		if err := w.reach("wrote a half of " + name); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return w.reach("synced " + name)
}

// createFolder writes a folder with files that must not be there yet.
func (w *writer) createFolder(parent *os.File, name string, files []newFile) (err error) {
	w.clean(parent)
	temp := tempPrefix + rand.Text()
	defer func() {
		if err != nil && !w.dead {
			removeTemp(parent, temp)
		}
	}()
	if err := unix.Mkdirat(int(parent.Fd()), temp, 0o755); err != nil {
		return fmt.Errorf("making the folder %s: %w", name, err)
	}
	if err := w.reach("made " + temp); err != nil {
		return err
	}
	if err := w.fillFolder(parent, temp, files); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := renameNew(int(parent.Fd()), temp, name); err != nil {
		return fmt.Errorf("putting %s in place: %w", name, err)
	}
	if err := w.reach("renamed " + name); err != nil {
		return err
	}
	if err := syncFolder(parent); err != nil {
		return fmt.Errorf("writing the folder of %s: %w", name, err)
	}
	return w.reach("synced the folder of " + name)
}

func (w *writer) fillFolder(parent *os.File, name string, files []newFile) error {
	folder, err := openFolderAt(parent, name)
	if err != nil {
		return err
	}
	defer folder.Close()
	giveAway(folder, parent)
	for _, f := range files {
		if err := w.fill(folder, f.name, f.content); err != nil {
			return err
		}
	}
	if err := syncFolder(folder); err != nil {
		return err
	}
	return w.reach("synced the new folder")
}

func openFolderAt(parent *os.File, name string) (*os.File, error) {
	fd, err := unix.Openat(int(parent.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// syncFolder writes a folder's names to the disk, where the file system can.
func syncFolder(folder *os.File) error {
	err := folder.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

// giveAway makes the owner of a folder that of what is written in it: what root seals on a
// user's drive is the user's. Where owners cannot be changed it stays as it is.
func giveAway(f, folder *os.File) {
	var st unix.Stat_t
	if os.Geteuid() == 0 && unix.Fstat(int(folder.Fd()), &st) == nil {
		_ = unix.Fchown(int(f.Fd()), int(st.Uid), int(st.Gid))
	}
}

// clean removes what crashes of other seals have left in a folder. The roll is locked:
// none of it belongs to a seal that still works.
func (w *writer) clean(folder *os.File) {
	list, err := openFolderAt(folder, ".")
	if err != nil {
		return
	}
	defer list.Close()
	names, err := list.Readdirnames(-1)
	if err != nil {
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, tempPrefix) {
			removeTemp(folder, name)
		}
	}
}

// removeTemp removes a temporary file, or folder of files.
func removeTemp(parent *os.File, name string) {
	if unix.Unlinkat(int(parent.Fd()), name, 0) == nil {
		return
	}
	folder, err := openFolderAt(parent, name)
	if err != nil {
		return
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	for _, inner := range names {
		_ = unix.Unlinkat(int(folder.Fd()), inner, 0)
	}
	_ = unix.Unlinkat(int(parent.Fd()), name, unix.AT_REMOVEDIR)
}

// renameLooking renames where the file system cannot refuse by itself to replace what is
// there. The roll is locked against other seals.
func renameLooking(dir int, from, to string) error {
	var st unix.Stat_t
	err := unix.Fstatat(dir, to, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil {
		return unix.EEXIST
	}
	if !errors.Is(err, unix.ENOENT) {
		return err
	}
	return unix.Renameat(dir, from, dir, to)
}
