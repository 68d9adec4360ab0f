// Package fs is what the kernel sees: a mount with the footage library, the drives as
// they are, and the reports, read-only, with verdicts as extended attributes.
//
// The room fs/tree decides what the tree looks like, from values alone; the other files are its
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

// Live is a mount from when it can be used until it has ended. It is safe for use by several
// goroutines.
type Live struct {
	system   *fileSystem
	standing *standing
	place    mountPoint

	end     context.CancelFunc // has the mount ended
	helpers sync.WaitGroup
	done    chan struct{} // closed when the mount has ended
	err     error         // how it ended; set before done is closed
}

// Mount mounts the catalog's drives at mountpoint and returns when the mount is live. It
// lives until End is called or it is unmounted from outside, even if it then lives on in
// another mount namespace: who unmounts wants the drives back. It goes on when it is moved to
// another place or a folder above it gets another name.
//
// After an error nothing of it is left mounted. It says why it could not be mounted, and what
// to do.
func Mount(mountpoint string, cat *catalog.Catalog, o Options) (*Live, error) {
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
		return nil, err
	}
	place, err := prepare(mountpoint, dirs)
	if err != nil {
		return nil, err
	}
	if err := mayMountOn(place.path); err != nil {
		place.remove()
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	system := newFileSystem(ctx, cat, o)
	l := &Live{system: system, place: place, end: end, done: make(chan struct{})}
	if err := l.start(ctx, system, o.mountOptions(dirs)); err != nil {
		return nil, err
	}
	return l, nil
}

// start mounts what answers the kernel, which is the system itself but in tests, and returns
// when the kernel has been answered for the first time. After an error nothing is left of it.
func (l *Live) start(ctx context.Context, answers fuse.RawFileSystem, o *fuse.MountOptions) error {
	server, standing, err := begin(answers, l.place.path, o)
	if err != nil {
		l.end()
		l.place.remove()
		return err
	}
	l.standing = standing
	l.help(ctx)
	unmounted := make(chan struct{})
	go func() {
		defer close(unmounted)
		server.Serve()
	}()
	// Permissions that were asked for may keep even its own user out: it is live all the same.
	if err := server.WaitMount(); err != nil && !errors.Is(err, iofs.ErrPermission) {
		_ = standing.release(unmounted)
		l.clearUp()
		return fmt.Errorf("waiting for the mount: %w", err)
	}
	go func() {
		defer close(l.done)
		l.err = l.live(ctx, unmounted)
		l.clearUp()
	}()
	return nil
}

// help starts what a mount does beside answering, until ctx ends.
func (l *Live) help(ctx context.Context) {
	f := l.system
	l.helpers.Go(func() { f.keepBounded(ctx) })
	if f.rights != nil {
		f.cat.OnChange(f.rights.changed)
	}
	if f.kernel.canBeTold() { // of what changes from the first answer on
		f.cat.OnChange(f.changes.add)
		l.helpers.Go(func() { f.tellKernel(ctx) })
		l.helpers.Go(func() { f.followDrives(ctx) })
	}
}

// live returns when the mount is no longer there: because it was unmounted, or because ctx
// ended and it was given back.
func (l *Live) live(ctx context.Context, unmounted <-chan struct{}) error {
	for {
		select {
		case <-unmounted:
			return nil
		case <-ctx.Done():
			return l.standing.release(unmounted)
		case <-time.After(stillEach):
			if l.standing.gone() {
				return nil
			}
		}
	}
}

// clearUp ends the helpers and takes away the mount point that was made for this mount.
func (l *Live) clearUp() {
	l.end()
	waitAtMost(&l.helpers, waitFor)
	l.place.moved = l.standing.at()
	l.place.remove()
}

// Mode is how footage is read: ModePassthrough or ModeSplice.
func (l *Live) Mode() string { return l.system.kernel.mode() }

// Device tells the mount's file system from all others while it is mounted, as the table of
// mounts does.
func (l *Live) Device() string { return l.standing.device }

// Point is where it is mounted now, which may be another place than where it began. When
// it is unmounted, it is the last place.
func (l *Live) Point() string { return l.standing.at() }

// Resolve says which rolls a path inside the mount means. The path is relative to the
// mount point; links in it may be resolved or not.
func (l *Live) Resolve(path string) (catalog.Filter, error) {
	f, ok := l.system.views.get().layout.Resolve(path)
	if !ok {
		return f, fmt.Errorf("%q is not in the mount", path)
	}
	return f, nil
}

// Unmount unmounts it, wherever it is; Done tells when the kernel has let go. While somebody
// uses it, it stays, and the error wraps ErrInUse; where another file system is mounted over
// it or in it, the error is a *CoveredError.
func (l *Live) Unmount() error { return l.standing.takeAway(false) }

// Done is closed when the mount has ended, whoever ended it.
func (l *Live) Done() <-chan struct{} { return l.done }

// End ends the mount, if it has not ended yet, and returns when it has: after two seconds at
// most, also while files are open or a drive does not answer. Nothing of it is left mounted
// then, and a mount point that it made is gone. Nothing else is ever unmounted: where another
// file system lies over the mount, it stays below that, and the error wraps a *CoveredError.
func (l *Live) End() error {
	l.end()
	<-l.done
	return l.err
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
