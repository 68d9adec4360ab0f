package fs

import (
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// Options say how a mount answers. The zero value is a mount for its user alone.
type Options struct {
	AllowOther bool // other users, too
	AllowRoot  bool // root, too
	UID, GID   *uint32
	Umask      *uint32 // permissions that nobody gets

	NoXattr      bool   // no extended attributes at all
	VerifiedOnly bool   // just the rolls that are verified
	VolName      string // what Finder calls it
	FsName       string // what df and /proc/mounts call the source; "": the drives' paths

	Log   *slog.Logger // nil: none
	Debug bool         // every request goes to the log
}

// How footage is read, as Mode tells.
const (
	ModePassthrough = "passthrough" // by the kernel itself, from the drive's files
	ModeSplice      = "splice"      // by way of this program, without copying
)

// fsType is what /proc/mounts and df -T show after "fuse.".
const fsType = "footagefs"

// mountOptions are what go-fuse is told.
func (o Options) mountOptions(drives []string) *fuse.MountOptions {
	level := slog.LevelWarn
	if o.Debug {
		level = slog.LevelDebug
	}
	logger := slog.NewLogLogger(o.Log.Handler(), level)
	m := &fuse.MountOptions{
		Name:          fsType,
		FsName:        o.source(drives),
		AllowOther:    o.AllowOther || o.AllowRoot,
		Options:       []string{"ro", "nosuid", "nodev"},
		MaxBackground: 64,
		MaxWrite:      1 << 20,
		MaxReadAhead:  1 << 20,
		DisableXAttrs: o.NoXattr,
		Debug:         o.Debug,
		Logger:        logger,
		PanicHandler:  o.survive,
	}
	if m.AllowOther {
		// Without it any user could read what only the drive's owner may.
		m.Options = append(m.Options, "default_permissions")
	}
	o.platform(m)
	return m
}

// source is the first column of df. A comma would begin another mount option, and what
// terminals obey would be shown by every program that prints the table of mounts.
func (o Options) source(drives []string) string {
	name := o.FsName
	if name == "" {
		names := make([]string, len(drives))
		for i, d := range drives {
			names[i] = filepath.Clean(d)
		}
		name = strings.Join(names, ":")
	}
	if name == "" {
		name = fsType
	}
	plain := []byte(name)
	for i, c := range plain {
		if c == ',' || c < ' ' || c == 0x7f {
			plain[i] = '_'
		}
	}
	return string(plain)
}
