// Package testdata carries the committed sample drive, so that the generator in
// drives works wherever its program runs. Go leaves folders called testdata out of
// ./..., hence nothing of it reaches the footagefs binary.
package testdata

import "embed"

// Drive is the sample drive as committed, below the folder "drive": media and
// manifests, without the times and the empty folders that Git does not keep.
//
//go:embed all:drive
var Drive embed.FS
