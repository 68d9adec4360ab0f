package drive

import "golang.org/x/sys/unix"

// Sync has what programs wrote be on the device, as far as sync(2) does.
func (d *Drive) Sync() error { return unix.Sync() }
