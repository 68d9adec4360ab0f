package catalog

import (
	"context"
	"time"

	"footagefs/verify/drive"
)

// How often, and with which pauses, what failed for want of descriptors or memory of our own
// is tried again: others of this process may give some back.
const (
	patientTries = 10
	patientPause = 100 * time.Millisecond
)

// withPatience tries again while there is a shortage of our own.
func withPatience(ctx context.Context, try func() error) error {
	err := try()
	for n := 1; n < patientTries && drive.IsShortage(err) && ctx.Err() == nil; n++ {
		if sleep(ctx, patientPause) != nil {
			return err
		}
		err = try()
	}
	return err
}
