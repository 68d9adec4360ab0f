package verify

// settleOnDevice does nothing: there is no way to drop a file's pages, and F_NOCACHE, with
// which files are read, uses those that are there.
func settleOnDevice(fd int, flush bool) (leftInMemory, error) { return nothingLeft, nil }

// around is never made.
type around struct{}

func newAround(fd int) (*around, bool) { return nil, false }

func (a *around) read(fd int, b []byte, offset int64) (int, error) { return 0, nil }
