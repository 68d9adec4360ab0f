package drive

import "context"

// Watch calls changed with the folders (relative to the drive) in which something changed,
// until ctx ends. ready is called once with whether the watch covers the whole drive.
func (d *Drive) Watch(ctx context.Context, ready func(covers bool), changed func(folder string)) error {
	ready(false)
	<-ctx.Done()
	return nil
}

// ListXattr and GetXattr answer for the drive's own attributes.
func (d *Drive) ListXattr(path string) ([]string, error)    { return nil, nil }
func (d *Drive) GetXattr(path, name string) ([]byte, error) { return nil, nil }

// StatFS is the size of the file system for df.
func (d *Drive) StatFS() (blocks, free, files, filesFree uint64, blockSize uint32, err error) { return }
