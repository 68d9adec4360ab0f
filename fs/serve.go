// Package fs is what the kernel sees: a mount with the footage library, the drives as
// they are, and the reports, read-only, with verdicts as extended attributes.
//
// layout.go decides what the tree looks like, from values alone; the other files are its
// voice. Below a roll and below Drives the tree is the drive itself, looked at anew at
// each call. Verdicts, reports and findings are asked of the catalog and never computed
// here: this package knows no manifests, no checksums, no SQL. Nothing in the way of
// reading footage asks for a verdict, and nothing here starts a reading.
//
// A node that the kernel knows stands for a path and for one state of what lies there:
// a file put in another's place, and each version of a report, is another node.
package fs

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"footagefs/catalog"
)

// Live is a mount while it is served.
type Live struct {
	system   *fileSystem
	standing *standing
}

// Device tells the mount's file system from all others while it is mounted, as the table of
// mounts does.
func (l *Live) Device() string { return l.standing.device }

// Point is where it is mounted now, which may be another place than where it began. When
// it is unmounted, it is the last place.
func (l *Live) Point() string { return l.standing.at() }

// Unmount unmounts it, wherever it is; the serving ends when the kernel has let go. While
// somebody uses it, it stays, and the error wraps ErrInUse; where another file system is
// mounted over it or in it, the error is a *CoveredError.
func (l *Live) Unmount() error { return l.standing.takeAway(false) }

// Resolve says which rolls a path inside the mount means. The path is relative to the
// mount point; links in it may be resolved or not.
func (l *Live) Resolve(path string) (catalog.Filter, error) {
	f, ok := l.system.views.get().layout.Resolve(path)
	if !ok {
		return f, fmt.Errorf("%q is not in the mount", path)
	}
	return f, nil
}

// Serve mounts the catalog's drives at mountpoint and serves until ctx ends or the mount
// is unmounted from outside, even if it lives on in another mount namespace: who unmounts
// wants the drives back. It goes on when the mount is moved to another place or a folder
// above it gets another name.
//
// When it returns nothing of it is left mounted, and a mount point that it made is gone;
// nothing else is ever unmounted: where another file system lies over the mount, it stays
// below that, and the error wraps a *CoveredError. Ending takes two seconds at most, also
// while files are open or a drive does not answer. Other errors say why it could not be
// mounted, and what to do.
func Serve(ctx context.Context, mountpoint string, cat *catalog.Catalog, o Options) error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if !o.Debug {
		o.Log = slog.New(newBounded(o.Log.Handler(), time.Now))
	}
	var dirs []string
	for _, d := range cat.Drives() {
		dirs = append(dirs, d.Dir)
	}
	if err := o.possible(); err != nil {
		return err
	}
	point, err := prepare(mountpoint, dirs)
	if err != nil {
		return err
	}
	defer func() { point.remove() }()
	if err := mayMountOn(point.path); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	system := newFileSystem(ctx, cat, o)
	server, standing, err := begin(system, point.path, o.mountOptions(dirs))
	if err != nil {
		return err
	}
	defer func() { point.moved = standing.at() }()
	return system.serve(ctx, server, standing, o)
}

// serve answers the kernel until the mount ends, one way or the other.
func (f *fileSystem) serve(ctx context.Context, server *fuse.Server, standing *standing, o Options) error {
	var helpers sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer func() { cancel(); waitAtMost(&helpers, waitFor) }()
	helpers.Go(func() { f.keepBounded(ctx) })
	if f.rights != nil {
		f.cat.OnChange(f.rights.changed)
	}
	if f.kernel.canBeTold() { // of what changes from the first answer on
		f.cat.OnChange(f.changes.add)
		helpers.Go(func() { f.tellKernel(ctx) })
		helpers.Go(func() { f.followDrives(ctx) })
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve()
	}()
	// Permissions that were asked for may keep even its own user out: it is live all the same.
	if err := server.WaitMount(); err != nil && !errors.Is(err, iofs.ErrPermission) {
		_ = standing.release(ended)
		return fmt.Errorf("waiting for the mount: %w", err)
	}
	if o.Live != nil {
		o.Live(&Live{f, standing})
	}
	if o.Ready != nil {
		o.Ready(f.kernel.mode())
	}
	for {
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return standing.release(ended)
		case <-time.After(stillEach):
			if standing.gone() {
				return nil
			}
		}
	}
}

// stillEach is how often a mount looks whether it is still mounted here: the kernel tells,
// but for a mount that lives on in another mount namespace.
const stillEach = time.Second

// newFileSystem is a tree that is ready to be asked.
func newFileSystem(ctx context.Context, cat *catalog.Catalog, o Options) *fileSystem {
	root := node{key: key{kind: ownFolder}, id: fuse.FUSE_ROOT_ID, inode: ownInode("")}
	f := &fileSystem{
		RawFileSystem: fuse.NewDefaultRawFileSystem(),
		ctx:           ctx,
		cat:           cat,
		views:         views{cat: cat, verifiedOnly: o.VerifiedOnly, now: time.Now},
		reports:       reports{cat: cat, now: time.Now, names: o.AllowOther},
		notes:         notes{cat: cat, now: time.Now},
		table:         newTable(root, mostNodes),
		changes:       newChanges(),
		owner:         owner{o.UID, o.GID, o.Umask},
		uid:           uint32(os.Getuid()),
		gid:           uint32(os.Getgid()),
		onlyRoot:      o.AllowRoot && !o.AllowOther,
		started:       time.Now(),
		now:           time.Now,
		log:           o.Log,
	}
	f.kernel.log = o.Log
	f.rights = newRights(o, &f.hung, f.now)
	return f
}

// Init is called by go-fuse when the kernel has introduced itself.
func (f *fileSystem) Init(server *fuse.Server) { f.kernel.introduce(server) }

// String names the file system to go-fuse.
func (f *fileSystem) String() string { return fsType }
