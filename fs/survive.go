package fs

import (
	"runtime/debug"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// survive makes a panic cost the one request in which it happened.
func (o Options) survive(reason any) fuse.Status {
	o.Log.Error("a request failed inside footagefs; the mount goes on", "panic", reason, "stack", string(debug.Stack()))
	return fuse.EIO
}
