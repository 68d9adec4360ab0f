package main

import (
	"context"
	"path"

	"footagefs/catalog"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
)

// knownSums gives the checksums that the catalog has of a roll's files, with a look at each
// that is older than the catalog's own: should the file change between the two, the look
// does not fit any more, and the sums do not count. With sure, only those count that a
// verdict on strong evidence rests on.
func knownSums(ctx context.Context, cat *catalog.Catalog, d catalog.Drive, r catalog.Roll, sure bool) func(string) ([]checksum.Sum, drive.Info, bool) {
	return func(p string) ([]checksum.Sum, drive.Info, bool) {
		info, err := d.Handle.Stat(path.Join(r.Path, p))
		if err != nil {
			return nil, info, false
		}
		f, err := cat.File(ctx, r.ID, p)
		if err != nil || sure && (f.Status != verify.Verified || f.Evidence != "strong") {
			return nil, info, false
		}
		return f.Found, info, len(f.Found) > 0
	}
}
