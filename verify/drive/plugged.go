package drive

import "time"

// MayBeDirty is true of a file that may have been written since the drive was plugged in:
// what memory holds of it may not be what the device holds. Where the file system keeps no
// change time that may be any file.
func (d *Drive) MayBeDirty(i Info) bool {
	if d.plugged.protected {
		return false
	}
	return !d.fsys.Strong || max(i.ModTime, i.ChangeTime) >= d.plugged.since.Add(-sinceStep).UnixNano()
}

// plugged is what is known of this plug-in of the device.
type plugged struct {
	// since is the latest instant that is known to lie before everything that was written in
	// it; the zero time where none is known.
	since     time.Time
	protected bool // the device takes no writes
}

// sinceStep is how far the instant of the plug-in may be off: whole seconds, a look before
// and one after.
const sinceStep = 2 * time.Second
