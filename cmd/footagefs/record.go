package main

import (
	"context"
	"errors"

	"footagefs/catalog"
	"footagefs/verify/seal"
)

// record writes what a verification found into the histories of its rolls. Rolls that have
// none are said and are no failure: there is nothing that could be appended to.
func (p *program) record(ctx context.Context, work *verifyWork) error {
	var failed error
	drives := map[catalog.DriveID]catalog.Drive{}
	for _, d := range work.cat.Drives() {
		drives[d.ID] = d
	}
	for _, r := range work.cat.Rolls(work.filter) {
		if r.Status == catalog.RollOffline {
			continue
		}
		o := seal.Options{Record: true, Tool: "footagefs", Version: version(),
			Known: knownSums(ctx, work.cat, drives[r.Drive], r, false)}
		if err := p.ignoring(&o); err != nil {
			return err
		}
		report, err := seal.Write(ctx, drives[r.Drive].Handle, r.Path, o, nil)
		switch {
		case errors.Is(err, seal.ErrNoHistory), errors.Is(err, seal.ErrNothingToRecord):
			p.say("%s: nothing is recorded: %s", r.Path, reasonText(err))
		case err != nil:
			p.say("%s", err)
			failed = exitError(exitFailed)
		default:
			p.say("recorded %s", sealedText(r.Path, report))
		}
	}
	if err := work.cat.Inventory(ctx, work.filter); err != nil {
		return err
	}
	return failed
}

// reasonText is what is wrong, without what was being done, which is said already.
func reasonText(err error) string {
	for _, known := range []error{seal.ErrNoHistory, seal.ErrNothingToRecord} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error()
}
