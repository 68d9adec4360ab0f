package drive

// openSource has the kernel tell of the whole file system where it may and can, else of
// the folders one by one. It covers the drive where every change passes through this
// kernel: not on servers, nor on FUSE drivers of anything but a block device.
func (d *Drive) openSource() (source, bool) {
	honest := d.fsys.Local || d.fsys.Device != ""
	if f, err := d.openFanotify(); err == nil {
		return f, honest
	}
	i, err := d.openInotify()
	if err != nil {
		return nil, false
	}
	i.covers = i.fill() == nil && honest
	return i, i.covers
}
