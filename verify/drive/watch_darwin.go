package drive

// openSource has none to offer: what there is for it (FSEvents) needs a run loop.
func (d *Drive) openSource() (source, bool) { return nil, false }
