package drive

// OpenElsewhere is not known on macOS, where the kernel reads no file by itself.
func (f File) OpenElsewhere() bool { return false }
